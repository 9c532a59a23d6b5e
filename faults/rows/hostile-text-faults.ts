import type { House } from '../harness/house.ts';
import {
  answerBytes,
  chunk,
  DELTA,
  DONE,
  event,
  FINISH,
  OK_ANSWER,
  STREAM_HEAD,
  streamBytes,
  USAGE,
} from '../harness/http-bytes.ts';
import { cpuMs } from '../harness/proc.ts';
import { RawClient, requestBytes } from '../harness/raw-client.ts';
import { leaks } from '../harness/rules.ts';
import { seenIn, seenText } from '../harness/seen.ts';
import type { Row, SharedRow, Stage, Witness } from '../row.ts';

const MIB = 1 << 20;
/** What a MiB may cost the processor beyond what a MiB of plain text costs. */
const MS_PER_MIB_MAX = 50;
const REPEATS = 5;
const PLAIN = 'x'.repeat(MIB);

interface HostileText {
  readonly fault: string;
  /** The request body; by default a small one. */
  readonly body?: string;
  readonly headers?: readonly string[];
  /** What the provider answers; by default it answers well. */
  readonly answer?: Buffer;
  readonly streamed?: boolean;
  /** How much of it there is, in bytes. */
  readonly bytes: number;
  /** Where the harm is small beside the clock's tick, more calls and a bound of its own. */
  readonly repeats?: number;
  readonly msPerMiBMax?: number;
}

/** The gateway's other threads have work of their own now and then; a scanner that goes back and forth does so each time. */
const AGAIN_MAX = 2;

/**
 * Text that makes a scanner go back and forth, against the same amount of plain
 * text. Compared is the processor's time, the least of a few.
 */
function hostileRow(text: HostileText): SharedRow {
  return {
    house: 'wire',
    row: 41,
    fault: `hostile text: ${text.fault}`,
    streamed: text.streamed ?? false,
    growthMiBMax: 128,
    async run({ house }: Stage): Promise<Witness> {
      const plain = plainOf(text);
      await repeat(house, plain);
      let plainMs = (await repeat(house, plain)).ms;
      let hostile = await repeat(house, text);
      const perMiB = () => (hostile.ms - plainMs) / Math.max(1, text.bytes / MIB);
      const tooMuch = () => perMiB() > (text.msPerMiBMax ?? MS_PER_MIB_MAX);
      for (let again = 0; again < AGAIN_MAX && tooMuch(); again++) {
        plainMs = Math.min(plainMs, (await repeat(house, plain)).ms);
        const once = await repeat(house, text);
        if (once.ms < hostile.ms) hostile = once;
      }
      const problems = [...leaks(hostile.text)];
      if (tooMuch()) problems.push(`a MiB costs ${perMiB().toFixed(0)} ms more than plain text`);
      if (hostile.text.includes('"code":"internal"')) problems.push('the gateway failed in an unexpected way');
      return {
        saw: `${hostile.saw}; ${plainMs.toFixed(0)} ms plain, ${hostile.ms.toFixed(0)} ms hostile`,
        recorded: '-',
        problems,
      };
    },
  };
}

/** The same sizes in the same places, of a letter that nothing looks for. */
function plainOf(text: HostileText): HostileText {
  const { body, headers, answer } = text;
  return {
    ...text,
    ...(body === undefined ? {} : { body: chatOf('x'.repeat(Math.max(1, body.length - 100))) }),
    ...(headers === undefined ? {} : { headers: headers.map((header) => `x-plain: ${'x'.repeat(header.length)}`) }),
    ...(answer === undefined
      ? {}
      : {
          answer: text.streamed
            ? streamBytes([DELTA, ...piecesOf(answer.length).map(contentEvent), FINISH, USAGE, DONE])
            : answerBytes(
                200,
                'application/json',
                OK_ANSWER.replace('"hi"', JSON.stringify('x'.repeat(answer.length))),
              ),
        }),
  };
}

function piecesOf(bytes: number): string[] {
  return Array.from({ length: Math.max(1, Math.floor(bytes / 16_000)) }, () => 'x'.repeat(16_000));
}

function contentEvent(content: string): string {
  return event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
}

/** Milliseconds of processor time per call. */
async function repeat(house: House, text: HostileText): Promise<{ ms: number; saw: string; text: string }> {
  house.raw.answer = (socket) => void socket.end(text.answer ?? answerBytes(200, 'application/json', OK_ANSWER));
  const before = cpuMs(house.gateway.pid);
  let saw = '';
  let last = '';
  const repeats = text.repeats ?? REPEATS;
  for (let made = 0; made < repeats; made++) {
    const client = await RawClient.open(house.port);
    const body = text.body ?? chatOf('hello', text.streamed);
    client.send(requestBytes({ key: house.key, body, headers: text.headers ?? [] }));
    const seen = seenIn(await client.answer());
    client.close();
    saw = seenText(seen);
    last = seen.text;
  }
  return { ms: (cpuMs(house.gateway.pid) - before) / repeats, saw, text: last };
}

function chatOf(content: string, stream = false): string {
  return JSON.stringify({ model: 'raw/m', stream, messages: [{ role: 'user', content }] });
}

const HEADER_CHARS = 28_000;
const header = (name: string, value: string) => [`${name}: ${value}`];

