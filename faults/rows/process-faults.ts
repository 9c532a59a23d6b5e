import type { House } from '../harness/house.ts';
import { chunk, DELTA, DONE, FINISH, LAST_CHUNK, STREAM_HEAD, USAGE } from '../harness/http-bytes.ts';
import { ask } from '../harness/http-json.ts';
import { RawClient, requestBytes } from '../harness/raw-client.ts';
import { recordOf, recordText } from '../harness/record.ts';
import { leaks } from '../harness/rules.ts';
import { type Seen, seenIn, seenText } from '../harness/seen.ts';
import { comesTrue, pause } from '../harness/waiting.ts';
import type { Row, SharedRow, Stage, Witness } from '../row.ts';
import { chatBody, makeCall } from './call-row.ts';

/** As the house is configured. */
const DRAIN_MS = 2_000;
const ACCEPT_MS = 700;
const RESTART_MS_MAX = 10_000;

async function send(house: House, model: string, streamed: boolean): Promise<RawClient> {
  const client = await RawClient.open(house.port);
  client.send(requestBytes({ key: house.key, body: chatBody({ model, streamed }) }));
  return client;
}

const begun = (client: RawClient) => client.seen(({ body }) => body.includes('data: '));
const callIdOf = (client: RawClient) => client.soFar.headers.get('x-leeward-request-id') ?? '';

/** Begins at once and ends well after `ms`. */
function streamFor(house: House, ms: number): void {
  house.raw.answer = async (socket) => {
    socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(DELTA)]));
    await pause(ms);
    socket.write(Buffer.concat([...[DELTA, FINISH, USAGE, DONE].map(chunk), Buffer.from(LAST_CHUNK)]));
  };
}

const drain: SharedRow = {
  house: 'rough',
  row: 44,
  fault:
    'SIGTERM: not ready at once, calls are taken a moment more; what ends within the drain ends well, the rest with an error',
  streamed: true,
  async run({ house }: Stage): Promise<Witness> {
    streamFor(house, DRAIN_MS / 2);
    await house.setFaults({ kind: 'endless', of: 'tokens', intervalMs: 20 }, { kind: 'stall' });
    const short = await send(house, 'raw/m', true);
    const long = await send(house, 'sim1/sim-small', true);
    await begun(short);
    await begun(long);
    await house.setFaults({ kind: 'stall' });
    const waiting = await send(house, 'sim1/sim-small', false);
    await comesTrue(async () => (await house.simCounts()).active === 2, 2_000);
    const startedMs = performance.now();
    house.gateway.signal('SIGTERM');
    const unready = await comesTrue(async () => !(await fetch(`${house.url}/readyz`)).ok, ACCEPT_MS / 2);
    const late = await send(house, 'raw/m', true);
    await begun(late);
    const lateConnection = late.soFar.headers.get('connection');
    const clients = [short, long, waiting, late];
    const [one, two, three, four] = (await Promise.all(clients.map((client) => client.answer()))).map((got) =>
      seenIn(got),
    );
    const death = await house.gateway.died;
    const tookMs = performance.now() - startedMs;
    const problems = [
      ...differs('the stream that ends in time', one, '200 done'),
      ...differs('the stream without end', two, '200 error overloaded'),
      ...differs('the call without an answer', three, '503 error overloaded'),
      ...differs('the stream that was asked for after the signal', four, '200 done'),
    ];
    if (!unready) problems.push('the gateway was still ready');
    if (lateConnection !== 'close') problems.push('a connection was kept after the signal');
    if (death.code !== 0) problems.push(`the gateway ended with ${death.code ?? death.signal}`);
    if (tookMs < ACCEPT_MS || tookMs > ACCEPT_MS + DRAIN_MS + 3_000) problems.push(`it took ${tookMs.toFixed(0)} ms`);
    const freed = await comesTrue(async () => (await house.simCounts()).active === 0, 1_000);
    if (!freed) problems.push('the provider is still busy');
    const records = await recordsAfterRestart(house, [one, two, three, four]);
    const outcomes = records.map((record) => record?.attempts.map(({ outcome }) => outcome).join() ?? 'none');
    if (outcomes.join(' ') !== 'ok cancelled cancelled ok') problems.push(`recorded are ${outcomes.join(', ')}`);
    return {
      saw: [one, two, three, four].map((seen) => (seen === undefined ? '-' : seenText(seen))).join(' | '),
      recorded: outcomes.join(' | '),
      baseline: `exit 0 after ${(tookMs / 1_000).toFixed(1)} s`,
      problems,
    };
  },
};

