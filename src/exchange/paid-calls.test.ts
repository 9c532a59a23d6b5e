import { expect, test } from 'vitest';
import { lifetimeAccount, UnreliableLedger } from '../../test/support/unreliable-ledger.ts';
import { openAiChat } from '../edge/openai/dialects.ts';
import { pico } from '../kernel/amounts.ts';
import { VirtualClock } from '../kernel/clock.ts';
import { seededRandom } from '../kernel/random.ts';
import { Cashier } from '../money/cashier.ts';
import type { AttemptCheckpoint, AttemptEnd } from '../protocol/attempt-record.ts';
import type { CallView } from '../protocol/call-view.ts';
import { DEFAULT_ROUTE_POLICIES, DEFAULT_TARGET_POLICIES } from '../protocol/policy.ts';
import type { Transport, UpstreamHandler } from '../protocol/upstream.ts';
import type { OnClientGone, PlannedTarget, ProviderHandle } from '../routing/target.ts';
import { Weather } from '../routing/weather.ts';
import { Exchanges } from './exchanges.ts';

/** Calls in virtual time: a ledger, a provider and clients that do what a test says when it says so. */

const TOTAL_MS = 30_000;
const SSE = (name: string) => (name === 'content-type' ? 'text/event-stream' : undefined);
const JSON_HEAD = (name: string) => (name === 'content-type' ? 'application/json' : undefined);
const DELTA = 'data: {"choices":[{"index":0,"delta":{"content":"12345678"},"finish_reason":null}]}\n\n';
const END =
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":30}}\n\ndata: [DONE]\n\n';
const ANSWER = Buffer.from(
  '{"choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2}}',
);

/** Requests as the provider sees them. */
class HandTransport implements Transport {
  readonly asked: UpstreamHandler[] = [];
  aborted = 0;

  dispatch(_: unknown, handler: UpstreamHandler) {
    this.asked.push(handler);
    return { pause: () => undefined, resume: () => undefined, abort: () => void this.aborted++ };
  }

  async close(): Promise<void> {
    this.asked.length = 0;
  }
}

function house(brief: { readonly onClientGone?: OnClientGone } = {}) {
  const clock = new VirtualClock();
  const ledger = new UnreliableLedger();
  const account = lifetimeAccount('bud_1', 10_000_000n);
  const troubles: unknown[] = [];
  const holds = new Cashier({
    ledger,
    clock,
    accountsOf: () => [account],
    policy: () => 'winner_only',
    onSettled: () => undefined,
    onTrouble: (error) => troubles.push(error),
  });
  const transport = new HandTransport();
  const rate = (picoUsd: bigint) => ({ picoUsd: pico(picoUsd), per: 1n, tiers: [] });
  const provider: ProviderHandle = {
    name: 'up',
    transport,
    pathOf: (path) => path,
    nameOf: (model) => model,
    dialects: new Set(['openai-chat']),
    streamUsageOption: true,
    maxTokensField: 'max_tokens',
    onClientGone: brief.onClientGone ?? { stream: 'abort', answer: 'abort' },
    timeouts: { streamHeadMs: 600_000, headMs: 600_000, firstTokenMs: 600_000, idleMs: 600_000 },
    headers: [],
    sheetOf: () => ({ version: 'v', tokens: { input: rate(1_000n), output: rate(2_000n) } }),
    limitsOf: () => undefined,
    judge: () => {
      throw new Error('no call here is refused by its provider');
    },
  };
  const target: PlannedTarget = {
    provider,
    model: 'm',
    credential: undefined,
    reason: 'only',
    policies: DEFAULT_TARGET_POLICIES,
    timeouts: provider.timeouts,
  };
  const ends: AttemptEnd[] = [];
  const counting: { wait?: Promise<void> } = {};
  const checkpoints: AttemptCheckpoint[] = [];
  const refused: CallView[] = [];
  const unexpected: unknown[] = [];
  const exchanges = new Exchanges({
    clock,
    random: seededRandom(1),
    weather: new Weather(clock, seededRandom(1), {}),
    pingMs: () => undefined,
    holds,
    tokens: {
      count: async (texts) => {
        await counting.wait;
        return texts.map((text) => Math.ceil(text.length / 4));
      },
      exactly: async () => undefined,
    },
    events: {
      mayStart: () => true,
      attemptStarted: (_, onRecorded) => onRecorded(),
      attemptEnded: (record, _, onRecorded) => {
        ends.push(record);
        onRecorded();
      },
      attemptProgressed: (record) => checkpoints.push(record),
      usageDoubted: () => undefined,
      unexpected: (error) => unexpected.push(error),
      callRefused: (call) => refused.push(call),
    },
    plan: () => ({
      route: 'r',
      targets: [target],
      attemptsMax: 1,
      totalMs: TOTAL_MS,
      policies: DEFAULT_ROUTE_POLICIES,
    }),
  });
  let calls = 0;
  /** @returns the call, and all that its client got */
  const begin = (stream: boolean) => {
    const got = { status: 0, headers: [] as readonly string[], text: '', ended: false, cut: false };
    const asked = { model: 'm', stream, max_tokens: 100, messages: [{ role: 'user', content: 'hello' }] };
    const exchange = exchanges.begin(
      {
        id: `call_${calls++}`,
        arrivedAt: clock.now(),
        arrivedMs: clock.monotonicMs(),
        caller: { organisation: 'org_test', project: 'proj_test', keyId: 'key_test' },
        facts: { forwarded: [] },
        request: openAiChat.parse(Buffer.from(JSON.stringify(asked))),
        configVersion: 'c',
        priceVersion: 'p',
      },
      {
        head: (status, headers) => Object.assign(got, { status, headers }),
        write: (bytes) => {
          got.text += bytes.toString();
          return true;
        },
        end: (bytes) => Object.assign(got, { text: got.text + (bytes?.toString() ?? ''), ended: true }),
        abort: () => Object.assign(got, { cut: true }),
      },
      () => undefined,
    );
    exchange.run();
    return { exchange, got };
  };
  const over = async () => {
    expect([exchanges.running, clock.pendingTimers, await ledger.openCount(), unexpected]).toEqual([0, 0, 0, []]);
  };
  const header = (headers: readonly string[], name: string) => headers[headers.indexOf(name) + 1];
  const balance = () => ledger.balance(account);
  return {
    clock,
    ledger,
    transport,
    exchanges,
    ends,
    checkpoints,
    refused,
    unexpected,
    counting,
    begin,
    over,
    header,
    balance,
  };
}

