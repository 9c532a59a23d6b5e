import { isObject } from '../request-object.ts';

/** Roles whose messages say what the model is to do, and stay. */
const STANDING_ROLES: ReadonlySet<unknown> = new Set(['system', 'developer']);

/**
 * A shorter context: what the system says among the items, and about the last
 * `count` of the others. A result without the call that it answers would be
 * refused, and so would a call without the thought that led to it: the context
 * begins at the next message of the user, where no call is under way, and where
 * none is left, at the last one before.
 */
export function lastItems(input: unknown, count: number): unknown {
  if (!Array.isArray(input)) return input;
  const others = input.filter((item) => !isStanding(item));
  const wished = Math.max(0, others.length - count);
  const after = others.findIndex((item, at) => at >= wished && isBeginning(item));
  const from = after >= 0 ? after : others.findLastIndex((item) => isBeginning(item));
  const kept = new Set(from < 0 ? others : others.slice(from));
  return input.filter((item) => isStanding(item) || kept.has(item));
}

function isStanding(item: unknown): boolean {
  return isObject(item) && STANDING_ROLES.has(item['role']);
}

function isBeginning(item: unknown): boolean {
  return isObject(item) && item['role'] === 'user';
}
