import type { Socket } from 'node:net';
import type { House } from '../harness/house.ts';
import {
  answerBytes,
  chunk,
  DELTA,
  DONE,
  event,
  FINISH,
  LAST_CHUNK,
  OK_ANSWER,
  STREAM_HEAD,
  USAGE,
} from '../harness/http-bytes.ts';
import { descriptors, memory } from '../harness/proc.ts';
import { RawClient, requestBytes } from '../harness/raw-client.ts';
import { recordOf, recordText } from '../harness/record.ts';
import { leaks } from '../harness/rules.ts';
import { comesTrue, pause } from '../harness/waiting.ts';
import type { Row, SharedRow, Witness } from '../row.ts';
import { chatBody, makeCall } from './call-row.ts';

const MIB = 1 << 20;
const LONG_EVENT = event({ choices: [{ index: 0, delta: { content: 'x'.repeat(16_000) }, finish_reason: null }] });
/** Far more than the kernel keeps for one connection, so that a gateway that does not hold back must keep the rest. */
const STREAM_BYTES = 10 * MIB;
/** What many streams that are held back may cost: a nursery full of what went through (three of 64 MiB), and so much for each. */
const GARBAGE_MIB_MAX = 192;
const READER_KIB_MAX = 512;
const growthMiBMax = (readers: number) => GARBAGE_MIB_MAX + (readers * READER_KIB_MAX) / 1_024;

/** Sends a long stream as fast as it is taken. */
function longStream(socket: Socket): void {
  const part = chunk(LONG_EVENT);
  let left = Math.floor(STREAM_BYTES / part.length);
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left--;
      if (!socket.write(part)) return;
    }
    if (left > 0 || socket.destroyed) return;
    left = -1;
    socket.write(Buffer.concat([...[FINISH, USAGE, DONE].map(chunk), Buffer.from(LAST_CHUNK)]));
  };
  socket.on('drain', more);
  socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(DELTA)]));
  more();
}

async function openReader(house: House): Promise<RawClient> {
  const client = await RawClient.open(house.port);
  client.socket.pause();
  client.send(requestBytes({ key: house.key, body: chatBody({ model: 'raw/m', streamed: true }) }));
  return client;
}

function neverRead(count: (quick: boolean) => number): SharedRow {
  return {
    house: 'rough',
    row: 35,
    fault: 'readers that never read 10 MiB each, then die',
    streamed: true,
    growthMiBMax: growthMiBMax(count(false)),
    run: ({ house, quick }) => neverReading(house, count(quick)),
  };
}

async function neverReading(house: House, count: number): Promise<Witness> {
  house.raw.answer = longStream;
  const before = memory(house.gateway.pid).rssBytes;
  const readers = await Promise.all(Array.from({ length: count }, () => openReader(house)));
  const problems: string[] = [];
  try {
    const all = await comesTrue(() => house.raw.seen.length === count, 20_000);
    if (!all) problems.push(`only ${house.raw.seen.length} of ${count} calls reached the provider`);
    const growthMiB = (await peakUntilSettled(house)) - before / MIB;
    if (growthMiB > growthMiBMax(count)) {
      problems.push(
        `memory grew by ${growthMiB.toFixed(0)} MiB for ${count} readers, allowed are ${growthMiBMax(count)}`,
      );
    }
    const other = await makeCallBeside(house);
    if (other !== undefined) problems.push(other);
    return {
      saw: `${count} held back with ${growthMiB.toFixed(0)} MiB in all`,
      recorded: 'all cancelled',
      problems,
      attempts: count + 1,
    };
  } finally {
    for (const reader of readers) reader.reset();
  }
}

/** While all the others are held back, a call like any other must be served. */
async function makeCallBeside(house: House): Promise<string | undefined> {
  await house.setFaults();
  const { seen, answer } = await makeCall(house, { model: 'sim1/sim-small', streamed: true });
  if (seen.terminal !== 'done') return `a call beside them ended in ${seen.terminal}`;
  return answer.tookMs > 2_000 ? `a call beside them took ${answer.tookMs.toFixed(0)} ms` : undefined;
}

