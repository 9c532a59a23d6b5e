import type { Dialect } from '../operation.ts';
import type { ReasoningPart, Signature } from './content.ts';

/**
 * Stands, in a client's dialect (the carrier), where that dialect's own vendor
 * puts a signature or sealed thought, on one that it did not make. What its
 * maker wants back follows it, so that it comes back:
 *
 *     leeward-unsigned:<dialect>:<what>[~<members>]:<seal>
 *
 * where the members are those of the thought beside its text, JSON in
 * base64url. Whatever begins so must never be sent to the carrier's own vendor,
 * which would refuse the request.
 */
export const UNSIGNED = 'leeward-unsigned';

/**
 * What a seal is: on a readable thought, the thought itself, a thought that was
 * held back, or on the tool call that follows; or there is none.
 */
export type SealedThing = 'signature' | 'encrypted' | 'redacted' | 'call' | 'none';

/** What of a thought stands beside its text. */
export type SealedThought = Pick<ReasoningPart, 'id' | 'summary' | 'rest'>;

export interface Seal extends SealedThought {
  readonly what: SealedThing;
  /** Absent where there is none. */
  readonly signature?: Signature;
}

/** A seal as a dialect carries it: its own as it is, another's behind its mark. A tool call's is marked in any case. */
export function writeSeal(
  carrier: Dialect,
  signature: Signature | undefined,
  what: SealedThing,
  thought: SealedThought = {},
): string {
  if (signature?.dialect === carrier && what !== 'call') return signature.value;
  const { id, summary } = thought;
  const rest = thought.rest?.dialect === carrier ? undefined : thought.rest;
  const bare = id === undefined && summary === undefined && rest === undefined;
  if (signature === undefined && bare) return UNSIGNED;
  const members = bare
    ? ''
    : `~${Buffer.from(JSON.stringify({ id, summary, rest: rest?.fields })).toString('base64url')}`;
  const dialect = signature?.dialect ?? rest?.dialect ?? 'any';
  const kind = signature === undefined ? 'none' : what;
  return `${UNSIGNED}:${dialect}:${kind}${members}:${signature?.value ?? ''}`;
}

const FOREIGN = /^leeward-unsigned:([a-z-]{1,40}):(signature|encrypted|redacted|call|none)(?:~([\w-]*))?:/;

/** @returns `undefined` where there is no seal, whatever stands in its place */
export function readSeal(carrier: Dialect, text: string, what: SealedThing): Seal | undefined {
  if (text === '' || text === UNSIGNED) return undefined;
  if (!text.startsWith(UNSIGNED)) return { what, signature: { value: text, dialect: carrier } };
  const found = FOREIGN.exec(text);
  if (found === null || (found[1] === carrier && found[2] !== 'call')) return undefined;
  const [head, name, kind, members] = found;
  // A name is only ever compared, and one that a client made up is nobody's.
  const dialect = name as Dialect;
  const thought = members === undefined ? {} : thoughtIn(members, dialect);
  if (kind === 'none') return { what: 'none', ...thought };
  return { what: kind as SealedThing, ...thought, signature: { value: text.slice(head.length), dialect } };
}

function thoughtIn(members: string, dialect: Dialect): SealedThought {
  const kept = jsonIn(Buffer.from(members, 'base64url').toString('utf8'));
  if (!isFields(kept)) return {};
  const { id, summary, rest } = kept;
  return {
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof summary === 'boolean' ? { summary } : {}),
    ...(isFields(rest) ? { rest: { dialect, fields: rest } } : {}),
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // A client that cut or changed it has lost it; the thought is still a thought.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