const texts: readonly HostileText[] = [
  { fault: 'a MiB of backslashes and quotes', body: chatOf('\\"'.repeat(MIB / 4)), bytes: MIB },
  { fault: 'a MiB of spaces before a fault in the JSON', body: `{"model":"raw/m",${' '.repeat(MIB)}!}`, bytes: MIB },
  { fault: 'a MiB of line ends before a fault', body: `{"model":"raw/m",${'\n'.repeat(MIB)}!}`, bytes: MIB },
  { fault: 'a fault after a MiB of string', body: `{"model":"${PLAIN}"!`, bytes: MIB },
  { fault: 'a MiB of brackets that do not close', body: `{"messages":[${'[{'.repeat(MIB / 2)}`, bytes: MIB },
  { fault: 'a MiB of digits', body: `{"model":"raw/m","messages":[${'1'.repeat(MIB)}]}`, bytes: MIB },
  { fault: 'a model name of a MiB', body: `{"model":"${'/'.repeat(MIB)}","messages":[]}`, bytes: MIB },
  { fault: 'a MiB of keys called model', body: `{${'"model":"raw/m",'.repeat(MIB / 16)}"messages":[]}`, bytes: MIB },
  { fault: 'a MiB of escapes', body: chatOf('').replace('""', `"${'\\u0041'.repeat(MIB / 6)}"`), bytes: MIB },
  {
    fault: 'metadata of brackets',
    headers: header('x-leeward-metadata', '[{"a":'.repeat(HEADER_CHARS / 6)),
    bytes: HEADER_CHARS,
  },
  {
    fault: 'a traceparent of zeroes',
    headers: header('traceparent', `00-${'0'.repeat(HEADER_CHARS)}`),
    bytes: HEADER_CHARS,
  },
  { fault: 'tags of commas', headers: header('x-leeward-tags', ','.repeat(HEADER_CHARS)), bytes: HEADER_CHARS },
  {
    fault: 'a request id of spaces',
    headers: header('x-request-id', `a${' '.repeat(HEADER_CHARS)}b`),
    bytes: HEADER_CHARS,
  },
  {
    fault: 'a Retry-After of digits',
    answer: answerBytes(
      429,
      'application/json',
      '{"error":{"message":"x"}}',
      `retry-after: ${'1'.repeat(HEADER_CHARS)}x\r\n`,
    ),
    bytes: HEADER_CHARS,
  },
  {
    fault: 'an error whose code is a MiB',
    answer: answerBytes(500, 'application/json', `{"error":{"message":"x","code":"${'a.'.repeat(MIB / 2 - 64)}!"}}`),
    bytes: MIB,
  },
  {
    fault: 'a stream of a MiB of bare carriage returns',
    answer: streamBytes([DELTA, ...Array.from({ length: 4 }, () => '\r'.repeat(MIB / 4)), FINISH, USAGE, DONE]),
    streamed: true,
    bytes: MIB,
    repeats: 15,
    msPerMiBMax: 25,
  },
  {
    fault: 'a stream of half a MiB of colons',
    answer: streamBytes([DELTA, `${':'.repeat(MIB / 2)}\n\n`, FINISH, USAGE, DONE]),
    streamed: true,
    bytes: MIB / 2,
  },
  {
    fault: 'a stream of data lines without content',
    answer: streamBytes([
      DELTA,
      ...Array.from({ length: 32 }, () => 'data:\n'.repeat(2_700)),
      '\n',
      FINISH,
      USAGE,
      DONE,
    ]),
    streamed: true,
    bytes: MIB / 2,
  },
  {
    fault: 'spaces before what may be HTML',
    answer: Buffer.concat([
      Buffer.from(STREAM_HEAD.replace('content-type: text/event-stream\r\n', '')),
      chunk(' '.repeat(MIB / 2)),
      chunk('<'),
    ]),
    streamed: true,
    bytes: MIB / 2,
  },
];

const PATTERNS = ['^(a+)+$', '^(a|aa)+$', '^(.*)*$', '^([a-z]{1,900}){1,900}$', '((((a*)*)*)*)*'];

/** The simulator writes text that fits a pattern; whoever sends the pattern must not hold it up. */
const simulatorPatterns: SharedRow = {
  house: 'wire',
  row: 41,
  fault: 'hostile text: patterns in a JSON schema, to the simulator',
  streamed: false,
  async run({ house }: Stage): Promise<Witness> {
    await house.setFaults();
    const problems: string[] = [];
    const saw: string[] = [];
    for (const pattern of PATTERNS) {
      const schema = { type: 'object', properties: { a: { type: 'string', pattern } }, required: ['a'] };
      const body = JSON.stringify({
        model: 'sim1/sim-small',
        messages: [{ role: 'user', content: 'hello' }],
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
      });
      const before = cpuMs(house.sim.pid);
      const client = await RawClient.open(house.port);
      client.send(requestBytes({ key: house.key, body }));
      const seen = seenIn(await client.answer());
      client.close();
      const ms = cpuMs(house.sim.pid) - before;
      saw.push(`${seen.status}`);
      if (seen.status >= 500 || seen.end !== 'complete') problems.push(`${pattern} got ${seenText(seen)}`);
      if (ms > 500) problems.push(`${pattern} costs the simulator ${ms} ms`);
    }
    return { saw: saw.join(', '), recorded: '-', problems, attempts: PATTERNS.length };
  },
};

/** Text made to be scanned slowly, in every place that we scan. */
export const hostileTextFaults: readonly Row[] = [...texts.map(hostileRow), simulatorPatterns];
