import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import type { FaultRuleInput } from './faults/rules.ts';
import { type ServedSimulator, serveSimulator } from './server.ts';
import { Simulator } from './simulator.ts';
import { encode } from './tokenizer.ts';

const QUICK = { firstToken: { kind: 'constant', ms: 1 }, perToken: { kind: 'constant', ms: 0 } } as const;

let simulator: Simulator;
let served: ServedSimulator;

beforeEach(async () => {
  simulator = new Simulator({ seed: 11, clock: systemClock, latency: QUICK });
  served = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
});

afterEach(async () => {
  await served.close();
  expect(simulator.counts().active).toBe(0);
});

interface Raw {
  readonly text: string;
  readonly bytes: Buffer;
  /** When the first byte and the last came, in milliseconds after the request. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly chunks: number;
  readonly how: 'fin' | 'rst' | 'open';
}

/** Sends one request on a socket of its own and gives back what came, byte for byte. */
function raw(body: Record<string, unknown>, patienceMs = 5_000): Promise<Raw> {
  const json = JSON.stringify({
    model: 'sim-small',
    messages: [{ role: 'user', content: 'hello' }],
    max_tokens: 10,
    ...body,
  });
  return new Promise((resolve) => {
    const startMs = performance.now();
    const parts: Buffer[] = [];
    let firstMs = Number.NaN;
    let lastMs = Number.NaN;
    const socket = connect(served.port, '127.0.0.1');
    const finish = (how: Raw['how']) => {
      clearTimeout(timer);
      socket.destroy();
      const bytes = Buffer.concat(parts);
      resolve({ text: bytes.toString('latin1'), bytes, firstMs, lastMs, chunks: parts.length, how });
    };
    const timer = setTimeout(() => finish('open'), patienceMs);
    socket.setNoDelay(true);
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: sim\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
    );
    socket.on('data', (chunk: Buffer) => {
      lastMs = performance.now() - startMs;
      if (parts.length === 0) firstMs = lastMs;
      parts.push(chunk);
    });
    socket.on('end', () => finish('fin'));
    socket.on('error', () => finish('rst'));
  });
}

function withFault(fault: FaultRuleInput['fault'], body: Record<string, unknown> = {}, patienceMs?: number) {
  simulator.setFaults([{ fault }]);
  return raw(body, patienceMs);
}

/** The body of an answer with its chunked framing taken off; what is cut stays cut. */
function bodyOf({ bytes }: Raw): Buffer {
  const split = bytes.indexOf('\r\n\r\n');
  const head = bytes.subarray(0, split).toString('latin1').toLowerCase();
  let rest = bytes.subarray(split + 4);
  if (!head.includes('transfer-encoding: chunked')) return rest;
  const parts: Buffer[] = [];
  for (;;) {
    const line = rest.indexOf('\r\n');
    const size = line < 0 ? 0 : Number.parseInt(rest.subarray(0, line).toString(), 16);
    if (size === 0) return Buffer.concat(parts);
    parts.push(rest.subarray(line + 2, line + 2 + size));
    rest = rest.subarray(line + 4 + size);
  }
}

function eventsOf(answer: Raw): string[] {
  return bodyOf(answer)
    .toString()
    .split('\n\n')
    .filter((event) => event !== '');
}

const stream = { stream: true };

