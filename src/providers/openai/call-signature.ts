import type { Signature } from '../../protocol/chat/content.ts';
import { isObject, someText, type WireObject } from './wire.ts';

/*
 * What Gemini wants back with a tool call stands on the call, in the form of
 * Google's own OpenAI-compatible endpoint:
 *
 *     tool_calls[].extra_content.google.thought_signature
 *
 * @see https://ai.google.dev/gemini-api/docs/thought-signatures (read 2026-11-22)
 */

const MEMBER = 'extra_content';

/** The signature on a call, or on a piece of one; `undefined` where there is none. */
export function readCallSignature(call: WireObject): Signature | undefined {
  const extra = call[MEMBER];
  const google = isObject(extra) ? extra['google'] : undefined;
  const value = isObject(google) ? someText(google['thought_signature']) : undefined;
  return value === undefined ? undefined : { value, dialect: 'gemini' };
}

/** The call without it; of what stands beside the signature, nothing is lost. */
export function withoutCallSignature(call: WireObject): WireObject {
  const { [MEMBER]: extra, ...rest } = call;
  if (readCallSignature(call) === undefined || !isObject(extra) || !isObject(extra['google'])) return call;
  const { google, ...others } = extra;
  const { thought_signature: _, ...beside } = isObject(google) ? google : {};
  const more = { ...others, ...(Object.keys(beside).length === 0 ? {} : { google: beside }) };
  return Object.keys(more).length === 0 ? rest : { ...rest, [MEMBER]: more };
}

/** The member that carries a signature; none for one that is not Gemini's. */
export function callSignatureJson(signature: Signature | undefined): WireObject {
  return signature?.dialect === 'gemini' ? { [MEMBER]: { google: { thought_signature: signature.value } } } : {};
}
