import { type JsonMember, jsonMembers, type Splice } from '../../kernel/json-members.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { UNSIGNED } from '../../protocol/chat/seals.ts';
import { elementsOf, moved, type Place, withoutElements } from '../array-cuts.ts';
import { isObject } from '../request-object.ts';

/** What Google's documentation gives to whoever has no signature for a call. @see ai.google.dev/gemini-api/docs/thought-signatures (read 2026-11-22) */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

/** How each of our seals begins where it stands as base64, whole groups of it. */
const MARK = Buffer.from(UNSIGNED)
  .toString('base64')
  .slice(0, Math.floor(UNSIGNED.length / 3) * 4);
const NOTHING_SEALED = Buffer.from(UNSIGNED).toString('base64');
const MARK_BYTES = Buffer.from(MARK);
const NAMES: ReadonlySet<string> = new Set(['thoughtSignature', 'thought_signature']);
const CALL_NAMES = ['functionCall', 'function_call'] as const;

type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a signature is a seal of ours, and not Google's: base64 of a text that is marked. */
export function isMarked(signature: unknown): boolean {
  return (
    typeof signature === 'string' &&
    signature.startsWith(MARK) &&
    Buffer.from(signature.slice(0, MARK.length + 4), 'base64')
      .toString('utf8')
      .startsWith(UNSIGNED)
  );
}

/**
 * Thoughts that another vendor's model had in this conversation carry a mark of
 * ours in the place of a signature, which Google would refuse: on a call it is
 * replaced by what Google takes in place of one, and cut elsewhere; a part that
 * is nothing but its signature goes as a whole, and so does a content of such
 * parts alone.
 */
export function withoutMarkedSignatures(
  body: Buffer,
  contents: Place | undefined,
  fields: unknown,
  losses: Loss[],
): Splice[] {
  if (contents === undefined || !Array.isArray(fields) || body.indexOf(MARK_BYTES) < 0) return [];
  const places = elementsOf(body, contents);
  const emptied: number[] = [];
  const splices = fields.flatMap((content: unknown, index) => {
    const place = places[index];
    const parts = partsOf(content);
    if (place === undefined || !parts.some(hasMark)) return [];
    for (const [at, part] of parts.entries()) {
      if (hasMark(part) && !marksNothing(part))
        losses.push({ field: `contents[${index}].parts[${at}].thoughtSignature`, reason: 'is not of Google' });
    }
    if (!parts.every(isBareMark)) return ofContent(body, place, parts);
    emptied.push(index);
    return [];
  });
  return [...splices, ...withoutElements(places, emptied)];
}

/** The same for contents that are written anew. */
export function withoutMarks(contents: unknown): unknown {
  if (!Array.isArray(contents)) return contents;
  return contents.flatMap((content: unknown): unknown[] => {
    const parts = partsOf(content);
    if (!isObject(content) || !parts.some(hasMark)) return [content];
    const kept = parts.filter((part) => !isBareMark(part)).map((part) => (hasMark(part) ? unmarked(part) : part));
    return kept.length === 0 ? [] : [{ ...content, parts: kept }];
  });
}

function unmarked(part: JsonObject): object {
  const entries = Object.entries(part).filter(([name]) => !NAMES.has(name));
  return Object.fromEntries(isCall(part) ? [...entries, ['thoughtSignature', NO_SIGNATURE]] : entries);
}

function ofContent(body: Buffer, content: Place, parts: readonly unknown[]): Splice[] {
  const member = membersOf(body, content).find(({ key }) => key === 'parts');
  const places = member === undefined ? [] : elementsOf(body, member);
  const bare = parts.flatMap((part, at) => (isBareMark(part) ? at : []));
  const others = parts.flatMap((part, at) => {
    const place = places[at];
    return place === undefined || !hasMark(part) || isBareMark(part) ? [] : ofPart(body, place, isCall(part));
  });
  return [...others, ...withoutElements(places, bare)];
}

function ofPart(body: Buffer, place: Place, call: boolean): Splice[] {
  const members = membersOf(body, place);
  return members.flatMap(({ key, valueStart, valueEnd }, at): Splice[] => {
    if (!NAMES.has(key)) return [];
    if (call) return [{ start: valueStart, end: valueEnd, text: JSON.stringify(NO_SIGNATURE) }];
    const before = members[at - 1];
    const after = members[at + 1];
    // With the comma before it, or the one after it; alone, it leaves an empty object.
    if (before !== undefined) return [{ start: before.valueEnd, end: valueEnd, text: '' }];
    const open = place.valueStart + 1;
    return [{ start: open, end: after === undefined ? valueEnd : body.indexOf(0x2c, valueEnd) + 1, text: '' }];
  });
}

function partsOf(content: unknown): readonly unknown[] {
  return isObject(content) && Array.isArray(content['parts']) ? content['parts'] : [];
}

function hasMark(part: unknown): part is JsonObject {
  return isObject(part) && (isMarked(part['thoughtSignature']) || isMarked(part['thought_signature']));
}

/** A thought or a text that says nothing, and stands there for its signature. */
function isBareMark(part: unknown): boolean {
  if (!hasMark(part)) return false;
  return Object.entries(part).every(
    ([name, value]) => NAMES.has(name) || name === 'thought' || (name === 'text' && value === ''),
  );
}

/** Says of a thought that it is not Google's, and seals nothing: whoever leaves it out loses nothing. */
function marksNothing(part: JsonObject): boolean {
  return [part['thoughtSignature'], part['thought_signature']].includes(NOTHING_SEALED);
}

function isCall(part: JsonObject): boolean {
  return CALL_NAMES.some((name) => isObject(part[name]));
}

function membersOf(body: Buffer, { valueStart, valueEnd }: Place): JsonMember[] {
  return jsonMembers(body.subarray(valueStart, valueEnd)).map(({ key, ...place }) => ({
    key,
    ...moved(place, valueStart),
  }));
}
