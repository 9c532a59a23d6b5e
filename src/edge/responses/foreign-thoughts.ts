import type { SealMakers } from '../../exchange/dialect.ts';
import { GatewayError } from '../../kernel/errors.ts';
import type { JsonMember, Splice } from '../../kernel/json-members.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { readSeal, UNSIGNED } from '../../protocol/chat/seals.ts';
import type { Dialect } from '../../protocol/operation.ts';
import { elementsOf, withoutElements } from '../array-cuts.ts';
import { isObject } from '../request-object.ts';

const SEALED = Buffer.from('encrypted_content');
const CARRIER: Dialect = 'openai-responses';
const ELSEWHERE = 'a thought that another deployment sealed';
/** Anthropic's signatures hold wherever its models are served; without them a turn with tools would be refused. */
const PORTABLE: ReadonlySet<Dialect> = new Set(['anthropic-messages']);

/** Whose request it is about, and who is known to have sealed what. */
export interface SealReader {
  readonly deployment?: string;
  readonly refuseSealed?: boolean;
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
  for (const at of closed) {
    const loss = { field: `input[${at}]`, reason: reasons[at] ?? '' };
    if (reader.refuseSealed === true && isSealed(input[at])) throw sealedElsewhere(loss);
    losses.push(loss);
  }
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
  return maker === undefined || maker === deployment ? undefined : ELSEWHERE;
}

/**
 * The same for a provider of another dialect: what was sealed in that one by
 * another deployment is left out. Anything else its codec passes over anyway,
 * and that is only refused here, where it is to be.
 */
export function openItems(
  input: readonly unknown[],
  reader: SealReader,
  dialect: Dialect,
): { readonly input: readonly unknown[]; readonly losses: readonly Loss[] } {
  const losses: Loss[] = [];
  const open = input.filter((item, at) => {
    const seal = sealIn(item);
    const made = seal === undefined ? undefined : readSeal(CARRIER, seal, 'encrypted')?.signature?.dialect;
    if (seal === undefined || made === undefined) return true;
    const maker = reader.makers?.(seal);
    const elsewhere = maker !== undefined && maker !== reader.deployment && !PORTABLE.has(made);
    if (made === dialect && !elsewhere) return true;
    const reason = made === dialect ? ELSEWHERE : 'a thought of another vendor';
    if (reader.refuseSealed === true) throw sealedElsewhere({ field: `input[${at}]`, reason });
    if (made !== dialect) return true;
    losses.push({ field: `input[${at}]`, reason });
    return false;
  });
  return losses.length === 0 ? { input, losses } : { input: open, losses };
}

/** What a route does not want left out. Another target may be able to open it. */
export function sealedElsewhere({ field, reason }: Loss): GatewayError {
  return new GatewayError('unsupported_parameter', {
    message: `'${field}' cannot be sent there: ${reason}, and encrypted_state of this route is refuse. Leave it out, or ask for the model that it comes from.`,
    param: field,
    retry: 'other-target',
  });
}

/** Who sealed last of what stands in a request. */
export function lastMaker(input: unknown, makers: SealMakers): string | undefined {
  if (!Array.isArray(input)) return undefined;
  for (const item of input.toReversed()) {
    const seal = sealIn(item);
    const maker = seal === undefined ? undefined : makers(seal);
    if (maker !== undefined) return maker;
  }
  return undefined;
}

/** A mark of ours may say that there is nothing sealed behind it. */
function isSealed(item: unknown): boolean {
  const seal = sealIn(item);
  return seal !== undefined && readSeal(CARRIER, seal, 'encrypted')?.signature !== undefined;
}

/** What a thought is sealed with. */
export function sealIn(item: unknown): string | undefined {
  if (!isObject(item) || item['type'] !== 'reasoning') return undefined;
  const { encrypted_content: sealed } = item;
  return typeof sealed === 'string' ? sealed : undefined;
}
