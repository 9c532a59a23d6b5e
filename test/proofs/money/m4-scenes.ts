import { comesTrue, pause } from '../../../faults/harness/waiting.ts';
import type { Checks } from '../parts/checks.ts';
import { type Books, inDatabase, readBooks } from './books.ts';
import type { HouseClock } from './clocked-house.ts';
import type { House, MadeKey } from './house.ts';

/** An answer has forty tokens at least: it takes longer than it is let. */
const EVENT_MS = 100;
const TOKENS = 300;
/** Half of what two seconds make. */
const KNOWN_TOKENS_MIN = 10;
/** A checkpoint is written every two seconds: by then there was one, and no second. */
const KILLED_AFTER_MS = 3_300;
const RECOVERED_MS = 20_000;
/** Longer than any call may take, and five minutes more. */
const LATER_MS = 2 * 3_600_000;

/** Long streams that a kill cuts are known as far as their last checkpoint. */
export async function cutLongStreams(house: House, keys: readonly MadeKey[], checks: Checks): Promise<void> {
  const rules = await house.provider.rules();
  await house.provider.faults([{ fault: { kind: 'slow-stream', intervalMs: EVENT_MS } }]);
  const calls = keys.flatMap(({ key }) =>
    [0, 1].map((n) => {
      const messages = [{ role: 'user', content: `Tell me all that you know of fog ${n}.` }];
      const body = { model: 'up/sim-small', max_tokens: TOKENS, stream: true, messages };
      return house.callers.call({ key, body });
    }),
  );
  await pause(KILLED_AFTER_MS);
  await house.kill();
  const told = await Promise.all(calls);
  await house.provider.faults(rules);
  await house.startGateway();
  const ids = new Set(told.map(({ callId }) => callId));
  const cut = async () => (await house.lines()).filter(({ callId }) => ids.has(callId));
  await comesTrue(async () => (await cut()).every(({ outcome }) => outcome !== undefined), RECOVERED_MS);
  checks.each('M4: a long stream that was cut is known as far as its last checkpoint', await cut(), (line) => {
    const known = line.source === 'estimated' && (line.cost ?? 0n) > 0n && (line.outputTokens ?? 0) >= KNOWN_TOKENS_MIN;
    return line.outcome === 'interrupted' && known
      ? []
      : [`${line.id} is ${line.outcome}, ${line.source}: ${line.outputTokens} tokens for ${line.cost}`];
  });
}

/** What nobody says anything about is not held for ever: once its time is over it is charged whole. */
export async function letHoldsExpire(house: House, clock: HouseClock, budget: string, checks: Checks): Promise<void> {
  clock.set(Date.now() + LATER_MS);
  await house.startGateway();
  const empty = async () => (await house.accountsOf(budget)).every(({ held }) => held === 0n);
  const said = await comesTrue(empty, RECOVERED_MS);
  await house.stop();
  const { holds } = await inDatabase(house, readBooks);
  checks.that(
    'M4: five minutes after its deadline no hold is left',
    said && holds.length === 0,
    `${holds.length} left`,
  );
  clock.set(Date.now());
}

/** Once recovery has done what it can do without the provider's bill. */
export async function reopened(house: House): Promise<Books> {
  await house.stop();
  return inDatabase(house, readBooks);
}
