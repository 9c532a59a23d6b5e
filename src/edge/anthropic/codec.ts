import type { ClientCodec } from '../../protocol/chat/codec.ts';
import { MESSAGES } from '../../providers/anthropic/wire.ts';
import { writeAnswer } from './answer-writer.ts';
import { readCall } from './call-reader.ts';
import { MessagesStreamWriter } from './stream-writer.ts';

/** Clients that speak Anthropic's Messages, of providers that do not. */
export const messagesClient: ClientCodec = {
  dialect: MESSAGES,
  readCall,
  writeAnswer,
  streamWriter: (identity) => new MessagesStreamWriter(identity),
};