function bytesSent(house: House): number {
  let bytes = 0;
  for (const socket of house.raw.sockets) bytes += socket.bytesWritten;
  return bytes;
}

/** So long must nothing more be taken before the readers count as held back: a busy machine pauses for less. */
const QUIET_MS = 1_500;

/** Waits until the gateway takes nothing more from the provider; the most memory it had until then, in MiB. */
async function peakUntilSettled(house: House): Promise<number> {
  let peakMiB = 0;
  let last = -1;
  let sinceMs = performance.now();
  await comesTrue(async () => {
    const now = bytesSent(house);
    if (now !== last) sinceMs = performance.now();
    last = now;
    await pause(50);
    peakMiB = Math.max(peakMiB, memory(house.gateway.pid).rssBytes / MIB);
    return performance.now() - sinceMs > QUIET_MS;
  }, 60_000);
  return peakMiB;
}

const lateReader: SharedRow = {
  house: 'rough',
  row: 35,
  fault: 'a reader that sleeps for a second, then reads 10 MiB',
  streamed: true,
  async run({ house }) {
    house.raw.answer = longStream;
    const client = await openReader(house);
    try {
      await pause(1_000);
      client.socket.resume();
      const answer = await client.answer();
      const text = answer.body.toString();
      const events = text.split('data: ').length - 1;
      const wanted = Math.floor(STREAM_BYTES / chunk(LONG_EVENT).length) + 3;
      const problems =
        events === wanted && text.endsWith(DONE) ? [] : [`${events} events of ${wanted} came, ${answer.end}`];
      const id = answer.headers.get('x-leeward-request-id') ?? '';
      const record = await recordOf(house, id);
      if (record?.attempts[0]?.outcome !== 'ok') problems.push('not recorded as served');
      return { saw: `${events} events`, recorded: recordText(record), problems, attempts: 1 };
    } finally {
      client.close();
    }
  },
};

const stalledReader: SharedRow = {
  house: 'rough',
  row: 35,
  fault: 'a reader that never reads is cut off after 60 s',
  streamed: true,
  slow: true,
  async run({ house }) {
    house.raw.answer = longStream;
    const client = await openReader(house);
    const startedMs = performance.now();
    const freed = await comesTrue(() => house.raw.seen.length > 0 && house.raw.sockets.size === 0, 75_000);
    const tookMs = performance.now() - startedMs;
    client.close();
    return {
      saw: `cut after ${(tookMs / 1_000).toFixed(0)} s`,
      recorded: '-',
      problems: freed && tookMs > 55_000 ? [] : [`the provider was let go: ${freed}, after ${tookMs.toFixed(0)} ms`],
      attempts: 1,
    };
  },
};

const HEAD_LIMIT_MS = 20_000;

const idleClients: SharedRow = {
  house: 'rough',
  row: 39,
  fault: '300 idle connections and 100 that dribble their head',
  growthMiBMax: 64,
  async run({ house, quick }) {
    const clients = await Promise.all(Array.from({ length: 400 }, () => RawClient.open(house.port)));
    const slow = clients.slice(0, 100);
    let sent = 0;
    const line = `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nx-filler: ${'x'.repeat(200)}`;
    const dribble = setInterval(() => {
      for (const client of slow) client.send(line.slice(sent, sent + 1));
      sent++;
    }, 200);
    try {
      const problems = await othersAreServed(house, 20);
      const held = descriptors(house.gateway.pid, house.dataDir).connections.length;
      const late = quick ? [] : await cutOff(slow);
      return {
        saw: quick ? `others served beside ${held}` : `others served beside ${held}; the slow got 408`,
        recorded: '-',
        problems: [...problems, ...late],
        attempts: 20,
      };
    } finally {
      clearInterval(dribble);
      for (const client of clients) client.close();
    }
  },
};

