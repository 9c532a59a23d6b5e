import type { GatewayError } from '../kernel/errors.ts';
import type { HeaderLookup } from '../protocol/upstream.ts';

/** An upstream answer with a status of 400 or more. */
export interface ErrorAnswer {
  readonly status: number;
  readonly header: HeaderLookup;
  readonly body: Buffer;
}

/** What an error answer means for us and for the client. */
export interface Judgement {
  readonly error: GatewayError;
  /** True when the body is the provider's own JSON error, fit to be handed on byte for byte. */
  readonly relay: boolean;
  /** A quota or a spend limit is used up: no use to try again soon. */
  readonly exhausted: boolean;
}

/** An error's body as JSON, where it is. */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // An HTML page or a cut body: there is no provider's message to quote.
    return undefined;
  }
}

export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** The provider's message, when the body is a JSON object that carries an error. */
export function errorMessageOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { error, message, detail } = value as Record<string, unknown>;
  for (const candidate of [error, message, detail]) {
    if (typeof candidate === 'string') return candidate;
    if (typeof candidate === 'object' && candidate !== null) {
      const inner = 'message' in candidate ? candidate.message : undefined;
      return typeof inner === 'string' ? inner : 'an error without a message';
    }
  }
  return undefined;
}
