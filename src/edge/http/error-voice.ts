import type { IncomingMessage } from 'node:http';
import type { WireDialect } from '../../exchange/dialect.ts';

/** How a refusal is told, in the dialect that whoever asks will read. */
export type ErrorVoice = Pick<WireDialect, 'errorBody' | 'errorStatus' | 'requestIdHeader'>;

export interface ErrorVoices {
  readonly openai: ErrorVoice;
  readonly anthropic: ErrorVoice;
  readonly gemini: ErrorVoice;
  /** Where a client of Google's streams one array. */
  readonly geminiArray: ErrorVoice;
}

/** What nobody but OpenAI's clients calls. */
const OPENAI_PATH = /^\/v1\/(?:chat|responses|conversations|completions|embeddings)(?:[/?]|$)/;
/** What Google's clients call is a method behind a model's name, in whichever version of its API. */
const GOOGLE_METHOD = /^\/v1\/models\/[^?]*:[A-Za-z]+(?:\?|$)/;
/** What OpenAI's clients ask of a model, whose name may have a colon: `x-ai/grok-4:free`. */
const A_MODELS_OWN: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'DELETE']);
const ARRAY_STREAM = /:streamGenerateContent(?:\?|$)/;
const OTHER_FORM = /[?&](?:\$|%24)?alt=(?!json(?:&|$))/i;

/**
 * The voice for a request, whatever became of it: Google's and Anthropic's
 * clients are known by their paths, and elsewhere by what each of them sends.
 */
export function errorVoice(req: IncomingMessage | undefined, voices: ErrorVoices): ErrorVoice {
  const { openai, anthropic, gemini, geminiArray } = voices;
  if (req === undefined) return openai;
  const { url = '', method } = req;
  if (url.startsWith('/v1/messages')) return anthropic;
  if (url.startsWith('/v1beta/') || (!A_MODELS_OWN.has(method) && GOOGLE_METHOD.test(url))) {
    return ARRAY_STREAM.test(url) && !OTHER_FORM.test(url) ? geminiArray : gemini;
  }
  if (!url.startsWith('/v1/') || OPENAI_PATH.test(url)) return openai;
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