type House = ReturnType<typeof house>;

/** What the ledger waits for until a test lets go. */
function stopped(own: House, what: 'beforeTake' | 'beforeSettle'): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  own.ledger[what] = () => promise;
  return resolve;
}

function answerNow({ transport }: House): void {
  transport.asked.at(-1)?.onHead(200, JSON_HEAD);
  transport.asked.at(-1)?.onData(ANSWER);
  transport.asked.at(-1)?.onEnd();
}

function streamNow({ transport }: House, text: string, at = transport.asked.length - 1): void {
  transport.asked[at]?.onHead(200, SSE);
  transport.asked[at]?.onData(Buffer.from(text));
}

test('a client waits a quarter of a second for its settlement and no longer; the hold is settled afterwards', async () => {
  const own = house();
  const settle = stopped(own, 'beforeSettle');
  const { got } = own.begin(false);
  await own.clock.advance(0);
  answerNow(own);
  await own.clock.advance(249);
  expect(got.ended).toBe(false);
  await own.clock.advance(1);
  expect([got.ended, got.status, own.exchanges.running]).toEqual([true, 200, 1]);
  // What it costs is known, what is left is not.
  expect(own.header(got.headers, 'x-leeward-cost')).toBe('0.000000008');
  expect(own.header(got.headers, 'x-leeward-budget-remaining')).toBe('unknown');
  expect(own.balance().settled).toBe(0n);
  settle();
  await own.clock.advance(0);
  expect(own.balance()).toEqual({ settled: 8n, held: 0n });
  await own.over();
});

test('a client does not wait for tokens that take long to count: they are estimated by length, booked and told', async () => {
  const own = house();
  const { promise, resolve } = Promise.withResolvers<void>();
  own.counting.wait = promise;
  const { got } = own.begin(true);
  await own.clock.advance(0);
  streamNow(own, DELTA);
  own.transport.asked[0]?.onEnd();
  await own.clock.advance(249);
  expect([got.ended, own.ends]).toEqual([false, []]);
  await own.clock.advance(1);
  expect([got.ended, got.text.includes('stream_truncated')]).toEqual([true, true]);
  expect(own.ends).toEqual([expect.objectContaining({ outcome: 'truncated', usageSource: 'estimated' })]);
  // Twelve bytes of output.
  expect(own.ends[0]?.usage?.outputTokens).toBe(2);
  expect(own.balance()).toEqual({ settled: BigInt(own.ends[0]?.chargeNanoUsd ?? -1), held: 0n });
  resolve();
  await own.clock.advance(0);
  expect(own.ends).toHaveLength(1);
  await own.over();
});

