import type { House } from '../harness/house.ts';
import { answerBytes, OK_ANSWER } from '../harness/http-bytes.ts';
import { RawClient, requestBytes } from '../harness/raw-client.ts';
import { leaks } from '../harness/rules.ts';
import { seenIn, seenText } from '../harness/seen.ts';
import type { Row, SharedRow, Stage, Witness } from '../row.ts';

/** How long the gateway may leave others unanswered while it reads one body. */
const STALL_MS_MAX = 100;
/** The machine may stall too: the best of these counts. */
const TRIES = 3;

interface JsonCase {
  readonly fault: string;
  readonly body: () => string | Buffer;
  /** 200: served, and the provider must have got what the client sent but for the model's name. */
  readonly status: 200 | 400;
  readonly growthMiBMax?: number;
}

const MESSAGES = '"messages":[{"role":"user","content":"hi"}]';
const MODEL = '"model":"raw/m"';

function withField(field: string): string {
  return `{${MODEL},${MESSAGES},${field}}`;
}

const CASES: readonly JsonCase[] = [
  {
    fault: 'nested a million deep',
    status: 400,
    body: () => withField(`"x":${'['.repeat(1e6)}${']'.repeat(1e6)}`),
    growthMiBMax: 64,
  },
  { fault: 'nested 500 deep', status: 200, body: () => withField(`"x":${'['.repeat(500)}${']'.repeat(500)}`) },
  { fault: 'the key model twice', status: 400, body: () => withField('"model":"raw-quick/m"') },
  {
    fault: '__proto__ and constructor as keys',
    status: 200,
    body: () => withField('"__proto__":{"stream":true},"constructor":{"prototype":{"stream":true}}'),
  },
  {
    fault: 'numbers beyond any number',
    status: 200,
    body: () => withField(`"a":1e999,"b":${'9'.repeat(400)},"c":-0.0,"d":1E-999`),
  },
  { fault: 'lone surrogates and NUL, escaped', status: 200, body: () => withField('"a":"\\ud800 \\udfff \\u0000"') },
  { fault: 'a NUL byte in a string', status: 400, body: () => withField('"a":"\u0000"') },
  {
    fault: 'bytes that are not UTF-8',
    status: 400,
    body: () => Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xff, 0xc0]), Buffer.from(`",${MESSAGES}}`)]),
  },
  {
    fault: 'a million keys',
    status: 400,
    body: () => withField(`"x":{${Array.from({ length: 1e6 }, (_, n) => `"k${n}":1`).join(',')}}`),
    growthMiBMax: 64,
  },
];

function jsonRow(facts: JsonCase): SharedRow {
  return {
    house: 'wire',
    row: 40,
    fault: `JSON: ${facts.fault}`,
    streamed: false,
    ...(facts.growthMiBMax === undefined ? {} : { growthMiBMax: facts.growthMiBMax }),
    run: (stage) => readJson(facts, stage),
  };
}

async function readJson(facts: JsonCase, { house }: Stage): Promise<Witness> {
  house.raw.answer = (socket) => void socket.end(answerBytes(200, 'application/json', OK_ANSWER));
  const body = facts.body();
  const problems: string[] = [];
  let saw = '';
  let stallMs = Number.POSITIVE_INFINITY;
  for (let tried = 0; tried < TRIES && stallMs > STALL_MS_MAX; tried++) {
    house.raw.seen.splice(0);
    const { text, longestMs, found } = await sendBeside(house, body, facts.status);
    saw = text;
    stallMs = Math.min(stallMs, longestMs);
    problems.splice(0, problems.length, ...found);
    if (facts.status === 200 && !forwardedAsSent(house, body))
      problems.push('the provider got something else than was sent');
    if (facts.status === 400 && house.raw.seen.length > 0) problems.push('the provider was asked');
  }
  if (stallMs > STALL_MS_MAX) problems.push(`others waited ${stallMs.toFixed(0)} ms, allowed are ${STALL_MS_MAX}`);
  return { saw: `${saw}, others waited ${stallMs.toFixed(0)} ms`, recorded: '-', problems };
}

/** Sends the body on one connection while another asks for `/healthz` without a pause. */
async function sendBeside(house: House, body: string | Buffer, status: number) {
  const [client, other] = [await RawClient.open(house.port), await RawClient.open(house.port)];
  try {
    client.send(requestBytes({ key: house.key, body }));
    const answered = client.answer();
    let over = false;
    const watched = answered.finally(() => {
      over = true;
    });
    let longestMs = 0;
    while (!over) {
      other.send('GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
      longestMs = Math.max(longestMs, (await other.answer()).tookMs);
    }
    const seen = seenIn(await watched);
    const found = leaks(seen.text);
    if (seen.status !== status) found.push(`status is ${seen.status}, not ${status}: ${seen.text.slice(0, 200)}`);
    return { text: seenText(seen), longestMs, found };
  } finally {
    client.close();
    other.close();
  }
}

function forwardedAsSent(house: House, body: string | Buffer): boolean {
  const [seen] = house.raw.seen;
  return house.raw.seen.length === 1 && seen?.body === body.toString().replace(MODEL, '"model":"m"');
}

/** JSON bodies made to break parsers. */
export const jsonFaults: readonly Row[] = CASES.map(jsonRow);
