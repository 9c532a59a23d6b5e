import type { ProviderCodec } from '../../protocol/chat/codec.ts';
import { readAnswer } from './answer-reader.ts';
import { writeCall } from './call-writer.ts';
import { ResponsesStreamReader } from './stream-reader.ts';
import { RESPONSES } from './wire.ts';

/** Providers of the Responses API, for clients that speak another dialect. */
export const responsesProvider: ProviderCodec = {
  dialect: RESPONSES,
  upstreamPath: '/responses',
  writeCall,
  readAnswer,
  streamReader: (options) => new ResponsesStreamReader(options),
};
