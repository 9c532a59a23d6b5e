import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../kernel/clock.ts';
import type { Transport, UpstreamFailure, UpstreamHandler } from '../protocol/upstream.ts';
import type { FaultRuleInput } from './faults/rules.ts';
import { Simulator } from './simulator.ts';
import { simTransport } from './transport.ts';

const STEADY = { firstToken: { kind: 'constant', ms: 100 }, perToken: { kind: 'constant', ms: 10 } } as const;

let clock: VirtualClock;
let simulator: Simulator;
let transport: Transport;

import { ready } from './testing.ts';

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

class Heard implements UpstreamHandler {
  status: number | undefined;
  contentType: string | undefined;
  chunks: string[] = [];
  ended = false;
  failure: UpstreamFailure | undefined;
  onChunk: () => void = () => undefined;

  onHead(status: number, header: (name: string) => string | undefined): void {
    this.status = status;
    this.contentType = header('content-type');
  }

  onData(chunk: Buffer): void {
    this.chunks.push(chunk.toString());
    this.onChunk();
  }

  onEnd(): void {
    this.ended = true;
  }

  onFailure(failure: UpstreamFailure): void {
    this.failure = failure;
  }

  get text(): string {
    return this.chunks.join('');
  }
}

function send(body: Record<string, unknown> = {}, fault?: FaultRuleInput['fault']) {
  if (fault !== undefined) simulator.setFaults([{ fault }]);
  const heard = new Heard();
  const json = { model: 'sim-small', messages: [{ role: 'user', content: 'hello' }], max_tokens: 20, ...body };
  const stream = transport.dispatch(
    {
      method: 'POST',
      path: '/v1/chat/completions?api-version=1',
      headers: ['Content-Type', 'application/json', 'X-Client-Request-Id', 'mine-1'],
      body: Buffer.from(JSON.stringify(json)),
    },
    heard,
  );
  return { heard, stream };
}

test('an answer comes when its time has come, and never from within dispatch', async () => {
  const { heard } = send();
  expect(heard.status).toBeUndefined();
  await clock.advance(299);
  expect(heard.status).toBeUndefined();
  await clock.advance(1);
  expect(heard).toMatchObject({ status: 200, contentType: 'application/json', ended: true });
  expect(simulator.calls()).toEqual([
    expect.objectContaining({
      n: 1,
      path: '/v1/chat/completions',
      model: 'sim-small',
      stream: false,
      status: 200,
      completionTokens: 20,
      outcome: 'complete',
      clientRequestId: 'mine-1',
      authorized: false,
      completedAt: clock.now(),
    }),
  ]);
});

test('a stream comes token by token, and what is due at once comes in one chunk', async () => {
  const { heard } = send({ stream: true });
  await clock.advance(100);
  expect(heard.chunks).toHaveLength(1);
  expect(heard.text.match(/^data: /gm)).toHaveLength(2);
  await clock.advance(30);
  expect(heard.chunks).toHaveLength(4);
  await clock.advance(10_000);
  expect(heard.ended).toBe(true);
  expect(heard.text.endsWith('data: [DONE]\n\n')).toBe(true);
});

test('paused, nothing is made, and time stands still for the stream', async () => {
  const { heard, stream } = send({ stream: true });
  await clock.advance(150);
  const before = heard.chunks.length;
  stream.pause();
  await clock.advance(60_000);
  expect(heard.chunks).toHaveLength(before);
  expect(simulator.counts().completionTokens).toBe(6);
  stream.resume();
  await clock.advance(20);
  expect(simulator.counts().completionTokens).toBeLessThanOrEqual(6 + 3);
  await clock.advance(10_000);
  expect(heard.ended).toBe(true);
});

test('a handler may pause from within a chunk', async () => {
  const { heard, stream } = send({ stream: true });
  heard.onChunk = () => stream.pause();
  for (let turn = 0; turn < 40 && !heard.ended; turn++) {
    const before = heard.chunks.length;
    await clock.advance(1_000);
    expect(heard.chunks.length).toBeLessThanOrEqual(before + 1);
    stream.resume();
  }
  expect(heard.ended).toBe(true);
});

