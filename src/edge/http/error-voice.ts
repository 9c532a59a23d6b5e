import type { IncomingMessage } from 'node:http';
import type { WireDialect } from '../../exchange/dialect.ts';

/** How a refusal is told, in the dialect that whoever asks will read. */
export type ErrorVoice = Pick<WireDialect, 'errorBody' | 'errorStatus' | 'requestIdHeader'>;

export interface ErrorVoices {
  readonly openai: ErrorVoice;
  readonly anthropic: ErrorVoice;
}

/**
 * The voice for a request, whatever became of it: Anthropic's clients are known
 * by their paths, and elsewhere by the version that each of them sends.
 */
export function errorVoice(req: IncomingMessage | undefined, { openai, anthropic }: ErrorVoices): ErrorVoice {
  if (req === undefined) return openai;
  const { url = '' } = req;
  if (url.startsWith('/v1/messages')) return anthropic;
  const ambiguous = url.startsWith('/v1/') && !url.startsWith('/v1/chat/');
  return ambiguous && isAnthropicClient(req) ? anthropic : openai;
}

/** Every request of Anthropic's API names its version, and none of another's does. */
export function isAnthropicClient({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['anthropic-version'] !== undefined;
}
