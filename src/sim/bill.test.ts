import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../kernel/clock.ts';
import type { Transport, UpstreamHandler } from '../protocol/upstream.ts';
import type { BillLine } from './bill.ts';
import { controlAnswer } from './control.ts';
import type { FaultRuleInput } from './faults/rules.ts';
import { Simulator } from './simulator.ts';
import { ask, askStream, ready } from './testing.ts';
import { simTransport } from './transport.ts';

const STEADY = { firstToken: { kind: 'constant', ms: 100 }, perToken: { kind: 'constant', ms: 10 } } as const;
const ASKED = { model: 'sim-small', max_tokens: 20, messages: [{ role: 'user', content: 'Describe the lighthouse' }] };
const DEAF: UpstreamHandler = {
  onHead: () => undefined,
  onData: () => undefined,
  onEnd: () => undefined,
  onFailure: () => undefined,
};

let clock: VirtualClock;
let simulator: Simulator;
let transport: Transport;

beforeAll(ready);

beforeEach(() => {
  clock = new VirtualClock();
  simulator = new Simulator({ seed: 3, clock, latency: STEADY });
  transport = simTransport(simulator, clock);
});

afterEach(async () => {
  await transport.close();
  expect(clock.pendingTimers).toBe(0);
  expect(simulator.counts().active).toBe(0);
});

/** One call that is left `afterMs` after it began. */
async function leftAfter(afterMs: number, body: object, path = '/v1/chat/completions'): Promise<BillLine> {
  const bytes = Buffer.from(JSON.stringify({ ...ASKED, ...body }));
  const stream = transport.dispatch({ method: 'POST', path, headers: [], body: bytes } as never, DEAF);
  await clock.advance(afterMs);
  stream.abort();
  return onlyLine();
}

function onlyLine(): BillLine {
  const [line, ...more] = simulator.bill();
  if (line === undefined || more.length > 0) throw new Error(`the bill has ${more.length + 1} lines`);
  return line;
}

function broken(fault: FaultRuleInput['fault'], body: object = {}): BillLine {
  simulator.setFaults([{ fault }]);
  ask(simulator, { ...ASKED, ...body }, { 'x-client-request-id': 'call_1-1' });
  return onlyLine();
}

test('a line says what was made, whose call it was, and its price by hand: 150, 75 and 600 nano a thousand', () => {
  const told = ask(simulator, ASKED, { 'x-client-request-id': 'call_1-1' });
  const line = onlyLine();
  const { prompt_tokens: prompt, completion_tokens: completion } = told.json.usage;
  expect(line).toMatchObject({
    n: 1,
    model: 'sim-small',
    prompt_tokens: prompt,
    cached_tokens: 0,
    completion_tokens: completion,
    reasoning_tokens: 0,
    client_request_id: 'call_1-1',
    request_id: told.headers['x-request-id'],
    outcome: 'complete',
    billed: true,
  });
  expect(line.completion_tokens).toBe(20);
  // 0.15 and 0.60 USD a million are 150 and 600 nano a token.
  expect(line.cost_nano_usd).toBe(String(prompt * 150 + 20 * 600));
});

test('cached and hidden tokens are on the bill, at their own price', () => {
  const long = { ...ASKED, messages: [{ role: 'user', content: 'harbour lights '.repeat(700) }] };
  ask(simulator, long);
  ask(simulator, long);
  ask(simulator, { ...ASKED, model: 'sim-reasoner', max_tokens: 400 });
  const [, cached, reasoned] = simulator.bill();
  expect(cached?.cached_tokens).toBeGreaterThan(1_000);
  const fresh = (cached?.prompt_tokens ?? 0) - (cached?.cached_tokens ?? 0);
  expect(cached?.cost_nano_usd).toBe(String(fresh * 150 + (cached?.cached_tokens ?? 0) * 75 + 20 * 600));
  expect(reasoned?.reasoning_tokens).toBeGreaterThan(63);
  expect(reasoned?.completion_tokens).toBeGreaterThan(reasoned?.reasoning_tokens ?? 0);
});