test('the end of a stream is held until it is settled', async () => {
  const own = house();
  const settle = stopped(own, 'beforeSettle');
  const { got } = own.begin(true);
  await own.clock.advance(0);
  streamNow(own, DELTA + END);
  own.transport.asked[0]?.onEnd();
  await own.clock.advance(100);
  expect([got.text.includes('12345678'), got.text.includes('[DONE]'), got.ended]).toEqual([true, false, false]);
  settle();
  await own.clock.advance(0);
  expect([got.text.endsWith('data: [DONE]\n\n'), got.ended, own.balance().settled]).toEqual([true, true, 64n]);
  await own.over();
});

test('a call whose time is up while its hold is taken is answered, and the hold is given back when it comes', async () => {
  const own = house();
  const take = stopped(own, 'beforeTake');
  const { got } = own.begin(false);
  await own.clock.advance(TOTAL_MS);
  expect([got.status, got.ended, own.exchanges.running]).toEqual([504, true, 1]);
  expect(own.refused).toHaveLength(1);
  take();
  await own.clock.advance(0);
  expect([own.transport.asked.length, own.balance()]).toEqual([0, { settled: 0n, held: 0n }]);
  await own.over();
});

test('a drain waits for what calls still owe after their clients have heard of their end', async () => {
  const own = house();
  const settle = stopped(own, 'beforeSettle');
  const { got } = own.begin(false);
  await own.clock.advance(0);
  answerNow(own);
  await own.clock.advance(250);
  expect(got.ended).toBe(true);
  let drained = false;
  const draining = own.exchanges.drain(1_000).then(() => {
    drained = true;
  });
  await own.clock.advance(3_000);
  expect(drained).toBe(false);
  settle();
  await own.clock.advance(0);
  await draining;
  await own.over();
});

test('a drain does not wait for ever for a store that settles nothing', async () => {
  const own = house();
  const settle = stopped(own, 'beforeSettle');
  own.begin(false);
  await own.clock.advance(0);
  answerNow(own);
  const draining = own.exchanges.drain(1_000);
  await own.clock.advance(6_000);
  await draining;
  expect(own.exchanges.running).toBe(1);
  settle();
  await own.clock.advance(0);
  await own.over();
});

test('a drain ends a call that is under way, which pays for what came', async () => {
  const own = house();
  const { got } = own.begin(true);
  await own.clock.advance(0);
  streamNow(own, DELTA);
  const draining = own.exchanges.drain(1_000);
  await own.clock.advance(1_000);
  await draining;
  expect([got.text.includes('shutting down'), got.ended, own.transport.aborted]).toEqual([true, true, 1]);
  // "user", "hello", 6 around them, and 8 characters of output, at 4 a token here.
  expect(own.balance()).toEqual({ settled: 13n, held: 0n });
  await own.over();
});

test('of answers that nobody waits for, 64 are read on and the next is hung up on', async () => {
  const own = house({ onClientGone: { stream: 'drain', answer: 'drain' } });
  const calls = Array.from({ length: 66 }, () => own.begin(true));
  await own.clock.advance(0);
  for (const at of calls.keys()) streamNow(own, DELTA, at);
  for (const { exchange } of calls) exchange.clientGone();
  await own.clock.advance(0);
  expect([own.transport.aborted, own.exchanges.running, own.ends.length]).toEqual([2, 64, 2]);
  // Each that ends makes room for another.
  own.transport.asked[0]?.onData(Buffer.from(END));
  own.transport.asked[0]?.onEnd();
  await own.clock.advance(0);
  const late = own.begin(true);
  await own.clock.advance(0);
  streamNow(own, DELTA);
  late.exchange.clientGone();
  await own.clock.advance(0);
  expect([own.transport.aborted, own.exchanges.running]).toEqual([2, 64]);
  for (const handler of own.transport.asked.slice(1)) {
    handler.onData(Buffer.from(END));
    handler.onEnd();
  }
  await own.clock.advance(0);
  const sources = own.ends.map(({ usageSource }) => usageSource);
  expect(sources.filter((source) => source === 'estimated')).toHaveLength(2);
  expect(sources.filter((source) => source === 'provider')).toHaveLength(65);
  await own.over();
});

