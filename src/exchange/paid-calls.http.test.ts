import { describe, expect, test } from 'vitest';
import { TestGateway, type TestGatewayOptions, until } from '../../test/support/gateway.ts';
import {
  type Answerer,
  answerBytes,
  httpChunk,
  LAST_CHUNK,
  RawUpstream,
  STREAM_HEAD,
} from '../../test/support/raw-upstream.ts';
import { lifetimeAccount, UnreliableLedger } from '../../test/support/unreliable-ledger.ts';
import { systemClock } from '../kernel/clock.ts';
import type { AccountRef } from '../money/budget.ts';
import { Cashier } from '../money/cashier.ts';
import type { ChargePolicy } from '../money/hold.ts';

/** A nano-dollar a token of input, two a token of output. */
const PRICES = { input: 1_000n, output: 2_000n };
const OK_BODY =
  '{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}';
const DELTA = 'data: {"choices":[{"index":0,"delta":{"content":"eight ch"},"finish_reason":null}]}\n\n';
const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":30,"total_tokens":34}}\n\n';
const DONE = 'data: [DONE]\n\n';
const CHAT = '/v1/chat/completions';

const good: Answerer = (socket) => void socket.write(answerBytes(200, 'application/json', OK_BODY));
const goodStream: Answerer = (socket) => {
  for (const part of [STREAM_HEAD, httpChunk(DELTA), httpChunk(FINISH + USAGE + DONE), LAST_CHUNK]) socket.write(part);
};

function body(more: object = {}) {
  return { model: 'up/m', messages: [{ role: 'user', content: 'hello' }], max_tokens: 100, ...more };
}

/** The most that it can cost: its bytes, what surrounds a message, and its output. */
function boundOf(sent: object, outputTokens = 100): bigint {
  return BigInt(Buffer.byteLength(JSON.stringify(sent)) + 64 + 8 + 2 * outputTokens);
}

interface Brief {
  readonly hard?: bigint;
  readonly answer?: Answerer;
  readonly policy?: ChargePolicy;
  readonly options?: Partial<TestGatewayOptions>;
}

