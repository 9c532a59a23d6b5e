import type { Seal } from '../seal.ts';
import { GeminiRefusal } from './errors.ts';

/** What Google documents for calls that another model made. @see https://ai.google.dev/gemini-api/docs/thought-signatures (read 2026-11-22) */
export const SKIP_SIGNATURE = 'skip_thought_signature_validator';

/**
 * What a thought signature is for: a call of a tool of that name, or anything
 * else that an answer says. One never passes as another's.
 */
export type SignedPlace = { readonly call: string } | 'words';

/** A signature is the thought itself, sealed, with the place it stands at. */
export function thoughtSignature(seal: Seal, place: SignedPlace, thought: string): string {
  return seal.close('thought', `${placeText(place)}\n${thought}`);
}

/** @throws the refusal of a signature that this provider did not make, or not for this place */
export function refuseForeignSignature(seal: Seal, place: SignedPlace, signature: string): void {
  if (signature === SKIP_SIGNATURE) return;
  const signed = seal.open('thought', signature.replaceAll('-', '+').replaceAll('_', '/'));
  if (signed?.split('\n', 1)[0] === placeText(place)) return;
  throw new GeminiRefusal(400, 'Corrupted thought signature.');
}

function placeText(place: SignedPlace): string {
  return place === 'words' ? 'words' : `call ${place.call}`;
}