test('a refused call is not billed, one whose answer got lost is', () => {
  simulator.setFaults([{ fault: { kind: 'status', code: 500 }, times: 1 }]);
  ask(simulator, ASKED);
  expect(simulator.bill()).toEqual([]);
  simulator.reset();
  const lost = broken({ kind: 'lost-answer' });
  expect([lost.completion_tokens, lost.outcome]).toEqual([20, 'cut']);
  simulator.reset();
  const read = broken({ kind: 'reset' });
  expect([read.completion_tokens, read.outcome]).toEqual([0, 'cut']);
  expect(read.prompt_tokens).toBeGreaterThan(0);
});

test('a call that is under way is on the bill and not yet billed', async () => {
  const bytes = Buffer.from(JSON.stringify({ ...ASKED, stream: true }));
  transport.dispatch({ method: 'POST', path: '/v1/chat/completions', headers: [], body: bytes } as never, DEAF);
  await clock.advance(145);
  expect(onlyLine()).toMatchObject({ billed: false, completion_tokens: 5 });
  await clock.advance(1_000);
  expect(onlyLine()).toMatchObject({ billed: true, completion_tokens: 20 });
});

test('who leaves is billed for what was made by then, streamed or not', async () => {
  expect(await leftAfter(145, { stream: true })).toMatchObject({ completion_tokens: 5, outcome: 'cancelled' });
  simulator.reset();
  // Of the 300 ms that the whole answer takes, half have passed.
  expect(await leftAfter(145, {})).toMatchObject({ completion_tokens: 9, outcome: 'cancelled', billed: true });
});

test('a provider that runs on bills to the end, by the query or for all', async () => {
  const whole = { completion_tokens: 20, outcome: 'cancelled', billed: true };
  const path = '/v1/chat/completions?on_cancel=run-on';
  expect(await leftAfter(145, { stream: true }, path)).toMatchObject(whole);
  simulator.reset();
  simulator.setBilling({ on_cancel: 'run-on' });
  expect(await leftAfter(145, {})).toMatchObject(whole);
});

test('a call is billed at the price that held when it began', async () => {
  const price = { model: 'sim-small', input_pico_usd: '0', cached_input_pico_usd: '0', output_pico_usd: '1' };
  simulator.setBilling({ prices: [{ ...price, from: clock.now() + 500 }] });
  const before = await leftAfter(490, { stream: true });
  await clock.advance(10);
  ask(simulator, ASKED);
  expect(BigInt(before.cost_nano_usd)).toBeGreaterThan(1_000n);
  // 20 pico-USD, rounded up.
  expect(simulator.bill(1)[0]?.cost_nano_usd).toBe('1');
});

test('the endpoints: JSON lines by the page, settings that are checked', () => {
  for (let n = 0; n < 3; n++) ask(simulator, ASKED);
  const control = (method: string, path: string, body: unknown = '') =>
    controlAnswer(simulator, { method, path, headers: {}, body: Buffer.from(JSON.stringify(body)) });
  const lines = String(control('GET', '/sim/bill?since=1&limit=1')?.body).split('\n');
  expect(lines.map((line) => (line === '' ? undefined : JSON.parse(line).n))).toEqual([2, undefined]);
  expect(control('POST', '/sim/billing', { on_cancel: 'run-on' })).toMatchObject({ body: { on_cancel: 'run-on' } });
  expect(control('POST', '/sim/billing', { on_cancel: 'never', tax: 1 })).toMatchObject({ status: 400 });
  expect(control('GET', '/sim/billing')).toMatchObject({ body: { on_cancel: 'run-on' } });
  expect(control('PUT', '/sim/bill')?.status).toBe(405);
});

test.each([
  ['zero', { prompt_tokens: 0, completion_tokens: 0 }],
  ['absurd', { prompt_tokens: 1e18 }],
  ['string', { completion_tokens: '20' }],
  ['no-object', null],
] as const)('usage that is %s', (form, expected) => {
  simulator.setFaults([{ fault: { kind: 'bad-usage', form } }]);
  const told = ask(simulator, ASKED).json.usage;
  if (expected === null) expect(told).toBeNull();
  else expect(told).toMatchObject(expected);
  expect(onlyLine().completion_tokens).toBe(20);
});