async function house({ hard, answer = good, policy = 'winner_only', options = {} }: Brief) {
  const ledger = new UnreliableLedger();
  const account: AccountRef = lifetimeAccount('bud_1', hard);
  const troubles: string[] = [];
  const cashier = new Cashier({
    ledger,
    clock: systemClock,
    accountsOf: () => [account],
    policy: () => policy,
    onSettled: () => undefined,
    onTrouble: (_, what) => troubles.push(what),
  });
  const upstream = await RawUpstream.start(answer);
  const gateway = await TestGateway.start({
    upstreams: { up: upstream.baseUrl },
    prices: PRICES,
    holds: cashier,
    ...options,
  });
  return {
    ledger,
    cashier,
    upstream,
    gateway,
    troubles,
    balance: () => ledger.balance(account),
    async [Symbol.asyncDispose](): Promise<void> {
      await gateway[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
      cashier.close();
      expect([await ledger.openCount(), gateway.unexpected]).toEqual([0, []]);
    },
  };
}

type House = Awaited<ReturnType<typeof house>>;

/** A client that reads until it has seen a text, or nothing at all, and hangs up. */
async function leaveAfter(own: House, sent: object, seen: string | undefined): Promise<void> {
  const leaving = new AbortController();
  const call = fetch(`${own.gateway.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${own.gateway.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(sent),
    signal: leaving.signal,
  });
  if (seen !== undefined) {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of (await call).body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes(seen)) break;
    }
    leaving.abort();
    return;
  }
  await until(() => own.upstream.seen.length > 0 || own.ledger.takeOrders.length > 0, 'the call did not come');
  leaving.abort();
  await call.catch(() => undefined);
}

const settled = (own: House) =>
  until(() => own.ledger.settleOrders.length > 0 && own.gateway.plane.exchanges.running === 0, 'nothing was settled');

describe('a call with a cap', () => {
  test('holds its most before upstream sees a byte, pays what it used, and says so', async () => {
    await using own = await house({ hard: 10_000n });
    const opened = Promise.withResolvers<void>();
    own.ledger.beforeTake = () => opened.promise;
    const sent = body();
    const answering = own.gateway.post(CHAT, sent);
    await new Promise((done) => setTimeout(done, 50));
    expect([own.upstream.seen.length, own.upstream.sockets.size]).toEqual([0, 0]);
    opened.resolve();
    const answer = await answering;
    expect(answer.status).toBe(200);
    expect(own.ledger.takeOrders).toMatchObject([{ wanted: boundOf(sent), least: boundOf(sent) }]);
    // 4 tokens in, 2 out.
    expect(own.balance()).toEqual({ settled: 8n, held: 0n });
    expect(answer.headers.get('x-leeward-cost')).toBe('0.000000008');
    expect(answer.headers.get('x-leeward-budget-remaining')).toBe('0.000009992');
    expect(answer.headers.get('x-leeward-warnings')).toBe('none');
    expect(own.gateway.ends).toMatchObject([
      { costNanoUsd: '8', chargeNanoUsd: '8', holdNanoUsd: boundOf(sent).toString(), usageSource: 'provider' },
    ]);
    expect(own.upstream.seen[0]?.body).toBe(JSON.stringify({ ...sent, model: 'm' }));
    await answer.text();
  });

  test('is refused with the numbers, and upstream hears nothing', async () => {
    await using own = await house({ hard: 150n });
    const answer = await own.gateway.post(CHAT, body());
    const { error } = (await answer.json()) as { error: Record<string, unknown> };
    expect([answer.status, own.upstream.seen.length, own.gateway.starts.length]).toEqual([402, 0, 0]);
    expect(error).toMatchObject({ code: 'budget_exceeded' });
    expect(JSON.stringify(error)).toMatch(/"limit_usd":"0\.00000015"/);
    expect(answer.headers.get('x-leeward-cost')).toBe('0');
    expect(own.ledger.settleOrders).toEqual([]);
  });

  test.each([false, true])(
    'is clamped to what is left, is told so, and upstream gets the bound, streamed %s',
    async (stream) => {
      const sent = body({ max_tokens: 1_000, stream });
      const input = boundOf(sent, 0);
      await using own = await house({ hard: input + 2n * 50n, answer: stream ? goodStream : good });
      const answer = await own.gateway.post(CHAT, sent);
      expect(await answer.text()).toMatch(stream ? /\[DONE\]/ : /"hi"/);
      expect(answer.headers.get('x-leeward-warnings')).toMatch(/^max_tokens: 50\b/);
      expect(JSON.parse(own.upstream.seen[0]?.body ?? '')).toMatchObject({ max_tokens: 50 });
      await until(() => own.balance().held === 0n, 'the hold is still there');
      expect(own.balance()).toEqual({ settled: stream ? 64n : 8n, held: 0n });
    },
  );

  test('is refused with 503 while the store is away, and what was perhaps held is given back', async () => {
    await using own = await house({ hard: 10_000n });
    own.ledger.loseAnswer = true;
    const answer = await own.gateway.post(CHAT, body());
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await answer.text()).toMatch(/budget_unavailable/);
    expect(own.upstream.seen).toEqual([]);
    await until(() => own.balance().held === 0n, 'the hold is still there');
  });

  test('gives its hold back when the journal takes no attempt', async () => {
    await using own = await house({ hard: 10_000n });
    own.gateway.startsLeft = 0;
    own.gateway.journalPromisesMore = true;
    const answer = await own.gateway.post(CHAT, body());
    expect([answer.status, own.upstream.seen.length]).toEqual([503, 0]);
    await until(() => own.ledger.settleOrders.length === 1, 'nothing was settled');
    expect([own.ledger.settleOrders[0]?.lines, own.balance()]).toEqual([[], { settled: 0n, held: 0n }]);
  });

  test('with a price that nobody knows, a tool without a bound, a limit of its own: each has its refusal', async () => {
    await using own = await house({ hard: 10_000n });
    const hosted = await own.gateway.post(CHAT, body({ tools: [{ type: 'web_search_preview' }] }));
    expect([hosted.status, await hosted.text()]).toEqual([400, expect.stringMatching(/unsupported_parameter/)]);
    const limited = await own.gateway.post(CHAT, body(), { 'x-leeward-max-cost': '0.0000001' });
    expect([limited.status, await limited.text()]).toEqual([402, expect.stringMatching(/x-leeward-max-cost/)]);
    expect(own.upstream.seen).toEqual([]);
  });

  test('that is told nothing of its use pays by our own count, and one that uses more than it may pays all of it', async () => {
    const bodies = [
      '{"choices":[{"index":0,"message":{"role":"assistant","content":"twelve chars"},"finish_reason":"stop"}]}',
      '{"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":5000}}',
    ];
    await using own = await house({
      hard: 10_000n,
      answer: (socket) => void socket.write(answerBytes(200, 'application/json', bodies.shift() ?? '')),
    });
    await (await own.gateway.post(CHAT, body())).text();
    // "user", "hello", 3 for the message, 3 for the answer; 12 bytes of output: 4 bytes a token here.
    expect(own.gateway.ends[0]).toMatchObject({ usage: { inputTokens: 9, outputTokens: 3 }, usageSource: 'estimated' });
    expect(own.balance().settled).toBe(15n);
    await (await own.gateway.post(CHAT, body())).text();
    expect(own.gateway.ends[1]).toMatchObject({ chargeNanoUsd: '10001', overrun: true });
    expect((await own.gateway.post(CHAT, body())).status).toBe(402);
  });
});

describe('several attempts', () => {
  const routes = {
    main: {
      targets: [
        { target: 'up/a', weight: 1 },
        { target: 'other/b', weight: 1 },
      ],
    },
  };

  test.each([
    ['winner_only', [0n, 8n]],
    ['all_attempts', [9n, 8n]],
  ] as const)('have a line each, charged by %s', async (policy, amounts) => {
    // It took the request, so that it may bill it, and says nothing that can be used.
    const silent: Answerer = (socket) => void socket.end();
    const other = await RawUpstream.start(good);
    const own = await house({ hard: 10_000n, answer: silent, policy });
    await own.gateway[Symbol.asyncDispose]();
    const gateway = await TestGateway.start({
      upstreams: { up: own.upstream.baseUrl, other: other.baseUrl },
      prices: PRICES,
      routes,
      holds: own.cashier,
    });
    const sent = body({ model: 'route/main' });
    const answer = await gateway.post(CHAT, sent);
    expect([answer.status, answer.headers.get('x-leeward-attempts')]).toEqual([200, '2']);
    expect(own.ledger.takeOrders[0]?.wanted).toBe(boundOf(sent) * (policy === 'winner_only' ? 1n : 2n));
    const lines = own.ledger.settleOrders[0]?.lines ?? [];
    const sorted = [...lines].sort((one, next) => one.attempt - next.attempt);
    expect(sorted.map(({ amount, provider }) => [provider, amount])).toEqual([
      ['up', amounts[0]],
      ['other', amounts[1]],
    ]);
    expect(gateway.ends.map(({ costNanoUsd }) => costNanoUsd).sort()).toEqual(['8', '9']);
    expect(own.balance()).toEqual({ settled: amounts[0] + amounts[1], held: 0n });
    await answer.text();
    await gateway[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    await own.upstream[Symbol.asyncDispose]();
    expect(await own.ledger.openCount()).toBe(0);
  });
});

describe('a client that leaves', () => {
  test('while its hold is taken: nothing is sent, and the hold is given back', async () => {
    await using own = await house({ hard: 10_000n });
    const opened = Promise.withResolvers<void>();
    let asked = false;
    own.ledger.beforeTake = () => {
      asked = true;
      return opened.promise;
    };
    const leaving = new AbortController();
    const call = fetch(`${own.gateway.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${own.gateway.key}` },
      body: JSON.stringify(body()),
      signal: leaving.signal,
    }).catch(() => undefined);
    await until(() => asked, 'no hold was asked for');
    leaving.abort();
    await call;
    await new Promise((done) => setTimeout(done, 20));
    expect(own.gateway.plane.exchanges.running).toBe(1);
    opened.resolve();
    await settled(own);
    expect([own.upstream.seen.length, own.gateway.starts.length, own.ledger.settleOrders[0]?.lines]).toEqual([
      0,
      0,
      [],
    ]);
    expect(own.balance()).toEqual({ settled: 0n, held: 0n });
  });

  const endless: Answerer = (socket) => {
    socket.write(STREAM_HEAD);
    socket.write(httpChunk(DELTA));
  };

  test('in the middle of a stream that is hung up on: what came is estimated and paid', async () => {
    await using own = await house({ hard: 10_000n, answer: endless });
    await leaveAfter(own, body({ stream: true }), 'eight');
    await settled(own);
    await until(() => own.upstream.sockets.size === 0, 'upstream was not hung up on');
    // 9 tokens in; 8 bytes, 2 tokens out.
    expect(own.balance()).toEqual({ settled: 13n, held: 0n });
    expect(own.gateway.ends).toMatchObject([
      { outcome: 'cancelled', usageSource: 'estimated', chargeNanoUsd: '13', clientStatus: 499 },
    ]);
  });

  test('of a provider that bills to the end: the answer is read to its end, and paid exactly', async () => {
    const goOn = Promise.withResolvers<void>();
    const slow: Answerer = async (socket, request) => {
      await endless(socket, request);
      await goOn.promise;
      socket.write(httpChunk(DELTA + FINISH + USAGE + DONE));
      socket.write(LAST_CHUNK);
    };
    const options = { onClientGone: { stream: 'drain', answer: 'drain' } } as const;
    await using own = await house({ hard: 10_000n, answer: slow, options });
    await leaveAfter(own, body({ stream: true }), 'eight');
    await new Promise((done) => setTimeout(done, 50));
    expect([own.gateway.plane.exchanges.running, own.upstream.sockets.size]).toEqual([1, 1]);
    goOn.resolve();
    await settled(own);
    expect(own.balance()).toEqual({ settled: 64n, held: 0n });
    expect(own.gateway.ends).toMatchObject([{ outcome: 'cancelled', usageSource: 'provider', chargeNanoUsd: '64' }]);
  });

  test('before an answer that is not streamed: it is read to its end as well', async () => {
    const goOn = Promise.withResolvers<void>();
    const slow: Answerer = async (socket, request) => {
      await goOn.promise;
      await good(socket, request);
    };
    const options = { onClientGone: { stream: 'abort', answer: 'drain' } } as const;
    await using own = await house({ hard: 10_000n, answer: slow, options });
    await leaveAfter(own, body(), undefined);
    await until(() => own.upstream.seen.length === 1, 'upstream was not asked');
    await new Promise((done) => setTimeout(done, 30));
    expect(own.gateway.plane.exchanges.running).toBe(1);
    goOn.resolve();
    await settled(own);
    expect(own.balance()).toEqual({ settled: 8n, held: 0n });
  });

  test('of a call that fails while it is read on: nothing else is tried', async () => {
    const goOn = Promise.withResolvers<void>();
    const failing: Answerer = async (socket) => {
      await goOn.promise;
      socket.write(answerBytes(500, 'application/json', '{}'));
    };
    const options = { onClientGone: { stream: 'drain', answer: 'drain' } } as const;
    await using own = await house({ hard: 10_000n, answer: failing, options });
    await leaveAfter(own, body(), undefined);
    await until(() => own.upstream.seen.length === 1, 'upstream was not asked');
    await new Promise((done) => setTimeout(done, 30));
    goOn.resolve();
    await settled(own);
    expect([own.upstream.seen.length, own.balance()]).toEqual([1, { settled: 0n, held: 0n }]);
  });
});

test('a call without a cap goes on while the store is away, and is counted while it is there', async () => {
  await using own = await house({});
  own.ledger.away = UnreliableLedger.unavailable();
  const answer = await own.gateway.post(CHAT, body());
  expect([answer.status, answer.headers.get('x-leeward-budget-remaining')]).toEqual([200, 'unlimited']);
  expect(answer.headers.get('x-leeward-cost')).toBe('0.000000008');
  own.ledger.away = undefined;
  const sent = body({ max_tokens: undefined, tools: [{ type: 'web_search_preview' }] });
  expect((await own.gateway.post(CHAT, sent)).status).toBe(200);
  expect(own.upstream.seen[1]?.body).toBe(JSON.stringify({ ...sent, model: 'm' }));
  expect(own.balance()).toEqual({ settled: 8n, held: 0n });
  expect(own.gateway.ends.map(({ holdNanoUsd }) => holdNanoUsd)).toEqual([undefined, undefined]);
});
