import type { ClientCodec } from '../../protocol/chat/codec.ts';
import { GEMINI } from '../../providers/gemini/wire.ts';
import { writeAnswer } from './answer-writer.ts';
import { readCall } from './call-reader.ts';
import { GeminiStreamWriter } from './stream-writer.ts';

/** Clients that speak Gemini, of providers that do not. */
export const geminiClient: ClientCodec = {
  dialect: GEMINI,
  readCall,
  writeAnswer,
  streamWriter: (identity) => new GeminiStreamWriter(identity),
};
