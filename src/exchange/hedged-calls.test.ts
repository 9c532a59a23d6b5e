import { expect, test } from 'vitest';
import { HandHouse, type HandHouseOptions, headerOf } from '../../test/support/hand/house.ts';
import { DELTA } from '../../test/support/hand/upstream.ts';
import { GatewayError } from '../kernel/errors.ts';

/** Calls in virtual time that get a second attempt beside a silent first one. */

const AFTER_MS = 100;

function house(more: Partial<HandHouseOptions> = {}): HandHouse {
  return new HandHouse({
    providers: { a: {}, b: {} },
    targets: ['a/m', 'b/m'],
    policies: { hedge: { afterMs: AFTER_MS, percent: 100 } },
    ...more,
  });
}

/** A house with one call of which two attempts are under way. */
async function hedged(more: Partial<HandHouseOptions> = {}, stream = true) {
  const own = house(more);
  const call = own.begin({ stream });
  await own.clock.advance(0);
  await own.clock.advance(AFTER_MS);
  expect(own.asked.map(({ provider }) => provider)).toEqual(['a', 'b']);
  return { own, first: own.at(0), second: own.at(1), ...call };
}

test('who answers first wins, the other is hung up on and billed, and each has its one end', async () => {
  const { own, first, second, got } = await hedged({ budget: 10_000_000n });
  second.streamed();
  await own.clock.advance(0);
  expect([got.status, headerOf(got, 'x-leeward-provider'), headerOf(got, 'x-leeward-attempts')]).toEqual([
    200,
    'b',
    '2',
  ]);
  expect([first.aborted, second.aborted]).toEqual([true, false]);
  expect(own.told.toSorted()).toEqual(['a cancelled', 'b ok, last']);
  const lost = own.records.ends.find(({ attempt }) => attempt === 1);
  expect(lost?.usageSource).toBe('estimated');
  expect(Number(lost?.costNanoUsd)).toBeGreaterThan(0);
  await own.over();
});

test('a first attempt that still wins is told as such, and its hedge is hung up on', async () => {
  const { own, first, second, got } = await hedged();
  first.streamed();
  await own.clock.advance(0);
  expect([headerOf(got, 'x-leeward-provider'), second.aborted]).toEqual(['a', true]);
  expect(headerOf(got, 'x-leeward-route-reason')).not.toContain('hedged');
  expect(own.told.toSorted()).toEqual(['a ok, last', 'b cancelled']);
  await own.over();
});

test('a head is no answer yet: the first event of a stream decides', async () => {
  const { own, first, second, got } = await hedged();
  first.head(200, { 'content-type': 'text/event-stream' });
  first.more(': still thinking\n\n');
  second.streamed();
  await own.clock.advance(0);
  first.more(DELTA);
  expect([headerOf(got, 'x-leeward-provider'), got.heads, got.ended, first.aborted]).toEqual(['b', 1, 1, true]);
  expect(own.told.toSorted()).toEqual(['a cancelled', 'b ok, last']);
  await own.over();
});

test('when the first fails, the second goes on alone', async () => {
  const { own, first, second, got } = await hedged();
  first.refuse(503);
  await own.clock.advance(1_000);
  expect(got.heads).toBe(0);
  second.streamed();
  await own.clock.advance(0);
  expect([got.status, own.asked.length]).toEqual([200, 2]);
  expect(own.told).toEqual(['a failed', 'b ok, last']);
  await own.over();
});

test('when the second fails, the first goes on alone', async () => {
  const { own, first, second, got } = await hedged({}, false);
  second.fail('reset');
  await own.clock.advance(1_000);
  first.answer();
  await own.clock.advance(0);
  expect([got.status, headerOf(got, 'x-leeward-provider')]).toEqual([200, 'a']);
  expect(own.told).toEqual(['b failed', 'a ok, last']);
  await own.over();
});

test('when both fail, whoever is next gets the call', async () => {
  const { own, first, second, got } = await hedged({
    providers: { a: {}, b: {}, c: {} },
    targets: ['a/m', 'b/m', 'c/m'],
  });
  second.refuse(500);
  first.refuse(500);
  await own.clock.advance(0);
  own.at(2).streamed();
  await own.clock.advance(0);
  expect([got.status, headerOf(got, 'x-leeward-provider'), headerOf(got, 'x-leeward-attempts')]).toEqual([
    200,
    'c',
    '3',
  ]);
  await own.over();
});

test('when both fail and nobody is next, the client gets the last error, once', async () => {
  const { own, first, second, got } = await hedged();
  first.refuse(500);
  second.refuse(503);
  await own.clock.advance(0);
  expect([got.status, got.heads, got.ended, headerOf(got, 'x-should-retry')]).toEqual([503, 1, 1, 'false']);
  expect(own.told).toEqual(['a failed', 'b failed, last']);
  await own.over();
});

test('a client that leaves ends both, and one of the two ends is the call’s', async () => {
  const { own, first, second, exchange } = await hedged({ budget: 10_000_000n });
  exchange.clientGone();
  await own.clock.advance(0);
  expect([first.aborted, second.aborted]).toEqual([true, true]);
  expect(own.told.toSorted()).toEqual(['a cancelled, last', 'b cancelled']);
  await own.over();
});

test('a client that leaves where answers are read on leaves one attempt to its end', async () => {
  const drain = { stream: 'drain', answer: 'drain' } as const;
  const { own, first, second, exchange } = await hedged({
    providers: { a: { onClientGone: drain }, b: { onClientGone: drain } },
  });
  exchange.clientGone();
  expect([first.aborted, second.aborted]).toEqual([false, true]);
  first.streamed();
  await own.clock.advance(0);
  expect(own.records.ends.find(({ last }) => last)).toMatchObject({
    outcome: 'cancelled',
    usage: { outputTokens: 30 },
  });
  await own.over();
});

