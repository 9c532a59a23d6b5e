import type { ClientCodec } from '../../protocol/chat/codec.ts';
import { answerJson } from './answer-writer.ts';
import { readCall } from './call-reader.ts';
import { ChatStreamWriter } from './stream-writer.ts';

/** `POST /v1/chat/completions`, for providers that speak another dialect. */
export const chatClient: ClientCodec = {
  dialect: 'openai-chat',
  readCall,
  writeAnswer: (answer, identity) => Buffer.from(JSON.stringify(answerJson(answer, identity))),
  streamWriter: (identity) => new ChatStreamWriter(identity),
};