describe('without faults', () => {
  test('a body and a stream are whole HTTP, and their tokens are counted', async () => {
    const whole = await raw({});
    expect(whole.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(whole.text).toMatch(/\r\nx-request-id: req_\w{32}\r\n/);
    const json = JSON.parse(bodyOf(whole).toString());
    expect(encode(json.choices[0].message.content)).toHaveLength(10);
    const streamed = await raw(stream);
    expect(streamed.text.endsWith('data: [DONE]\n\n\r\n0\r\n\r\n')).toBe(true);
    expect(eventsOf(streamed)).toHaveLength(1 + 10 + 1 + 1);
    expect(simulator.counts()).toMatchObject({ calls: 2, complete: 2, completionTokens: 20 });
  });

  test('tokens due at the same instant leave in one write', async () => {
    expect((await raw(stream)).chunks).toBeLessThanOrEqual(3);
  });
});

describe('answers in place of the real one', () => {
  test("status, with the dialect's own error, headers and a Retry-After of any form", async () => {
    const limited = await withFault({ kind: 'status', code: 429, retryAfter: { ms: 1_500 } });
    expect(limited.text).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n/);
    expect(limited.text).toContain('\r\nretry-after: 2\r\n');
    expect(JSON.parse(bodyOf(limited).toString()).error.code).toBe('rate_limit_exceeded');
    const dated = await withFault({ kind: 'status', code: 503, retryAfter: { ms: 5_000, as: 'date' } });
    expect(Date.parse(/retry-after: (.*)\r\n/.exec(dated.text)?.[1] ?? '')).toBeGreaterThan(Date.now());
    const odd = await withFault({
      kind: 'status',
      code: 500,
      body: 'oops',
      headers: { 'Retry-After': 'soon', 'content-type': 'text/plain' },
    });
    expect(odd.text).toContain('\r\nretry-after: soon\r\n');
    expect(odd.text.match(/content-type: .*/g)).toEqual(['content-type: text/plain']);
    expect(bodyOf(odd).toString()).toBe('oops');
    expect(simulator.counts()).toMatchObject({ error: 3, promptTokens: 0, completionTokens: 0 });
  });

  test('html, with any status', async () => {
    const page = await withFault({ kind: 'html', status: 200 });
    expect(page.text).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-type: text\/html/);
    expect(bodyOf(page).toString()).toContain('<html>');
  });

  test('json-error-in-200', async () => {
    const answer = await withFault({ kind: 'json-error-in-200', error: { message: 'no' } });
    expect(answer.text).toMatch(/^HTTP\/1\.1 200 /);
    expect(JSON.parse(bodyOf(answer).toString()).error).toMatchObject({ message: 'no', type: 'server_error' });
  });

  test('redirect', async () => {
    const answer = await withFault({ kind: 'redirect', location: 'http://elsewhere.example/' });
    expect(answer.text).toMatch(/^HTTP\/1\.1 307 .*\r\n/);
    expect(answer.text).toContain('\r\nlocation: http://elsewhere.example/\r\n');
  });
});

describe('connections that break', () => {
  test('empty: closed before any byte', async () => {
    expect(await withFault({ kind: 'empty' })).toMatchObject({ how: 'fin', text: '' });
  });

  test('cut after n events: FIN without the end that chunked framing wants', async () => {
    const answer = await withFault({ kind: 'cut', afterEvents: 3 }, stream);
    expect(answer.how).toBe('fin');
    expect(eventsOf(answer)).toHaveLength(3);
    expect(answer.text.endsWith('0\r\n\r\n')).toBe(false);
    expect(simulator.calls()[0]).toMatchObject({ outcome: 'cut', completionTokens: 2 });
  });

  test('cut inside an event, at a byte', async () => {
    const answer = await withFault({ kind: 'cut', afterEvents: 1, atByte: 17 }, stream);
    expect(eventsOf(answer).at(-1)).toHaveLength(17);
    expect(simulator.calls()[0]?.completionTokens).toBe(0);
  });

  test('cut cleanly: well-framed HTTP without the terminal event', async () => {
    const answer = await withFault({ kind: 'cut', afterEvents: 3, framing: 'clean' }, stream);
    expect(eventsOf(answer)).toHaveLength(3);
    expect(answer.text.endsWith('0\r\n\r\n')).toBe(true);
    expect(simulator.calls()[0]?.outcome).toBe('cut');
  });

  test('reset: RST, after the events that were sent', async () => {
    const answer = await withFault({ kind: 'reset', afterEvents: 3 }, stream);
    expect(answer.how).toBe('rst');
    expect(eventsOf(answer)).toHaveLength(3);
    expect(await withFault({ kind: 'reset' })).toMatchObject({ how: 'rst', text: '' });
  });

  test('truncated-json, with a length that matches and one that lies', async () => {
    const matching = await withFault({ kind: 'truncated-json', keepBytes: 50 });
    expect(matching.text).toContain('\r\ncontent-length: 50\r\n');
    expect(bodyOf(matching)).toHaveLength(50);
    const lying = await withFault({ kind: 'truncated-json', contentLength: 'lying' });
    const announced = Number(/content-length: (\d+)/.exec(lying.text)?.[1]);
    expect(lying.how).toBe('fin');
    expect(bodyOf(lying)).toHaveLength(announced >> 1);
    expect(simulator.counts().cut).toBe(2);
  });
});

