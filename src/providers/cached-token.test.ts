import { expect, test } from 'vitest';
import { VirtualClock } from '../kernel/clock.ts';
import { CachedToken, type IssuedToken } from './cached-token.ts';

const HOUR_MS = 3_600_000;

/** An issuer whose answers a test gives one by one. */
function issuer() {
  const waiting: { resolve(issued: IssuedToken): void; reject(error: unknown): void }[] = [];
  let asked = 0;
  const issue = () => {
    asked++;
    return new Promise<IssuedToken>((resolve, reject) => waiting.push({ resolve, reject }));
  };
  return { issue, waiting, asked: () => asked };
}

async function filled(clock: VirtualClock, from: ReturnType<typeof issuer>, lifeMs = HOUR_MS): Promise<CachedToken> {
  const cached = new CachedToken(clock, from.issue);
  const ready = cached.prepare();
  from.waiting.shift()?.resolve({ token: 'first', lifeMs });
  await ready;
  return cached;
}

test('calls that come before the first token wait for one request, and later ones do not wait at all', async () => {
  const clock = new VirtualClock();
  const from = issuer();
  const cached = new CachedToken(clock, from.issue);
  const waits = [cached.prepare(), cached.prepare(), cached.prepare()];
  expect(from.asked()).toBe(1);
  from.waiting[0]?.resolve({ token: 'first', lifeMs: HOUR_MS });
  await Promise.all(waits);
  expect(cached.token).toBe('first');
  await clock.advance(HOUR_MS - 5 * 60_000 - 1);
  expect(cached.prepare()).toBeUndefined();
  expect(from.asked()).toBe(1);
});

test('five minutes before its end the next token is fetched beside the calls, which go on with the old one', async () => {
  const clock = new VirtualClock();
  const from = issuer();
  const cached = await filled(clock, from);
  await clock.advance(HOUR_MS - 5 * 60_000);
  expect(cached.prepare()).toBeUndefined();
  expect(cached.prepare()).toBeUndefined();
  expect(from.asked()).toBe(2);
  expect(cached.token).toBe('first');
  from.waiting[0]?.resolve({ token: 'second', lifeMs: HOUR_MS });
  await Promise.resolve();
  await Promise.resolve();
  expect(cached.token).toBe('second');
});

test('a token about to expire is not used any more', async () => {
  const clock = new VirtualClock();
  const from = issuer();
  const cached = await filled(clock, from);
  await clock.advance(HOUR_MS - 30_000);
  const waiting = cached.prepare();
  expect(waiting).toBeInstanceOf(Promise);
  from.waiting[0]?.resolve({ token: 'second', lifeMs: HOUR_MS });
  await waiting;
  expect(cached.token).toBe('second');
});

test('a renewal that fails is nobody’s error while the old token is good, and everybody’s once it is not', async () => {
  const clock = new VirtualClock();
  const from = issuer();
  const cached = await filled(clock, from);
  await clock.advance(HOUR_MS - 4 * 60_000);
  expect(cached.prepare()).toBeUndefined();
  from.waiting.shift()?.reject(new Error('the issuer is away'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(cached.token).toBe('first');
  await clock.advance(4 * 60_000);
  const waiting = cached.prepare();
  from.waiting.shift()?.reject(new Error('still away'));
  await expect(waiting).rejects.toThrow('still away');
});

test('after a failure nobody is asked again for a second', async () => {
  const clock = new VirtualClock();
  const from = issuer();
  const cached = new CachedToken(clock, from.issue);
  const first = cached.prepare();
  from.waiting.shift()?.reject(new Error('no'));
  await expect(first).rejects.toThrow('no');
  await expect(cached.prepare()).rejects.toThrow('no');
  expect(from.asked()).toBe(1);
  await clock.advance(1_000);
  const again = cached.prepare();
  expect(from.asked()).toBe(2);
  from.waiting.shift()?.resolve({ token: 'late', lifeMs: HOUR_MS });
  await again;
  expect(cached.token).toBe('late');
});

test('a refused token is fetched anew, unless it is so young that the same would come again', async () => {
  const clock = new VirtualClock();
  const from = issuer();
  const cached = await filled(clock, from);
  cached.refused();
  expect(cached.prepare()).toBeUndefined();
  await clock.advance(5_000);
  cached.refused();
  const waiting = cached.prepare();
  from.waiting.shift()?.resolve({ token: 'second', lifeMs: HOUR_MS });
  await waiting;
  expect(cached.token).toBe('second');
});