test('usage that contradicts itself: more cached than read, and reasoning beside the output', () => {
  simulator.setFaults([{ fault: { kind: 'bad-usage', form: 'cached-above-prompt' } }]);
  const above = ask(simulator, ASKED).json.usage;
  expect(above.prompt_tokens_details.cached_tokens).toBe(above.prompt_tokens + 7);
  simulator.setFaults([{ fault: { kind: 'bad-usage', form: 'reasoning-apart' } }]);
  const apart = ask(simulator, { ...ASKED, model: 'sim-reasoner', max_tokens: 400 }).json.usage;
  const { reasoning_tokens: reasoning } = apart.completion_tokens_details;
  expect(apart.total_tokens).toBe(apart.prompt_tokens + apart.completion_tokens + reasoning);
});

test('a usage object can be any text, in any place of a stream', () => {
  const asked = { ...ASKED, stream_options: { include_usage: true } };
  const usagesAt = (place: 'own' | 'finish' | 'every' | 'twice' | 'after-done', text?: string) => {
    const usage = text === undefined ? {} : { text };
    simulator.setFaults([{ fault: { kind: 'usage', place, ...usage } }]);
    return askStream(simulator, asked).events.map((event) => (event === '[DONE]' ? event : JSON.parse(event).usage));
  };
  const one = { prompt_tokens: 1 };
  expect(usagesAt('own', JSON.stringify(one)).slice(-3)).toEqual([null, one, '[DONE]']);
  expect(usagesAt('twice', JSON.stringify(one)).slice(-3)).toEqual([one, one, '[DONE]']);
  expect(usagesAt('after-done', JSON.stringify(one)).slice(-3)).toEqual([null, '[DONE]', one]);
  expect(usagesAt('finish', JSON.stringify(one)).slice(-3)).toEqual([undefined, one, '[DONE]']);
  const growing = usagesAt('every').map((usage) => usage.completion_tokens);
  expect(growing.slice(0, 3)).toEqual([0, 1, 2]);
  expect(growing.slice(-3)).toEqual([20, 20, undefined]);
});

test('a slow stream takes its time between any two events', async () => {
  simulator.setFaults([{ fault: { kind: 'slow-stream', intervalMs: 1_000 } }]);
  expect(await leftAfter(4_150, { stream: true })).toMatchObject({ completion_tokens: 3, outcome: 'cancelled' });
});

test('Messages are billed as chat is: what was made until the client left, and what the cache read and wrote', async () => {
  const headers = ['anthropic-version', '2023-06-01', 'x-api-key', 'sk-sim', 'x-client-request-id', 'call_7-1'];
  const system = [{ type: 'text', text: 'Keep the log. '.repeat(400), cache_control: { type: 'ephemeral' } }];
  const body = Buffer.from(JSON.stringify({ ...ASKED, system, stream: true }));
  const stream = transport.dispatch({ method: 'POST', path: '/v1/messages', headers, body }, DEAF);
  await clock.advance(100 + 4 * 10);
  stream.abort();
  const line = onlyLine();
  expect(line).toMatchObject({
    model: 'sim-small',
    completion_tokens: 5,
    client_request_id: 'call_7-1',
    outcome: 'cancelled',
  });
  expect(line.cache_write_tokens).toBeGreaterThan(1_024);
  expect(line.cost_nano_usd).toBe(String(line.prompt_tokens * 150 + 5 * 600));
  const named = Object.fromEntries(
    headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1] ?? '']] : [])),
  );
  ask(simulator, { ...ASKED, system }, named, '/v1/messages');
  const read = simulator.bill()[1];
  expect(read).toMatchObject({ cached_tokens: line.cache_write_tokens, completion_tokens: 20, outcome: 'complete' });
  const fresh = line.prompt_tokens - (line.cache_write_tokens ?? 0);
  expect(read?.cost_nano_usd).toBe(String(fresh * 150 + (line.cache_write_tokens ?? 0) * 75 + 20 * 600));
});

test('a thought in Messages is billed as it is made, shown or kept back', async () => {
  for (const display of ['summarized', 'omitted']) {
    const body = Buffer.from(
      JSON.stringify({ ...ASKED, max_tokens: 900, thinking: { type: 'adaptive', display }, stream: true }),
    );
    const headers = ['anthropic-version', '2023-06-01'];
    const stream = transport.dispatch({ method: 'POST', path: '/v1/messages', headers, body }, DEAF);
    await clock.advance(100 + 9 * 10);
    stream.abort();
    expect(simulator.bill().at(-1)).toMatchObject({ completion_tokens: 10, reasoning_tokens: 10 });
  }
});