test('aborted, it stops at once and the books show what was really made', async () => {
  const { heard, stream } = send({ stream: true });
  await clock.advance(145);
  stream.abort();
  const before = heard.chunks.length;
  await clock.advance(60_000);
  expect(heard.chunks).toHaveLength(before);
  expect(heard.ended).toBe(false);
  expect(heard.failure).toBeUndefined();
  expect(simulator.calls()[0]).toMatchObject({ outcome: 'cancelled', completionTokens: 5, promptTokens: 8 });
  stream.abort();
  expect(simulator.counts()).toMatchObject({ cancelled: 1, calls: 1 });
});

test('aborted from within a chunk, nothing more is heard', async () => {
  const { heard, stream } = send({ stream: true });
  heard.onChunk = () => stream.abort();
  await clock.advance(60_000);
  expect(heard.chunks).toHaveLength(1);
});

test('a model that thinks has its hidden tokens counted while it is cancelled', async () => {
  const { stream } = send({ stream: true, model: 'sim-reasoner', max_tokens: 1_000 });
  await clock.advance(100 + 330);
  stream.abort();
  expect(simulator.calls()[0]?.completionTokens).toBe(32);
});

test.each([
  ['reset', { kind: 'reset' }],
  ['reset', { kind: 'reset', afterEvents: 3 }],
  ['reset', { kind: 'cut', afterEvents: 3 }],
  ['reset', { kind: 'cut', afterEvents: 3, atByte: 20 }],
  ['reset', { kind: 'empty' }],
] as const)('a connection that breaks is a failure of kind %s (%#)', async (kind, fault) => {
  const { heard } = send({ stream: true }, fault);
  await clock.advance(60_000);
  expect(heard.failure).toMatchObject({ kind, requestSent: true });
  expect(heard.ended).toBe(false);
  expect(heard.text.match(/\n\n/g)?.length ?? 0).toBe('afterEvents' in fault ? 3 : 0);
  expect(simulator.calls()[0]).toMatchObject({ outcome: 'cut', fault: fault.kind });
});

test('a stall says nothing until the client gives up', async () => {
  const { heard, stream } = send({ stream: true }, { kind: 'stall', afterEvents: 2 });
  await clock.advance(3_600_000);
  expect(heard.text.match(/\n\n/g)).toHaveLength(2);
  stream.abort();
  expect(simulator.calls()[0]).toMatchObject({ outcome: 'cancelled', completionTokens: 1 });
});

test('slow headers arrive after all their bytes would have', async () => {
  const { heard, stream } = send({ stream: true }, { kind: 'slow-headers', bytesPerSecond: 10 });
  await clock.advance(10_000);
  expect(heard.status).toBeUndefined();
  stream.pause();
  await clock.advance(100_000);
  stream.resume();
  await clock.advance(60_000);
  expect(heard).toMatchObject({ status: 200, ended: true });
});

test('closing the transport fails what is under way, and everything after', async () => {
  const { heard } = send({ stream: true });
  await clock.advance(120);
  await transport.close();
  expect(heard.failure?.kind).toBe('aborted');
  const late = send();
  await clock.advance(1);
  expect(late.heard.failure).toMatchObject({ kind: 'aborted', requestSent: false });
  expect(simulator.counts()).toMatchObject({ calls: 1, cancelled: 1 });
});

test('an endless stream is made only as fast as it is taken, and ends with the client', async () => {
  const { heard, stream } = send({ stream: true }, { kind: 'endless', intervalMs: 5 });
  await clock.advance(5_000);
  expect(heard.chunks.length).toBeGreaterThan(500);
  stream.abort();
  const { completionTokens } = simulator.counts();
  await clock.advance(5_000);
  expect(simulator.counts()).toMatchObject({ completionTokens, cancelled: 1 });
});
