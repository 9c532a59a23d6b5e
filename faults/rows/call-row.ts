import type { Answerer } from '../../test/support/raw-upstream.ts';
import { type ClientDialect, requestIn } from '../harness/dialects.ts';
import type { H2Answerer } from '../harness/h2-upstreams.ts';
import type { House, SimFault } from '../harness/house.ts';
import { RawClient, type ReadAnswer, requestBytes } from '../harness/raw-client.ts';
import { type CallRecord, recordOf, recordText } from '../harness/record.ts';
import type { Toxic } from '../harness/relay.ts';
import { breachesOfRules } from '../harness/rules.ts';
import { type Seen, seenIn, seenText, type Terminal } from '../harness/seen.ts';
import type { SharedRow, Stage, Witness } from '../row.ts';

const ANSWER_MS = 15_000;

/** What one call must look like from both sides. A field that is left out is not asked about. */
export interface Expectation {
  readonly status: number;
  readonly terminal: Terminal;
  readonly code?: string;
  readonly outcome: 'ok' | 'failed' | 'truncated' | 'cancelled';
  /** The code in the record; `null` when there must be none. */
  readonly recorded?: string | null;
  /** Whether the record must carry the provider's own usage. Without it what may be billed is estimated, and marked so. */
  readonly usage: boolean;
  readonly withinMs?: number;
}

/** One call against one fault: all a row needs to say. */
export interface CallCase {
  readonly row: number;
  readonly fault: string;
  readonly streamed: boolean;
  /** The simulator's fault, or the bytes of the raw upstream; absent where the target itself is the fault. */
  readonly sim?: SimFault | ((house: House) => SimFault);
  readonly raw?: Answerer | Buffer | string;
  /** What the upstream that speaks HTTP/2 does. */
  readonly h2?: H2Answerer;
  /** What the network does to the simulator's answer. */
  readonly toxic?: Toxic;
  /** Another house than `wire`. */
  readonly house?: 'names';
  /** Done before the call. */
  readonly before?: (house: House) => void | Promise<void>;
  /** What the client speaks; Chat Completions by default. */
  readonly client?: ClientDialect;
  /** `provider/model`; by default the one that fits `sim` or `raw`. */
  readonly model?: string;
  /** Fields for the request body beside model, messages and stream. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly headers?: readonly string[];
  readonly growthMiBMax?: number;
  readonly slow?: true;
  readonly expect: Expectation;
  /** What else must hold; returns what does not. */
  readonly also?: (call: FinishedCall) => string[] | Promise<string[]>;
}

export interface FinishedCall {
  readonly house: House;
  readonly answer: ReadAnswer;
  readonly seen: Seen;
  readonly record: CallRecord | undefined;
}

/** Makes a row of one call. */
export function callRow(facts: CallCase): SharedRow {
  const { row, fault, streamed, growthMiBMax, slow, house = 'wire' } = facts;
  return {
    house,
    row,
    fault,
    streamed,
    ...(growthMiBMax === undefined ? {} : { growthMiBMax }),
    ...(slow === undefined ? {} : { slow }),
    run: (stage) => runCall(facts, stage),
  };
}

/** The same fault, streamed and not. */
export function bothWays(
  facts: Omit<CallCase, 'streamed' | 'expect'>,
  whole: Expectation,
  streamed: Expectation = whole,
): SharedRow[] {
  return [
    callRow({ ...facts, streamed: false, expect: whole }),
    callRow({ ...facts, streamed: true, expect: streamed }),
  ];
}

async function runCall(facts: CallCase, { house }: Stage): Promise<Witness> {
  const fault = typeof facts.sim === 'function' ? facts.sim(house) : facts.sim;
  await house.setFaults(...(fault === undefined ? [] : [fault]));
  house.raw.answer = answererOf(facts.raw);
  if (facts.h2 !== undefined) house.h2.answer = facts.h2;
  house.relay.toxic = facts.toxic;
  await facts.before?.(house);
  const call = await makeCall(house, {
    model: facts.model ?? usualModel(facts),
    streamed: facts.streamed,
    ...(facts.client === undefined ? {} : { client: facts.client }),
    ...(facts.fields === undefined ? {} : { fields: facts.fields }),
    ...(facts.headers === undefined ? {} : { headers: facts.headers }),
    waitMs: Math.max(ANSWER_MS, (facts.expect.withinMs ?? 0) + ANSWER_MS),
  });
  const problems = [
    ...breachesOfRules(call.seen, call.record),
    ...differences(call, facts.expect),
    ...((await facts.also?.(call)) ?? []),
  ];
  return {
    saw: seenText(call.seen),
    recorded: recordText(call.record),
    problems,
    attempts: 1,
  };
}

function usualModel({ h2, raw, sim }: CallCase): string {
  if (h2 !== undefined) return 'h2/m';
  return sim !== undefined || raw === undefined ? 'sim1/sim-small' : 'raw/m';
}

function answererOf(raw: CallCase['raw']): Answerer {
  if (typeof raw === 'function') return raw;
  return (socket) => {
    if (raw === undefined) socket.destroy();
    else socket.write(raw);
  };
}

export interface CallRequest {
  readonly model: string;
  readonly streamed: boolean;
  readonly client?: ClientDialect;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly headers?: readonly string[];
  readonly prompt?: string;
  /** How long the client waits for the end of its answer. */
  readonly waitMs?: number;
}

const PROMPT = 'Say something about the weather.';

export function chatBody({ model, streamed, fields, prompt = PROMPT }: CallRequest): string {
  return requestIn('chat', { model, prompt, streamed, fields }).body;
}

/** One call on a connection of its own, with what was recorded about it. */
export async function makeCall(house: House, request: CallRequest): Promise<FinishedCall> {
  const client = await RawClient.open(house.port);
  try {
    const { client: dialect = 'chat', model, streamed, fields, prompt = PROMPT, headers } = request;
    const { path, body } = requestIn(dialect, { model, prompt, streamed, fields });
    client.send(requestBytes({ key: house.key, path, body, ...(headers === undefined ? {} : { headers }) }));
    const answer = await client.answer(request.waitMs ?? ANSWER_MS);
    const seen = seenIn(answer, dialect);
    const record = seen.callId === undefined ? undefined : await recordOf(house, seen.callId);
    return { house, answer, seen, record };
  } finally {
    client.close();
  }
}

function differences({ seen, record, answer }: FinishedCall, expect: Expectation): string[] {
  const last = record?.attempts.at(-1);
  const pairs: [string, unknown, unknown][] = [
    ['status', seen.status, expect.status],
    ['terminal', seen.terminal, expect.terminal],
    ['recorded status', record?.status, expect.status],
    ['attempts', record?.attempts.length, 1],
    ['outcome', last?.outcome, expect.outcome],
    ['usage of the provider', last?.usage != null && last.usage_source === 'provider', expect.usage],
    ['cost known', last?.cost != null, true],
  ];
  if (expect.code !== undefined) pairs.push(['code', seen.code, expect.code]);
  if (expect.recorded !== undefined) pairs.push(['recorded code', last?.error, expect.recorded]);
  const problems = pairs
    .filter(([, is, wanted]) => is !== wanted)
    .map(([what, is, wanted]) => `${what} is ${String(is)}, not ${String(wanted)}`);
  if (expect.withinMs !== undefined && answer.tookMs > expect.withinMs) {
    problems.push(`it took ${answer.tookMs.toFixed(0)} ms, allowed are ${expect.withinMs}`);
  }
  return problems;
}
