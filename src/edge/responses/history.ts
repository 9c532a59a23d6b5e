import type { EncodedBody, EncodeTarget, NativeCall, SealMakers } from '../../exchange/dialect.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { UNSIGNED } from '../../protocol/chat/seals.ts';
import type { KeptHistory, KeptTurn } from '../../protocol/kept-response.ts';
import { isObject } from '../request-object.ts';
import { sealedElsewhere, sealIn } from './foreign-thoughts.ts';

type Fields = Readonly<Record<string, unknown>>;
type Parse = (body: Buffer) => NativeCall;

/**
 * A call that goes on where an earlier answer ended. Whoever gave that answer,
 * and keeps it, is told the request as it came; anybody else gets all turns in
 * its input, and no reference.
 */
export function withHistory(call: NativeCall, history: KeptHistory, parse: Parse): NativeCall {
  const own = call.memory?.input ?? [];
  const whole = parse(bytesOf(call.fields, [...history.flatMap(({ items }) => items), ...own]));
  const last = history.at(-1);
  const sealedBy = history.findLast(hasState)?.deployment;
  const open = whole.withSeals?.(makersIn(history)) ?? whole;
  return {
    ...whole,
    ...(open.openFields === undefined ? {} : { openFields: open.openFields }),
    ...(sealedBy === undefined ? {} : { sealedBy }),
    ...(call.memory === undefined ? {} : { memory: call.memory }),
    echo: call.fields,
    encode(target) {
      if (last !== undefined && isKeptAt(last, target)) return call.encode(target);
      const told = history.map((turn) => openTurn(turn, target));
      const sealed = told.reduce((sum, { dropped }) => sum + dropped, 0);
      if (sealed === 0) return whole.encode(target);
      const field = call.memory?.conversationId === undefined ? 'previous_response_id' : 'conversation';
      if (target.refuseSealed === true) throw sealedElsewhere(sealedLoss(field, sealed));
      const items = [...told.flatMap((turn) => turn.items), ...own];
      return withLoss(parse(bytesOf(call.fields, items)).encode(target), field, sealed);
    },
  };
}

/** A shorter context is cut from all turns, which whoever keeps them cannot be told. */
function isKeptAt({ deployment, upstreamKeeps }: KeptTurn, target: EncodeTarget): boolean {
  return upstreamKeeps && deployment === target.deployment && target.keepMessages === undefined;
}

/** What one deployment sealed, or keeps to itself, no other can open. */
function openTurn(
  { items, deployment }: KeptTurn,
  target: EncodeTarget,
): { items: readonly unknown[]; dropped: number } {
  if (deployment === undefined || deployment === target.deployment) return { items, dropped: 0 };
  const open = items.filter((item) => !isSealed(item));
  return { items: open, dropped: items.length - open.length };
}

/** Thoughts that another vendor's model had carry a mark of ours, and are told of where they are cut. */
function isSealed(item: unknown): boolean {
  if (!isObject(item) || item['type'] !== 'reasoning') return false;
  const { encrypted_content: sealed } = item;
  return typeof sealed !== 'string' || !sealed.startsWith(UNSIGNED);
}

/** Something that its deployment alone can go on from. */
function hasState({ items, upstreamKeeps, deployment }: KeptTurn): boolean {
  return deployment !== undefined && (upstreamKeeps || items.some((item) => sealIn(item) !== undefined));
}

function makersIn(history: KeptHistory): SealMakers {
  const makers = new Map<string, string>();
  for (const { items, deployment } of history) {
    for (const item of items) {
      const seal = sealIn(item);
      if (seal !== undefined && deployment !== undefined) makers.set(seal, deployment);
    }
  }
  return (seal) => makers.get(seal);
}

function withLoss(encoded: EncodedBody, field: string, count: number): EncodedBody {
  return { ...encoded, losses: [...(encoded.losses ?? []), sealedLoss(field, count)] };
}

function sealedLoss(field: string, count: number): Loss {
  const reason = `${count} ${count === 1 ? 'thought of an earlier turn is' : 'thoughts of earlier turns are'} sealed by another deployment`;
  return { field, reason };
}

function bytesOf(fields: Fields, input: readonly unknown[]): Buffer {
  const { previous_response_id: _, conversation: __, ...rest } = fields;
  return Buffer.from(JSON.stringify({ ...rest, input }));
}
