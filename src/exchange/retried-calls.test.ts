import { expect, test } from 'vitest';
import { HandHouse, type HandHouseOptions, headerOf } from '../../test/support/hand/house.ts';
import { GatewayError } from '../kernel/errors.ts';

/** Calls in virtual time that are tried again, and what may happen in between. */

const BACKOFF = { baseMs: 1_000, maxMs: 8_000 };

function house(more: Partial<HandHouseOptions> = {}): HandHouse {
  return new HandHouse({ providers: { a: {} }, targets: ['a/m'], policies: { backoff: BACKOFF }, ...more });
}

/** A house in which a call waits between its first attempt and its second. */
async function waiting(more: Partial<HandHouseOptions> = {}) {
  const own = house(more);
  const call = own.begin();
  await own.clock.advance(0);
  own.at(0).refuse(503);
  await own.clock.advance(0);
  expect([own.asked.length, call.got.ended]).toEqual([1, 0]);
  return { own, ...call };
}

test('a target that breaks is tried again after a wait, and the answer says so', async () => {
  const { own, got } = await waiting();
  await own.clock.advance(BACKOFF.baseMs);
  own.at(1).answer();
  await own.clock.advance(0);
  expect([got.status, headerOf(got, 'x-leeward-attempts')]).toEqual([200, '2']);
  expect(headerOf(got, 'x-leeward-route-reason')).toMatch(
    /after a gave upstream_error \(503\), tried again after \d+ ms/,
  );
  expect(own.told).toEqual(['a failed', 'a ok, last']);
  await own.over();
});

test('what was waited for between attempts is not the gateway’s own time', async () => {
  const { own, got } = await waiting();
  await own.clock.advance(BACKOFF.baseMs);
  await own.clock.advance(500);
  own.at(1).answer();
  await own.clock.advance(0);
  expect(headerOf(got, 'x-leeward-overhead-ms')).toBe('0.00');
  await own.over();
});

test('after the third attempt the client hears that it must not add its own', async () => {
  const { own, got } = await waiting();
  for (const at of [1, 2]) {
    await own.clock.advance(BACKOFF.baseMs * 2);
    own.at(at).refuse(500);
  }
  await own.clock.advance(60_000);
  expect([own.asked.length, got.status, headerOf(got, 'x-should-retry')]).toEqual([3, 500, 'false']);
  expect(own.told).toEqual(['a failed', 'a failed', 'a failed, last']);
  await own.over();
});

test('a client that leaves while its call waits ends the call, and its one attempt tells of it', async () => {
  const { own, exchange, got } = await waiting();
  exchange.clientGone();
  expect([own.exchanges.running, got.ended]).toEqual([0, 1]);
  expect(own.told).toEqual(['a failed, last']);
  expect(own.records.ends[0]).toMatchObject({ clientStatus: 499, errorCode: 'upstream_error', status: 503 });
  await own.over();
  await own.clock.advance(60_000);
  expect(own.asked).toHaveLength(1);
});

test('a gateway that stops ends a call that waits, with an error that its client can read', async () => {
  const { own, exchange, got } = await waiting();
  await own.clock.advance(1);
  exchange.shutDown();
  await own.clock.advance(0);
  expect([got.status, headerOf(got, 'retry-after')]).toEqual([503, '1']);
  expect(own.told).toEqual(['a failed, last']);
  expect(own.records.ends[0]).toMatchObject({ clientStatus: 503, totalMs: 0 });
  await own.over();
});

test('a wait that would not leave time for an answer is not begun: the client hears at once', async () => {
  const own = house({ totalMs: 40 });
  const { got } = own.begin();
  await own.clock.advance(0);
  own.at(0).refuse(503, {}, { 'retry-after': '1' });
  await own.clock.advance(0);
  expect([got.status, got.ended, own.asked.length]).toEqual([503, 1, 1]);
  await own.over();
});

test('a retry that cannot be recorded is not made, and the attempt before it tells of the call’s end', async () => {
  const { own, got } = await waiting();
  own.records.full = new GatewayError('budget_unavailable', { message: 'The journal is full.' });
  await own.clock.advance(BACKOFF.baseMs);
  expect([got.status, own.asked.length, headerOf(got, 'x-leeward-attempts')]).toEqual([503, 1, '1']);
  expect(own.told).toEqual(['a failed, last']);
  await own.over();
});

test('where the journal has no room, nothing is tried again', async () => {
  const own = house();
  const { got } = own.begin();
  await own.clock.advance(0);
  own.records.room = false;
  own.at(0).refuse(503);
  await own.clock.advance(60_000);
  expect([got.status, own.asked.length]).toEqual([503, 1]);
  expect(own.told).toEqual(['a failed, last']);
  await own.over();
});

