import type { IncomingMessage } from 'node:http';
import type { WireDialect } from '../../exchange/dialect.ts';

/** How a refusal is told, in the dialect that whoever asks will read. */
export type ErrorVoice = Pick<WireDialect, 'errorBody' | 'errorStatus' | 'requestIdHeader'>;

export interface ErrorVoices {
  readonly openai: ErrorVoice;
  readonly anthropic: ErrorVoice;
  readonly gemini: ErrorVoice;
}

/** What Google's clients call is a method behind a model's name, in whichever version of its API. */
const GOOGLE_METHOD = /^\/v1\/models\/[^?]*:[A-Za-z]+(?:\?|$)/;

/**
 * The voice for a request, whatever became of it: Google's and Anthropic's
 * clients are known by their paths, and elsewhere by what each of them sends.
 */
export function errorVoice(req: IncomingMessage | undefined, { openai, anthropic, gemini }: ErrorVoices): ErrorVoice {
  if (req === undefined) return openai;
  const { url = '' } = req;
  if (url.startsWith('/v1/messages')) return anthropic;
  if (url.startsWith('/v1beta/') || GOOGLE_METHOD.test(url)) return gemini;
  const ambiguous = url.startsWith('/v1/') && !url.startsWith('/v1/chat/');
  if (!ambiguous) return openai;
  if (isAnthropicClient(req)) return anthropic;
  return isGoogleClient(req) ? gemini : openai;
}

/** Every request of Anthropic's API names its version, and none of another's does. */
export function isAnthropicClient({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['anthropic-version'] !== undefined;
}

/** Google's clients present their key in a header of their own, or say who they are in another one. */
export function isGoogleClient({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['x-goog-api-key'] !== undefined || headers['x-goog-api-client'] !== undefined;
}
