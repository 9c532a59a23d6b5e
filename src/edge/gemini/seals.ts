import type { ContentPart, ReasoningPart, RedactedReasoningPart, Signature } from '../../protocol/chat/content.ts';
import { readSeal, type Seal, type SealedThing, type SealedThought, writeSeal } from '../../protocol/chat/seals.ts';
import { GEMINI } from '../../providers/gemini/wire.ts';
import { isMarked } from './marked-signatures.ts';

/*
 * In this dialect a signature is base64 of bytes. Google's own stands as it is;
 * what another maker wants back stands as base64 of a seal, which is a text.
 */

/** @returns what stands as a part's `thoughtSignature`; `undefined` where nothing has to */
export function thoughtSignatureOf(
  signature: Signature | undefined,
  what: SealedThing,
  thought: SealedThought = {},
): string | undefined {
  if (signature?.dialect === GEMINI) return signature.value;
  const bare = signature === undefined && thought.id === undefined && thought.rest === undefined;
  return bare ? undefined : Buffer.from(writeSeal(GEMINI, signature, what, thought)).toString('base64');
}

/** A part whose signature may be a seal: what stands in that is put back where it came from. */
export function unsealed(part: ContentPart): ContentPart {
  if (part.type !== 'text' && part.type !== 'reasoning' && part.type !== 'tool-call') return part;
  const { signature, ...others } = part;
  if (signature === undefined || signature.dialect !== GEMINI || !isMarked(signature.value)) return part;
  const seal = readSeal(GEMINI, Buffer.from(signature.value, 'base64').toString('utf8'), 'signature');
  if (part.type === 'reasoning') return thoughtOf(part, seal);
  return seal?.signature === undefined ? (others as ContentPart) : { ...part, signature: seal.signature };
}

function thoughtOf({ text }: ReasoningPart, seal: Seal | undefined): ReasoningPart | RedactedReasoningPart {
  const { what, signature, ...known } = seal ?? {};
  if (what === 'redacted' && signature !== undefined) return { type: 'redacted-reasoning', data: signature };
  const sealed = signature === undefined ? {} : { [what === 'encrypted' ? 'encrypted' : 'signature']: signature };
  return { type: 'reasoning', ...(text === undefined ? {} : { text }), ...known, ...sealed };
}