test('a capped call that waits goes on being held for, and is settled when its client leaves', async () => {
  const { own, exchange } = await waiting({ budget: 1_000_000n });
  expect(own.balance.held).toBeGreaterThan(0n);
  exchange.clientGone();
  await own.over();
  expect(own.balance).toEqual({ settled: 0n, held: 0n });
});

test('where every attempt is paid for, what is held covers each try of the same target', async () => {
  // Silence after the request is billable: each of the three may cost what the call can cost.
  const own = house({
    budget: 1_000_000n,
    charge: 'all_attempts',
    providers: { a: { timeouts: { headMs: 1_000 } } },
    totalMs: 900_000,
  });
  const { got } = own.begin({ messages: [{ role: 'user', content: 'x'.repeat(2_000) }] });
  await own.clock.advance(0);
  const { held } = own.balance;
  await own.clock.advance(60_000);
  expect([own.asked.length, got.status]).toEqual([3, 504]);
  await own.over();
  expect(own.records.ends.filter(({ overrun }) => overrun === true)).toEqual([]);
  expect(own.balance.settled).toBeGreaterThan(0n);
  expect(own.balance.settled).toBeLessThanOrEqual(held);
});

test('a capped call is not lost when only where it may fall back to has a price', async () => {
  const own = house({
    budget: 1_000_000n,
    providers: { a: { outputPicoUsd: null }, b: {} },
    policies: { backoff: BACKOFF, degrade: [{ kind: 'target', target: 'b/m' }] },
  });
  const { got } = own.begin();
  await own.clock.advance(0);
  expect([got.status, own.asked.length]).toEqual([402, 0]);
  expect(got.text).toContain('price_unknown');
  await own.over();
});

test('a larger model that the budget cannot pay for is not asked', async () => {
  const own = house({
    budget: 1_000n,
    providers: { a: {}, big: { outputPicoUsd: null } },
    policies: { on: { contextLength: ['big/m'] } },
  });
  const { got } = own.begin();
  await own.clock.advance(0);
  own.at(0).refuse(400, { code: 'context_length_exceeded' });
  await own.clock.advance(0);
  expect([got.status, own.asked.length]).toEqual([400, 1]);
  await own.over();
});

test('a text in place of an answer, where answers of this kind have none, is the error that it stood for', async () => {
  const own = house({ policies: { degrade: [{ kind: 'text', text: 'Later, please.' }] } });
  const { got } = own.begin({ embeddings: true });
  await own.clock.advance(0);
  own.at(0).refuse(500);
  await own.clock.advance(0);
  expect([got.status, got.text.includes('Later')]).toEqual([500, false]);
  expect(headerOf(got, 'x-leeward-degraded')).toBeUndefined();
  expect(own.told).toEqual(['a failed, last']);
  await own.over();
});

test('a client’s own patience for the first token says nothing of the target', async () => {
  const own = house({ policies: {}, providers: { a: {}, b: {} }, targets: ['a/m', 'b/m'] });
  for (let call = 0; call < 6; call++) {
    const { got } = own.begin({ stream: true, facts: { firstTokenMs: 5 } });
    await own.clock.advance(5);
    own.asked.at(-1)?.streamed();
    await own.clock.advance(0);
    expect([got.status, own.asked.at(-1)?.provider]).toEqual([200, 'b']);
  }
  const a = own.weather.views().find(({ provider }) => provider === 'a');
  expect([a?.ended.failed, a?.closure]).toEqual([0, undefined]);
  await own.over();
});

test('a client that leaves while its second attempt waits for a journal that refuses it is told of by the first', async () => {
  const own = house({ budget: 1_000_000n, policies: { degrade: [{ kind: 'target', target: 'a/n' }] } });
  const { exchange, got } = own.begin();
  await own.clock.advance(0);
  own.records.slow = true;
  own.at(0).refuse(404);
  await own.clock.advance(0);
  exchange.clientGone();
  await own.clock.advance(0);
  own.records.slow = false;
  own.records.write(new GatewayError('budget_unavailable', { message: 'The journal is full.' }));
  await own.clock.advance(0);
  expect([got.ended, own.asked.length, own.told]).toEqual([1, 1, ['a failed, last']]);
  expect(own.records.ends[0]).toMatchObject({ clientStatus: 499 });
  await own.over();
  expect(own.balance).toEqual({ settled: 0n, held: 0n });
});
