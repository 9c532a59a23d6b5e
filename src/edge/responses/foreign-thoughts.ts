import type { JsonMember, Splice } from '../../kernel/json-members.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { UNSIGNED } from '../../protocol/chat/seals.ts';
import { elementsOf, withoutElements } from '../array-cuts.ts';
import { isObject } from '../request-object.ts';

const MARK = Buffer.from(UNSIGNED);

/**
 * Thoughts that another vendor's model had in this conversation carry a mark of
 * ours in the place of encrypted content, which a provider of Responses would
 * refuse: they are cut out of the bytes, and nothing else depends on them there.
 */
export function withoutForeignThoughts(
  body: Buffer,
  member: JsonMember | undefined,
  input: unknown,
  losses: Loss[],
): { readonly splices: readonly Splice[]; readonly input: unknown } {
  if (member === undefined || body.indexOf(MARK) < 0 || !Array.isArray(input)) return { splices: [], input };
  const marked = input.flatMap((item, at) => (isForeign(item) ? at : []));
  if (marked.length === 0) return { splices: [], input };
  for (const at of marked) losses.push({ field: `input[${at}]`, reason: 'a thought of another vendor' });
  return {
    splices: withoutElements(elementsOf(body, member), marked),
    input: input.filter((item) => !isForeign(item)),
  };
}

function isForeign(item: unknown): boolean {
  if (!isObject(item) || item['type'] !== 'reasoning') return false;
  const { encrypted_content: sealed } = item;
  return typeof sealed === 'string' && sealed.startsWith(UNSIGNED);
}
