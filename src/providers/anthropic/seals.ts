import type { Signature } from '../../protocol/chat/content.ts';
import type { Dialect } from '../../protocol/operation.ts';
import { MESSAGES } from './wire.ts';

/**
 * Stands in the place of a signature on a thought that Anthropic's models did
 * not think. A seal of another dialect's follows it, so that it comes back to
 * its maker: `leeward-unsigned:<dialect>:<what>:<value>`. Whatever begins so
 * must never be sent to Anthropic, which would refuse the request.
 */
export const UNSIGNED = 'leeward-unsigned';

/** What a seal is: on a readable thought, the thought itself, or a thought that was held back. */
export type SealedThing = 'signature' | 'encrypted' | 'redacted';

export interface Seal {
  readonly what: SealedThing;
  readonly signature: Signature;
}

/** A seal as this dialect carries it: Anthropic's own as it is, another's behind its mark. */
export function writeSeal(signature: Signature | undefined, what: SealedThing): string {
  if (signature === undefined) return UNSIGNED;
  return signature.dialect === MESSAGES
    ? signature.value
    : `${UNSIGNED}:${signature.dialect}:${what}:${signature.value}`;
}

const FOREIGN = /^leeward-unsigned:([a-z-]{1,40}):(signature|encrypted|redacted):/;

/** @returns `undefined` where there is no seal, whatever stands in its place */
export function readSeal(text: string, what: SealedThing): Seal | undefined {
  if (text === '' || text === UNSIGNED) return undefined;
  if (!text.startsWith(UNSIGNED)) return { what, signature: { value: text, dialect: MESSAGES } };
  const found = FOREIGN.exec(text);
  if (found === null) return undefined;
  const [head, dialect, kind] = found;
  // What is written in the mark came from a signature of this very vocabulary; a client that forges one fools itself.
  return {
    what: kind as SealedThing,
    signature: { value: text.slice(head.length), dialect: dialect as Dialect },
  };
}