async function othersAreServed(house: House, calls: number): Promise<string[]> {
  house.raw.answer = (socket) => void socket.end(answerBytes(200, 'application/json', OK_ANSWER));
  const problems: string[] = [];
  for (let made = 0; made < calls; made++) {
    const { seen, answer } = await makeCall(house, { model: 'raw/m', streamed: false });
    if (seen.status !== 200 || answer.tookMs > 1_000)
      problems.push(`a call got ${seen.status} after ${answer.tookMs.toFixed(0)} ms`);
  }
  return problems.slice(0, 3);
}

/** Each of them must be told why, within the limit and the next look for late ones. */
async function cutOff(slow: readonly RawClient[]): Promise<string[]> {
  const answers = await Promise.all(slow.map((client) => client.answer(HEAD_LIMIT_MS + 10_000)));
  const wrong = answers.filter(({ status, body }) => status !== 408 || leaks(body.toString()).length > 0);
  return wrong.length === 0
    ? []
    : [`${wrong.length} slow clients got ${wrong[0]?.status} (${wrong[0]?.end}) instead of 408`];
}

const FAST_CALLS = 150;
/** Beyond a fifth, what a shared machine adds to one call in a hundred anyway. */
const NOISE_MS = 30;

/** Calls that hang at one provider must not slow down those to another. */
function exhausted(count: (quick: boolean) => number): SharedRow {
  return {
    house: 'rough',
    row: 33,
    fault: 'slow calls that fill the pool of one provider, calls to another beside them',
    streamed: false,
    growthMiBMax: growthMiBMax(count(false)),
    async run({ house, quick }) {
      await house.setFaults();
      house.raw.answer = () => undefined;
      await p99Of(house, FAST_CALLS / 3);
      const before = await p99Of(house, FAST_CALLS);
      const slow = await Promise.all(Array.from({ length: count(quick) }, () => openSlow(house)));
      const problems: string[] = [];
      try {
        const all = await comesTrue(() => house.raw.seen.length === slow.length, 20_000);
        if (!all) problems.push(`only ${house.raw.seen.length} of ${slow.length} calls reached the provider`);
        const beside = await p99Of(house, FAST_CALLS);
        const allowedMs = before * 1.2 + NOISE_MS;
        if (beside > allowedMs) problems.push(`the p99 rose from ${before.toFixed(0)} to ${beside.toFixed(0)} ms`);
        return {
          saw: `p99 ${before.toFixed(0)} ms alone, ${beside.toFixed(0)} ms beside ${slow.length} slow calls`,
          recorded: 'the slow ones cancelled',
          problems,
          attempts: slow.length + FAST_CALLS * 2 + FAST_CALLS / 3,
        };
      } finally {
        for (const client of slow) client.reset();
      }
    },
  };
}

async function openSlow(house: House): Promise<RawClient> {
  const client = await RawClient.open(house.port);
  client.send(requestBytes({ key: house.key, body: chatBody({ model: 'raw/m', streamed: false }) }));
  return client;
}

/** How long all but one in a hundred take, one after the other on one connection. */
async function p99Of(house: House, calls: number): Promise<number> {
  const client = await RawClient.open(house.port);
  const body = chatBody({ model: 'sim1/sim-small', streamed: false, fields: { max_tokens: 1 } });
  const tookMs: number[] = [];
  for (let made = 0; made < calls; made++) {
    const startedMs = performance.now();
    client.send(requestBytes({ key: house.key, body }));
    const { status } = await client.answer();
    if (status !== 200) throw new Error(`a call beside the slow ones got ${status}`);
    tookMs.push(performance.now() - startedMs);
  }
  client.close();
  tookMs.sort((a, b) => a - b);
  return tookMs[Math.floor(calls * 0.99) - 1] ?? Number.NaN;
}

/** Many at once, and slow ones. */
export const loadFaults: readonly Row[] = [
  exhausted((quick) => (quick ? 300 : 1_000)),
  neverRead((quick) => (quick ? 100 : 1_000)),
  lateReader,
  idleClients,
  stalledReader,
];