describe('answers that are slow', () => {
  test('slow-headers, byte by byte, and then an intact body', async () => {
    const answer = await withFault({ kind: 'slow-headers', bytesPerSecond: 1_000 }, stream, 5_000);
    expect(answer.chunks).toBeGreaterThan(50);
    expect(answer.lastMs).toBeGreaterThan(250);
    expect(answer.text).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*transfer-encoding: chunked\r\n\r\n/);
    expect(eventsOf(answer)).toHaveLength(13);
    expect(answer.text.endsWith('0\r\n\r\n')).toBe(true);
    const plain = await withFault({ kind: 'slow-headers', bytesPerSecond: 1_000 }, {}, 5_000);
    expect(JSON.parse(bodyOf(plain).toString()).object).toBe('chat.completion');
  });

  test('slow-headers, by a delay', async () => {
    const answer = await withFault({ kind: 'slow-headers', delayMs: 150 });
    expect(answer.firstMs).toBeGreaterThan(145);
    expect(JSON.parse(bodyOf(answer).toString()).object).toBe('chat.completion');
  });

  test('stall before the first byte, after the headers, and after n events', async () => {
    expect(await withFault({ kind: 'stall' }, stream, 100)).toMatchObject({ how: 'open', text: '' });
    const headers = await withFault({ kind: 'stall', afterEvents: 0 }, stream, 100);
    expect(headers.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(eventsOf(headers)).toEqual([]);
    const some = await withFault({ kind: 'stall', afterEvents: 4 }, stream, 100);
    expect(some.how).toBe('open');
    expect(eventsOf(some)).toHaveLength(4);
    await expect.poll(() => simulator.counts().cancelled).toBe(3);
  });

  test('drip: one byte at a time', async () => {
    const answer = await withFault({ kind: 'drip', intervalMs: 1 }, { max_tokens: 1 }, 5_000);
    expect(JSON.parse(bodyOf(answer).toString()).object).toBe('chat.completion');
    expect(answer.chunks).toBeGreaterThan(100);
  });
});