test('a gateway that stops ends both', async () => {
  const { own, first, second, exchange, got } = await hedged();
  exchange.shutDown();
  await own.clock.advance(0);
  expect([got.status, got.ended, first.aborted, second.aborted]).toEqual([503, 1, true, true]);
  await own.over();
});

test('a deadline ends both', async () => {
  const { own, first, second, got } = await hedged({ totalMs: 1_000 });
  await own.clock.advance(1_000);
  expect([got.status, got.ended, first.aborted, second.aborted]).toEqual([504, 1, true, true]);
  await own.over();
});

test('a hedge that cannot be recorded is not made, and the first goes on alone', async () => {
  const own = house();
  const { got } = own.begin({ stream: true });
  await own.clock.advance(0);
  own.records.full = new GatewayError('budget_unavailable', { message: 'The journal is full.' });
  await own.clock.advance(AFTER_MS);
  expect(own.asked).toHaveLength(1);
  own.at(0).streamed();
  await own.clock.advance(0);
  expect([got.status, headerOf(got, 'x-leeward-attempts')]).toEqual([200, '1']);
  expect(own.records.unexpectedOnes.splice(0)).toHaveLength(1);
  await own.over();
});

test('a hedge whose record is refused later is not made, and the first goes on alone', async () => {
  const own = house();
  const { got } = own.begin({ stream: true });
  await own.clock.advance(0);
  own.records.slow = true;
  await own.clock.advance(AFTER_MS);
  own.records.write(new GatewayError('budget_unavailable', { message: 'The journal is full.' }));
  expect(own.asked).toHaveLength(1);
  own.at(0).streamed();
  await own.clock.advance(0);
  expect([got.status, headerOf(got, 'x-leeward-attempts')]).toEqual([200, '1']);
  await own.over();
});

test.each([
  ['is written', undefined],
  ['is refused', new GatewayError('budget_unavailable', { message: 'The journal is full.' })],
])('a first attempt may win while the hedge’s record is under way, and then %s', async (_, refusal) => {
  const own = house();
  const { got } = own.begin({ stream: true });
  await own.clock.advance(0);
  own.records.slow = true;
  await own.clock.advance(AFTER_MS);
  own.at(0).streamed();
  own.records.write(refusal);
  await own.clock.advance(0);
  expect([got.status, got.ended, own.asked.length]).toEqual([200, 1, 1]);
  await own.over();
});

test('when the first fails while the hedge’s record is under way, and that is refused, the client hears of it', async () => {
  const own = house();
  const { got } = own.begin({ stream: true });
  await own.clock.advance(0);
  own.records.slow = true;
  await own.clock.advance(AFTER_MS);
  own.at(0).refuse(500);
  await own.clock.advance(0);
  own.records.write(new GatewayError('budget_unavailable', { message: 'The journal is full.' }));
  await own.clock.advance(0);
  expect([got.heads, got.ended, own.asked.length]).toEqual([1, 1, 1]);
  await own.over();
});

test('a hedge that cannot be sent leaves the first alone', async () => {
  const own = house();
  const { got } = own.begin({ stream: true });
  await own.clock.advance(0);
  const b = own.transports.get('b');
  if (b !== undefined) b.broken = new Error('closed');
  await own.clock.advance(AFTER_MS);
  expect(got.heads).toBe(0);
  own.at(0).streamed();
  await own.clock.advance(0);
  expect([got.status, headerOf(got, 'x-leeward-provider')]).toEqual([200, 'a']);
  own.records.unexpectedOnes.splice(0);
  await own.over();
});

test('a first attempt that fails before its time is not hedged but followed', async () => {
  const own = house();
  const { got } = own.begin({ stream: true });
  await own.clock.advance(AFTER_MS - 1);
  own.at(0).refuse(500);
  await own.clock.advance(AFTER_MS * 5);
  expect(own.asked.map(({ provider }) => provider)).toEqual(['a', 'b']);
  own.at(1).streamed();
  await own.clock.advance(0);
  expect(headerOf(got, 'x-leeward-route-reason')).toContain('after a gave upstream_error');
  await own.over();
});

test('where every attempt is paid for, a hedged call pays for both within its hold', async () => {
  const { own, second } = await hedged({ budget: 10_000_000n, charge: 'all_attempts' });
  const { held } = own.balance;
  second.streamed();
  await own.over();
  const charges = own.records.ends.map(({ chargeNanoUsd }) => BigInt(chargeNanoUsd ?? 0));
  expect(charges.every((charge) => charge > 0n)).toBe(true);
  expect(own.balance.settled).toBe(charges.reduce((sum, charge) => sum + charge, 0n));
  expect(own.balance.settled).toBeLessThanOrEqual(held);
});

test('a call whose budget is short is not hedged', async () => {
  const own = house({ budget: 250n });
  const { got } = own.begin({ stream: true });
  await own.clock.advance(AFTER_MS * 5);
  expect(own.asked).toHaveLength(1);
  own.at(0).streamed();
  await own.clock.advance(0);
  expect(got.status).toBe(200);
  await own.over();
});

test('the route’s aim for the first token does not end a call that two attempts are under way for', async () => {
  const { own, second, got } = await hedged({
    policies: { hedge: { afterMs: AFTER_MS, percent: 100 }, firstTokenMs: 150 },
  });
  await own.clock.advance(1_000);
  second.streamed();
  await own.clock.advance(0);
  expect([got.status, own.asked.length]).toEqual([200, 2]);
  await own.over();
});
