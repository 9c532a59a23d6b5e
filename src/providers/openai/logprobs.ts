import type { TokenLogprob } from '../../protocol/chat/answer.ts';
import { isObject, type WireObject } from './wire.ts';

export interface Logprobs {
  readonly content?: readonly TokenLogprob[];
  readonly refusal?: readonly TokenLogprob[];
}

/**
 * The probabilities of a choice's tokens. `undefined` for what has another
 * form: the older one of Together's has lists beside each other.
 */
export function readLogprobs(value: unknown): Logprobs | undefined {
  if (!isObject(value)) return undefined;
  const content = tokensOf(value['content']);
  const refusal = tokensOf(value['refusal']);
  if (content === undefined && refusal === undefined) return undefined;
  return { ...(content === undefined ? {} : { content }), ...(refusal === undefined ? {} : { refusal }) };
}

function tokensOf(value: unknown): TokenLogprob[] | undefined {
  if (!Array.isArray(value) || !value.every(isToken)) return undefined;
  return value.map((token) => {
    const top = token.top_logprobs;
    const bare = bareToken(token);
    return Array.isArray(top) ? { ...bare, top: top.filter(isToken).map(bareToken) } : bare;
  });
}

interface WireToken {
  readonly token: string;
  readonly logprob: number;
  readonly bytes?: readonly number[] | null;
  readonly top_logprobs?: unknown;
}

function isToken(value: unknown): value is WireToken {
  return isObject(value) && typeof value['token'] === 'string' && typeof value['logprob'] === 'number';
}

function bareToken({ token, logprob, bytes }: WireToken): Omit<TokenLogprob, 'top'> {
  return { token, logprob, ...(Array.isArray(bytes) || bytes === null ? { bytes } : {}) };
}

/** As the answer's `logprobs`, whose every member strict clients want; `null` where nothing is known. */
export function logprobsJson({ content, refusal }: Logprobs): WireObject | null {
  if (content === undefined && refusal === undefined) return null;
  return { content: content?.map(tokenJson) ?? null, refusal: refusal?.map(tokenJson) ?? null };
}

function tokenJson({ token, logprob, bytes, top }: TokenLogprob): WireObject {
  return {
    token,
    logprob,
    bytes: bytes ?? null,
    top_logprobs: (top ?? []).map((other) => ({
      token: other.token,
      logprob: other.logprob,
      bytes: other.bytes ?? null,
    })),
  };
}