test('an answer that nobody waits for is read on for two minutes, beyond its call’s own time, and no longer', async () => {
  const own = house({ onClientGone: { stream: 'drain', answer: 'drain' } });
  const { exchange, got } = own.begin(true);
  await own.clock.advance(0);
  streamNow(own, DELTA);
  exchange.clientGone();
  const before = got.text;
  await own.clock.advance(119_999);
  expect([own.exchanges.running, own.transport.aborted]).toEqual([1, 0]);
  await own.clock.advance(1);
  expect([own.exchanges.running, own.transport.aborted]).toEqual([0, 1]);
  expect([own.ends, got.text]).toMatchObject([[{ outcome: 'cancelled', usageSource: 'estimated' }], before]);
  expect(own.balance()).toEqual({ settled: 13n, held: 0n });
  await own.over();
});

test('a client that leaves again, or a stop, while its answer is read on: one end, one settlement', async () => {
  const own = house({ onClientGone: { stream: 'drain', answer: 'drain' } });
  const { exchange } = own.begin(true);
  await own.clock.advance(0);
  streamNow(own, DELTA);
  exchange.clientGone();
  exchange.clientGone();
  exchange.shutDown();
  exchange.shutDown();
  await own.clock.advance(0);
  expect([own.ends.length, own.ledger.settleOrders.length, own.transport.aborted]).toEqual([1, 1, 1]);
  await own.over();
});

test('a request that was cut after it was written is no free call: its input is estimated', async () => {
  const own = house();
  const { got } = own.begin(false);
  await own.clock.advance(0);
  own.transport.asked[0]?.onFailure({ kind: 'reset', requestSent: true, cause: new Error('reset') });
  await own.clock.advance(0);
  expect([got.status, own.balance(), own.ends[0]?.usageSource]).toEqual([502, { settled: 9n, held: 0n }, 'estimated']);
  await own.over();
});

test('one that certainly was not sent costs nothing, and neither does an error in place of an answer', async () => {
  const own = house();
  own.begin(false);
  await own.clock.advance(0);
  own.transport.asked[0]?.onFailure({ kind: 'connect', requestSent: false, cause: new Error('refused') });
  own.begin(true);
  await own.clock.advance(0);
  streamNow(own, 'data: {"error":{"message":"no"}}\n\n');
  own.transport.asked[1]?.onEnd();
  own.begin(false);
  await own.clock.advance(0);
  own.transport.asked[2]?.onHead(200, JSON_HEAD);
  own.transport.asked[2]?.onData(Buffer.from('{"error":{"message":"no"}}'));
  own.transport.asked[2]?.onEnd();
  await own.clock.advance(0);
  expect(own.ends.map(({ chargeNanoUsd }) => chargeNanoUsd)).toEqual(['0', '0', '0']);
  expect(own.balance()).toEqual({ settled: 0n, held: 0n });
  await own.over();
});

test('a long stream leaves checkpoints of what it has cost so far', async () => {
  const own = house();
  own.begin(true);
  await own.clock.advance(0);
  streamNow(own, DELTA);
  await own.clock.advance(2_500);
  own.transport.asked[0]?.onData(Buffer.from(DELTA));
  expect(own.checkpoints).toMatchObject([{ kind: 'checkpoint', attempt: 1, usage: { outputTokens: 4 } }]);
  expect(own.checkpoints[0]?.costNanoUsd).toBeDefined();
  own.transport.asked[0]?.onData(Buffer.from(END));
  own.transport.asked[0]?.onEnd();
  await own.clock.advance(0);
  await own.over();
});

test('a settlement that fails in a way nobody foresaw leaves the client its answer and no call running', async () => {
  const own = house();
  const { got } = own.begin(false);
  await own.clock.advance(0);
  own.ledger.beforeSettle = () => Promise.reject(new TypeError('a bug'));
  answerNow(own);
  await own.clock.advance(0);
  expect([got.status, got.ended, got.cut, own.exchanges.running]).toEqual([200, true, false, 0]);
  // It is tried again, as if the store had been away.
  own.ledger.beforeSettle = async () => undefined;
  await own.clock.advance(1_000);
  expect(own.balance()).toEqual({ settled: 8n, held: 0n });
  await own.over();
});
