import type { ProviderCodec } from '../../protocol/chat/codec.ts';
import { readAnswer } from './answer-reader.ts';
import { writeCall } from './call-writer.ts';
import { ChatStreamReader } from './stream-reader.ts';

/** Providers of the Chat Completions family, for clients that speak another dialect. */
export const chatProvider: ProviderCodec = {
  dialect: 'openai-chat',
  upstreamPath: '/chat/completions',
  writeCall,
  readAnswer,
  streamReader: (options) => new ChatStreamReader(options),
};
