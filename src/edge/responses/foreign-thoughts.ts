import type { SealMakers } from '../../exchange/dialect.ts';
import type { JsonMember, Splice } from '../../kernel/json-members.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { UNSIGNED } from '../../protocol/chat/seals.ts';
import { elementsOf, withoutElements } from '../array-cuts.ts';
import { isObject } from '../request-object.ts';

const SEALED = Buffer.from('encrypted_content');

/** Whose request it is about, and who is known to have sealed what. */
export interface SealReader {
  readonly deployment?: string;
  readonly makers?: SealMakers | undefined;
}

/**
 * Thoughts that a provider of Responses could not open, and would refuse: they
 * are cut out of the bytes, and nothing else depends on them there. Another
 * vendor's carry a mark of ours in the place of encrypted content; another
 * deployment's are known where they passed through here.
 */
export function withoutForeignThoughts(
  { body, member, input }: { readonly body: Buffer; readonly member: JsonMember | undefined; readonly input: unknown },
  reader: SealReader,
  losses: Loss[],
): { readonly splices: readonly Splice[]; readonly input: unknown } {
  if (member === undefined || body.indexOf(SEALED) < 0 || !Array.isArray(input)) return { splices: [], input };
  const reasons = input.map((item) => whyClosed(item, reader));
  const closed = reasons.flatMap((reason, at) => (reason === undefined ? [] : at));
  if (closed.length === 0) return { splices: [], input };
  for (const at of closed) losses.push({ field: `input[${at}]`, reason: reasons[at] ?? '' });
  return {
    splices: withoutElements(elementsOf(body, member), closed),
    input: input.filter((_, at) => reasons[at] === undefined),
  };
}

function whyClosed(item: unknown, { deployment, makers }: SealReader): string | undefined {
  const seal = sealIn(item);
  if (seal === undefined) return undefined;
  if (seal.startsWith(UNSIGNED)) return 'a thought of another vendor';
  const maker = makers?.(seal);
  return maker === undefined || maker === deployment ? undefined : 'a thought that another deployment sealed';
}

/** What a thought is sealed with. */
export function sealIn(item: unknown): string | undefined {
  if (!isObject(item) || item['type'] !== 'reasoning') return undefined;
  const { encrypted_content: sealed } = item;
  return typeof sealed === 'string' ? sealed : undefined;
}