function differs(what: string, seen: Seen | undefined, wanted: string): string[] {
  const got = seen === undefined ? 'nothing' : seenText(seen);
  return [...(got === wanted ? [] : [`${what} got ${got}, not ${wanted}`]), ...leaks(seen?.text ?? '')];
}

async function recordsAfterRestart(house: House, seen: readonly (Seen | undefined)[]) {
  await house.startGateway();
  return Promise.all(seen.map((one) => recordOf(house, one?.callId ?? 'none')));
}

const kill: SharedRow = {
  house: 'rough',
  row: 44,
  fault: 'SIGKILL in mid-stream, then a start on the same store',
  streamed: true,
  async run({ house }: Stage): Promise<Witness> {
    const whole = await makeCall(house, { model: 'sim1/sim-small', streamed: true });
    await house.setFaults({ kind: 'endless', of: 'tokens', intervalMs: 20 });
    const client = await send(house, 'sim1/sim-small', true);
    await begun(client);
    const cutId = callIdOf(client);
    await house.gateway.kill();
    const cut = seenIn(await client.answer(2_000));
    const startedMs = performance.now();
    await house.startGateway();
    const restartMs = performance.now() - startedMs;
    const problems: string[] = [];
    if (cut.terminal !== 'none') problems.push(`the cut stream ended in ${cut.terminal}`);
    if (restartMs > RESTART_MS_MAX) problems.push(`the start took ${restartMs.toFixed(0)} ms`);
    const freed = await comesTrue(async () => (await house.simCounts()).active === 0, 1_000);
    if (!freed) problems.push('the provider is still busy');
    const [before, interrupted] = [await recordOf(house, whole.seen.callId ?? ''), await recordOf(house, cutId)];
    if (JSON.stringify(before?.attempts) !== JSON.stringify(whole.record?.attempts))
      problems.push('the call before the kill is recorded differently');
    if (interrupted?.attempts[0]?.outcome !== 'interrupted')
      problems.push('the call that was cut is not recorded as interrupted');
    await house.setFaults();
    const after = await makeCall(house, { model: 'sim1/sim-small', streamed: true });
    if (after.seen.terminal !== 'done') problems.push(`the first call after the start ended in ${after.seen.terminal}`);
    return {
      saw: `${seenText(cut)}, then ${seenText(after.seen)}`,
      recorded: recordText(interrupted),
      baseline: `up again after ${(restartMs / 1_000).toFixed(1)} s`,
      problems,
    };
  },
};

const frozen: SharedRow = {
  house: 'rough',
  row: 44,
  fault: 'the gateway is stopped for 2 s in mid-stream (SIGSTOP)',
  streamed: true,
  async run({ house }: Stage): Promise<Witness> {
    streamFor(house, 1_000);
    const client = await send(house, 'raw/m', true);
    await begun(client);
    house.gateway.signal('SIGSTOP');
    await pause(2_000);
    house.gateway.signal('SIGCONT');
    const seen = seenIn(await client.answer());
    client.close();
    const record = await recordOf(house, seen.callId ?? '');
    const { status } = await ask(`${house.url}/readyz`);
    return {
      saw: seenText(seen),
      recorded: recordText(record),
      problems: [
        ...(seen.terminal === 'done' && status === 200 ? [] : ['the stream or the gateway did not survive it']),
        ...(record?.attempts[0]?.outcome === 'ok' ? [] : ['not recorded as served']),
      ],
    };
  },
};

/** What becomes of the process itself. */
export const processFaults: readonly Row[] = [drain, kill, frozen];