describe('streams with wrong content', () => {
  test('malformed-event', async () => {
    const events = eventsOf(await withFault({ kind: 'malformed-event', event: 2 }, stream));
    expect(events).toHaveLength(13);
    const broken = events.map((event) => {
      try {
        return event === 'data: [DONE]' ? false : JSON.parse(event.slice(6)) === undefined;
      } catch {
        return true;
      }
    });
    expect(broken.indexOf(true)).toBe(2);
    expect(broken.filter(Boolean)).toHaveLength(1);
  });

  test('error-event, first or after n events, and then the end', async () => {
    const first = eventsOf(await withFault({ kind: 'error-event' }, stream));
    expect(first).toHaveLength(1);
    expect(JSON.parse(first[0]?.slice(6) ?? '').error.type).toBe('server_error');
    const later = eventsOf(await withFault({ kind: 'error-event', afterEvents: 5, status: 429, done: true }, stream));
    expect(later).toHaveLength(7);
    expect(JSON.parse(later[5]?.slice(6) ?? '').error.code).toBe('rate_limit_exceeded');
    expect(later[6]).toBe('data: [DONE]');
    expect(simulator.calls().map((call) => call.outcome)).toEqual(['error', 'error']);
    expect(simulator.calls()[1]?.completionTokens).toBe(4);
  });

  test('no-done, no-usage, huge-event', async () => {
    const undone = await withFault({ kind: 'no-done' }, stream);
    expect(undone.text).not.toContain('[DONE]');
    expect(undone.text).toContain('"finish_reason":"length"');
    const asked = { ...stream, stream_options: { include_usage: true } };
    const unmetered = await withFault({ kind: 'no-usage' }, asked);
    expect(unmetered.text).not.toContain('usage');
    expect(unmetered.text).toContain('[DONE]');
    const huge = eventsOf(await withFault({ kind: 'huge-event', bytes: 300_000 }, stream, 5_000));
    expect(JSON.parse(huge[1]?.slice(6) ?? '').choices[0].delta.content).toHaveLength(300_000);
    expect(huge.at(-1)).toBe('data: [DONE]');
  });

  test('endless tokens and endless pings', async () => {
    const tokens = await withFault({ kind: 'endless', intervalMs: 1 }, stream, 300);
    expect(tokens.how).toBe('open');
    expect(eventsOf(tokens).length).toBeGreaterThan(30);
    const pings = await withFault({ kind: 'endless', of: 'pings', intervalMs: 5 }, stream, 300);
    expect(pings.how).toBe('open');
    expect(pings.text.match(/: ping\n\n/g)?.length).toBeGreaterThan(5);
    expect(pings.text).not.toContain('"finish_reason":"length"');
    await expect.poll(() => simulator.counts().active).toBe(0);
  });

  test('wrong-content-type and gzip although nobody asked', async () => {
    expect((await withFault({ kind: 'wrong-content-type' }, stream)).text).toContain(
      '\r\ncontent-type: text/plain\r\n',
    );
    for (const body of [stream, {}]) {
      const zipped = await withFault({ kind: 'gzip' }, body);
      expect(zipped.text).toContain('\r\ncontent-encoding: gzip\r\n');
      expect(gunzipSync(bodyOf(zipped)).toString()).toContain('"model":"sim-small"');
    }
  });
});

describe('answers that lie about tokens', () => {
  test('overrun: more than max_tokens, and usage says so', async () => {
    for (const limit of [{ max_tokens: 10 }, { max_tokens: 200 }]) {
      const json = JSON.parse(bodyOf(await withFault({ kind: 'overrun', tokens: 25 }, limit)).toString());
      expect(json.usage.completion_tokens).toBe(limit.max_tokens + 25);
      expect(encode(json.choices[0].message.content)).toHaveLength(limit.max_tokens + 25);
    }
  });

  test.each([
    ['negative', '"prompt_tokens":-5'],
    ['nan', '"prompt_tokens":NaN'],
    ['string', '"prompt_tokens":"8"'],
    ['huge', '"prompt_tokens":1e15'],
    ['fraction', '"prompt_tokens":8.5'],
    ['null', '"prompt_tokens":null'],
  ] as const)('bad-usage: %s', async (form, text) => {
    expect((await withFault({ kind: 'bad-usage', form })).text).toContain(text);
    const streamed = await raw({ ...stream, stream_options: { include_usage: true } });
    expect(streamed.text).toContain(text);
    expect(simulator.counts()).toMatchObject({ promptTokens: 16, completionTokens: 20 });
  });

  test('no-usage: an answer without', async () => {
    expect(JSON.parse(bodyOf(await withFault({ kind: 'no-usage' })).toString())).not.toHaveProperty('usage');
  });
});

