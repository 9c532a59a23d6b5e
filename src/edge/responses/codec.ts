import type { ClientCodec } from '../../protocol/chat/codec.ts';
import { RESPONSES } from '../../providers/responses/wire.ts';
import { writeAnswer } from './answer-writer.ts';
import { readCall } from './call-reader.ts';
import { ResponsesStreamWriter } from './stream-writer.ts';

/** Clients that speak OpenAI's Responses, of providers that do not. */
export const responsesClient: ClientCodec = {
  dialect: RESPONSES,
  readCall,
  writeAnswer,
  streamWriter: (identity) => new ResponsesStreamWriter(identity),
};
