import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { type ErrorVoice, errorVoice } from './error-voice.ts';

/** Voices that are told apart by their names. */
const voice = (name: string): ErrorVoice => ({
  errorBody: () => Buffer.from(name),
  errorStatus: () => 400,
  requestIdHeader: name,
});
const VOICES = {
  openai: voice('openai'),
  anthropic: voice('anthropic'),
  gemini: voice('gemini'),
  geminiArray: voice('geminiArray'),
};
const ANTHROPIC = { 'anthropic-version': '2023-06-01' };
const GOOGLE = { 'x-goog-api-key': 'k' };

test.each([
  ['POST', '/v1/responses', {}, 'openai'],
  // Whoever calls a path of one vendor's reads what that vendor says, whatever else it sends.
  ['POST', '/v1/responses', ANTHROPIC, 'openai'],
  ['DELETE', '/v1/responses/resp_1', GOOGLE, 'openai'],
  ['POST', '/v1/conversations?x=1', GOOGLE, 'openai'],
  ['POST', '/v1/embeddings', ANTHROPIC, 'openai'],
  ['POST', '/v1/messages/count_tokens', GOOGLE, 'anthropic'],
  ['GET', '/v1/models', {}, 'openai'],
  ['GET', '/v1/models', ANTHROPIC, 'anthropic'],
  ['GET', '/v1/models', GOOGLE, 'gemini'],
  ['GET', '/v1/models/x-ai/grok-4:free', {}, 'openai'],
  ['DELETE', '/v1/models/x-ai/grok-4:free', {}, 'openai'],
  ['POST', '/v1/models/m:generateContent', {}, 'gemini'],
  ['PUT', '/v1/models/m:generateContent', {}, 'gemini'],
  ['POST', '/v1beta/models/m:generateContent?key=k', {}, 'gemini'],
  ['GET', '/v1beta/nothing', {}, 'gemini'],
  ['POST', '/v1beta/models/m:streamGenerateContent?alt=sse', {}, 'gemini'],
  ['POST', '/v1/models/m:streamGenerateContent?key=k&$alt=sse', {}, 'gemini'],
  ['POST', '/v1beta/models/m:streamGenerateContent?alt=xml', {}, 'gemini'],
  ['POST', '/v1beta/models/m:streamGenerateContent', {}, 'geminiArray'],
  ['POST', '/v1beta/models/m:streamGenerateContent?key=k', {}, 'geminiArray'],
  ['POST', '/v1/models/m:streamGenerateContent?alt=json', {}, 'geminiArray'],
  ['GET', '/admin/keys', GOOGLE, 'openai'],
])('%s %s with %j is answered as %s would', (method, url, headers, name) => {
  const req = { method, url, headers } as unknown as IncomingMessage;
  expect(errorVoice(req, VOICES).requestIdHeader).toBe(name);
});

test('what was no request is answered in the usual shape', () => {
  expect(errorVoice(undefined, VOICES).requestIdHeader).toBe('openai');
});
