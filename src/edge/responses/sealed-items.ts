import type { Draft } from '../../kernel/draft.ts';
import type { ContentPart, ReasoningPart, RedactedReasoningPart, Signature } from '../../protocol/chat/content.ts';
import { readSeal, type Seal, UNSIGNED, writeSeal } from '../../protocol/chat/seals.ts';
import { someText, type WireObject } from '../../providers/openai/wire.ts';
import { readReasoning } from '../../providers/responses/reasoning.ts';
import { RESPONSES } from '../../providers/responses/wire.ts';

/**
 * Items of thoughts as this dialect's clients keep them: what another vendor
 * signed or sealed stands behind a mark of ours in `encrypted_content`, which
 * every client sends back as it came.
 */

/** Belongs to the call that follows it. */
export interface CallSignature {
  readonly type: 'call-signature';
  readonly signature: Signature;
}

/** An item `reasoning` of a request. `undefined` for one that says nothing. */
export function readThought(item: WireObject): ReasoningPart | RedactedReasoningPart | CallSignature | undefined {
  const sealed = someText(item['encrypted_content']);
  const read = readReasoning(item);
  if (sealed?.startsWith(UNSIGNED) !== true) return read;
  const seal = readSeal(RESPONSES, sealed, 'encrypted');
  if (seal?.signature !== undefined) {
    if (seal.what === 'call') return { type: 'call-signature', signature: seal.signature };
    if (seal.what === 'redacted') return { type: 'redacted-reasoning', data: seal.signature };
  }
  const part: Draft<ReasoningPart> = { type: 'reasoning', ...membersOf(seal) };
  if (read.text !== undefined) part.text = read.text;
  return part.text === undefined && seal === undefined ? undefined : part;
}

function membersOf(seal: Seal | undefined): Omit<ReasoningPart, 'type'> {
  if (seal === undefined) return {};
  const { what, signature, ...thought } = seal;
  if (signature === undefined) return thought;
  return { ...thought, [what === 'signature' ? 'signature' : 'encrypted']: signature };
}

/** A thought without its text, as it is known at its end. */
export type ThoughtSeals = Omit<ReasoningPart, 'type' | 'text'>;

/** Whether the thought is one of this dialect, so that its item is its own. */
export function isOwnThought({ rest, encrypted, signature }: ThoughtSeals): boolean {
  return (encrypted ?? signature ?? rest)?.dialect === RESPONSES;
}

/**
 * The `encrypted_content` of a thought. One item has room for one seal: the
 * signature that lets its maker go on with the thought, else the sealed thought.
 * One of this dialect that has none has none.
 */
export function thoughtSeal(thought: ThoughtSeals): string | undefined {
  const { signature, encrypted } = thought;
  if (signature === undefined && encrypted !== undefined) return writeSeal(RESPONSES, encrypted, 'encrypted', thought);
  if (signature === undefined && isOwnThought(thought)) return undefined;
  return writeSeal(RESPONSES, signature, 'signature', thought);
}

/** The `encrypted_content` of an item that has nothing else. */
export function bareSeal(part: Extract<ContentPart, { type: 'redacted-reasoning' }> | CallSignature): string {
  return part.type === 'call-signature'
    ? writeSeal(RESPONSES, part.signature, 'call')
    : writeSeal(RESPONSES, part.data, 'redacted');
}
