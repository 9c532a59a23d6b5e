import type { ContentPart, ReasoningPart, RedactedReasoningPart, Signature } from '../../protocol/chat/content.ts';
import { readSeal, type Seal, type SealedThing, type SealedThought, writeSeal } from '../../protocol/chat/seals.ts';
import type { Fields } from '../../providers/fields.ts';
import { GEMINI } from '../../providers/gemini/wire.ts';
import { isMarked } from './marked-signatures.ts';
import type { Piece } from './part-joiner.ts';

/*
 * In this dialect a signature is base64 of bytes. Google's own stands as it is;
 * what another maker wants back stands as base64 of a seal, which is a text.
 */

/** @returns what stands as a part's `thoughtSignature`; `undefined` where nothing has to */
export function thoughtSignatureOf(
  signature: Signature | undefined,
  what: SealedThing,
  thought?: SealedThought,
): string | undefined {
  if (signature === undefined) return undefined;
  return signature.dialect === GEMINI
    ? signature.value
    : Buffer.from(writeSeal(GEMINI, signature, what, thought)).toString('base64');
}

/** The same for a thought that nobody has sealed: what is known of it, and that it ends here. */
export function sealOf(thought: SealedThought): string {
  return Buffer.from(writeSeal(GEMINI, undefined, 'signature', thought)).toString('base64');
}

const NOTHING_SEALED = Buffer.from(writeSeal(GEMINI, undefined, 'none')).toString('base64');

/**
 * The calls of one answer. Google's models sign the first one of each, and
 * refuse a conversation that comes back without that; where nobody has signed
 * it, it is marked, so that the conversation may go on at Google's own.
 */
export class AnswerCalls {
  #begun = false;

  marked(part: Fields): Fields {
    if (part['functionCall'] === undefined || this.#begun) return part;
    this.#begun = true;
    return part['thoughtSignature'] === undefined ? { ...part, thoughtSignature: NOTHING_SEALED } : part;
  }
}

/** A part whose signature may be a seal of ours: what stands in that is put back where it came from. */
export function unsealed(part: ContentPart): Piece {
  if (part.type !== 'text' && part.type !== 'reasoning' && part.type !== 'tool-call') return { part, seal: 'none' };
  const { signature, ...others } = part;
  if (signature === undefined) return { part, seal: 'none' };
  if (!isMarked(signature.value)) return { part, seal: 'own' };
  const seal = readSeal(GEMINI, Buffer.from(signature.value, 'base64').toString('utf8'), 'signature');
  if (part.type === 'reasoning') return { part: thoughtOf(part, seal), seal: 'ours' };
  const bare = others as ContentPart;
  return { part: seal?.signature === undefined ? bare : { ...part, signature: seal.signature }, seal: 'ours' };
}

/** Google's thoughts are summaries; of any other one its seal says what it is. */
function thoughtOf({ text }: ReasoningPart, seal: Seal | undefined): ReasoningPart | RedactedReasoningPart {
  const { what, signature, ...known } = seal ?? {};
  if (what === 'redacted' && signature !== undefined) return { type: 'redacted-reasoning', data: signature };
  const sealed = signature === undefined ? {} : { [what === 'encrypted' ? 'encrypted' : 'signature']: signature };
  return { type: 'reasoning', ...(text === undefined ? {} : { text }), ...known, ...sealed };
}