describe('the simulator about itself', () => {
  const url = (path: string) => `http://127.0.0.1:${served.port}${path}`;
  const call = async (path: string, init?: RequestInit) => {
    const response = await fetch(url(path), init);
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };

  test('health, counts, calls, faults and reset', async () => {
    expect(await call('/healthz')).toEqual({ status: 200, json: { status: 'ok' } });
    const rules = [{ times: 1, fault: { kind: 'status', code: 500 } }];
    const set = await call('/sim/faults', { method: 'POST', body: JSON.stringify(rules) });
    expect(set.json).toEqual({ rules: [{ rule: rules[0], seen: 0, fired: 0 }] });
    await raw({});
    await raw({});
    expect((await call('/sim/counts')).json).toMatchObject({ calls: 2, error: 1, complete: 1, completionTokens: 10 });
    expect((await call('/sim/calls?since=1')).json).toMatchObject({
      calls: [{ n: 2, outcome: 'complete' }],
      dropped: 0,
    });
    expect((await call('/sim/faults')).json).toMatchObject({ rules: [{ seen: 2, fired: 1 }] });
    expect((await call('/sim/reset', { method: 'POST' })).json).toMatchObject({ calls: 0 });
    expect((await call('/sim/faults')).json).toEqual({ rules: [] });
  });

  test('wrong rules, queries and methods are refused with what is wrong, and change nothing', async () => {
    simulator.setFaults([{ fault: { kind: 'gzip' } }]);
    for (const body of ['[{"fault":{"kind":"nope"}}]', '{', '{"rules":3}']) {
      const refused = await call('/sim/faults', { method: 'POST', body });
      expect(refused.status).toBe(400);
      expect(refused.json).toHaveProperty('error.message');
    }
    expect(simulator.faults()).toHaveLength(1);
    expect((await call('/sim/calls?since=x')).status).toBe(400);
    expect((await call('/sim/reset')).status).toBe(405);
  });
});

test('a client that leaves mid-stream stops production at once, and the books say what was sent', async () => {
  await served.close();
  simulator = new Simulator({
    seed: 1,
    clock: systemClock,
    latency: { firstToken: { kind: 'constant', ms: 1 }, perToken: { kind: 'constant', ms: 20 } },
  });
  served = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
  const answer = await raw({ stream: true, max_tokens: 1_000 }, 200);
  const received = eventsOf(answer).length - 1;
  await expect.poll(() => simulator.counts().cancelled).toBe(1);
  const { completionTokens } = simulator.counts();
  expect(completionTokens).toBeGreaterThan(2);
  expect(completionTokens).toBeGreaterThanOrEqual(received);
  expect(completionTokens).toBeLessThanOrEqual(received + 2);
});

test('a client that does not read stops production: nothing piles up', async () => {
  simulator.setFaults([
    { fault: { kind: 'huge-event', bytes: 60_000_000 } },
    { fault: { kind: 'endless', intervalMs: 1 } },
  ]);
  const json = JSON.stringify({ model: 'sim-small', stream: true, messages: [{ role: 'user', content: 'x' }] });
  const socket = connect(served.port, '127.0.0.1');
  socket.pause();
  socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: s\r\ncontent-length: ${json.length}\r\n\r\n${json}`);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const stuck = simulator.counts().completionTokens;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(simulator.counts().completionTokens).toBe(stuck);
  expect(simulator.counts().active).toBe(1);
  socket.destroy();
  await expect.poll(() => simulator.counts().cancelled).toBe(1);
});

test('closing cuts what is under way and frees the port', async () => {
  simulator.setFaults([{ fault: { kind: 'stall', afterEvents: 1 } }]);
  const answer = raw(stream, 5_000);
  await expect.poll(() => simulator.counts().active).toBe(1);
  await served.close();
  await served.close();
  expect((await answer).how).not.toBe('open');
  const again = await serveSimulator({ simulator, host: '127.0.0.1', port: served.port, clock: systemClock });
  await again.close();
});
