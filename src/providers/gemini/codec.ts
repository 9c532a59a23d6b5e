import type { ProviderCodec } from '../../protocol/chat/codec.ts';
import { readAnswer } from './answer-reader.ts';
import { writeCall } from './call-writer.ts';
import { GeminiStreamReader } from './stream-reader.ts';
import { GEMINI } from './wire.ts';

/** Providers that speak Gemini's `generateContent`, for clients that do not. */
export const geminiProvider: ProviderCodec = {
  dialect: GEMINI,
  upstreamPath: '/models/{model}:generateContent',
  // An array, which is the other form of a stream, could only be told apart at its end.
  streamPath: '/models/{model}:streamGenerateContent?alt=sse',
  writeCall,
  readAnswer,
  streamReader: (options) => new GeminiStreamReader(options),
};
