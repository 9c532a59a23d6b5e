import { expect, test } from 'vitest';
import { VirtualClock } from '../kernel/clock.ts';
import { seededRandom } from '../kernel/random.ts';
import { Authenticator, type KnownKey } from './authenticator.ts';
import { makeKey } from './key-format.ts';

const KEY = makeKey(seededRandom(1));
const KNOWN: KnownKey = { id: 'key_1', organisation: 'org_1', project: 'proj_1', scopes: [] };

/** A store whose answers come when the test says so. */
function slowStore() {
  const waiting: ((key: KnownKey | undefined) => void)[] = [];
  const clock = new VirtualClock();
  const authenticator = new Authenticator({
    clock,
    knownMs: 300_000,
    lookup: () => new Promise((resolve) => waiting.push(resolve)),
  });
  return { waiting, clock, authenticator };
}

test('a key is looked up once, however many calls wait for it, and then known', async () => {
  const { waiting, authenticator } = slowStore();
  const asked = [authenticator.authenticate(KEY), authenticator.authenticate(KEY)];
  expect(waiting).toHaveLength(1);
  waiting[0]?.(KNOWN);
  expect(await Promise.all(asked)).toEqual([KNOWN, KNOWN]);
  expect(authenticator.authenticate(KEY)).toBe(KNOWN);
});

test('a lookup that began before a revocation is not remembered after it', async () => {
  const { waiting, authenticator } = slowStore();
  const early = authenticator.authenticate(KEY);
  authenticator.forget();
  waiting[0]?.(KNOWN);
  await early;
  const late = Promise.resolve(authenticator.authenticate(KEY));
  expect(waiting).toHaveLength(2);
  waiting[1]?.({ ...KNOWN, revokedAt: 1 });
  await expect(late).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('a call that comes after a revocation does not wait for a lookup that began before it', async () => {
  const { waiting, authenticator } = slowStore();
  const early = authenticator.authenticate(KEY);
  authenticator.forget();
  const late = Promise.resolve(authenticator.authenticate(KEY));
  expect(waiting).toHaveLength(2);
  waiting[1]?.({ ...KNOWN, revokedAt: 1 });
  await expect(late).rejects.toMatchObject({ message: expect.stringContaining('revoked') });
  waiting[0]?.(KNOWN);
  await early;
  expect(() => authenticator.authenticate(KEY)).toThrow(/revoked/);
});
