import { isAddressRange } from '../kernel/address-set.ts';
import { GatewayError } from '../kernel/errors.ts';
import { isNamePattern } from '../kernel/name-pattern.ts';
import type { Allowance } from '../protocol/allowance.ts';
import type { KnownKey } from './authenticator.ts';
import type { StoredKey } from './stored-key.ts';

/** Deeper nesting of keys than anybody keeps an overview of. */
export const PARENTS_MAX = 8;
/** Names or ranges in one part of a rule. */
export const RULE_ENTRIES_MAX = 100;

type Level = Pick<StoredKey, 'id' | 'allow' | 'expiresAt' | 'revokedAt'>;

/**
 * A key as its calls are judged: it lives no longer than its parents, and keeps
 * to their rules as well as to its own.
 *
 * @param parents the nearest first
 */
export function narrowedBy<Key extends KnownKey & Pick<StoredKey, 'allow'>>(key: Key, parents: readonly Level[]): Key {
  const levels: readonly Level[] = [key, ...parents];
  const revokedAt = earliest(levels.map((level) => level.revokedAt));
  const expiresAt = earliest(levels.map((level) => level.expiresAt));
  const allowances = levels.flatMap(({ allow }) => (allow === undefined ? [] : [allow]));
  return {
    ...key,
    ...(revokedAt === undefined ? {} : { revokedAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(parents.length === 0 ? {} : { ancestors: parents.map(({ id }) => id) }),
    ...(allowances.length === 0 ? {} : { allowances }),
  };
}

/** A sub-key only narrows: it never outlives its parent. */
export function earliest(instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** @throws `invalid_request` for a part that is empty, too long, or holds something that is no pattern or no address */
export function checkAllowance({ models, routes, addresses }: Allowance): void {
  checkPart('models', models, isNamePattern, 'a name such as openai/gpt-4o, or a pattern such as openai/*');
  checkPart('routes', routes, isNamePattern, 'the name of a route or an alias, or direct');
  checkPart('addresses', addresses, isAddressRange, 'an IP address, or a range such as 10.0.0.0/8');
}

function checkPart(
  name: keyof Allowance,
  entries: readonly string[] | undefined,
  fits: (entry: string) => boolean,
  what: string,
): void {
  if (entries === undefined) return;
  const wrong = entries.find((entry) => !fits(entry));
  if (wrong !== undefined) {
    throw new GatewayError('invalid_request', { message: `'${wrong.slice(0, 64)}' is not ${what}.`, param: name });
  }
  if (entries.length > 0 && entries.length <= RULE_ENTRIES_MAX) return;
  throw new GatewayError('invalid_request', {
    message: `${name} must name 1 to ${RULE_ENTRIES_MAX}; leave it out to restrict nothing.`,
    param: name,
  });
}
