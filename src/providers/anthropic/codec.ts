import type { ProviderCodec } from '../../protocol/chat/codec.ts';
import { readAnswer } from './answer-reader.ts';
import { writeCall } from './call-writer.ts';
import { MessagesStreamReader } from './stream-reader.ts';
import { MESSAGES } from './wire.ts';

/** Providers that speak Anthropic's Messages, for clients that do not. */
export const messagesProvider: ProviderCodec = {
  dialect: MESSAGES,
  upstreamPath: '/messages',
  writeCall,
  readAnswer,
  streamReader: (options) => new MessagesStreamReader(options),
};
