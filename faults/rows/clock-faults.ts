import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoAtExit } from '../harness/at-exit.ts';
import type { House } from '../harness/house.ts';
import { chunk, DELTA, DONE, FINISH, LAST_CHUNK, STREAM_HEAD, USAGE } from '../harness/http-bytes.ts';
import { askJson } from '../harness/http-json.ts';
import { RawClient, requestBytes } from '../harness/raw-client.ts';
import { type CallRecord, recordOf, recordText } from '../harness/record.ts';
import { seenIn, seenText } from '../harness/seen.ts';
import { pause } from '../harness/waiting.ts';
import type { OwnRow, OwnStage, Row, Witness } from '../row.ts';
import { chatBody } from './call-row.ts';

const HOUR_MS = 3_600_000;
/** A call of these rows takes a third of a second; whoever measures with the wall clock sees an hour. */
const DURATION_MS_MAX = 10_000;

/** The wall clock of a gateway, to be set from outside. */
class WallClock {
  readonly path: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'leeward-clock-'));
  readonly remove = undoAtExit(() => rmSync(this.#folder, { recursive: true, force: true }));

  constructor() {
    this.path = join(this.#folder, 'shift');
  }

  async step(house: House, shiftMs: number): Promise<void> {
    writeFileSync(this.path, String(shiftMs));
    house.gateway.signal('SIGUSR2');
    await pause(50);
  }
}

function clockRow(fault: string, shiftMs: number, expiring: { readonly status: number }): OwnRow {
  return {
    house: 'own',
    row: 42,
    fault,
    streamed: true,
    async run(stage: OwnStage): Promise<Witness> {
      const clock = new WallClock();
      stage.defer(clock.remove);
      const house = await stage.open({
        nodeArgs: ['--import', './faults/harness/clock-hook.ts'],
        env: { LEEWARD_FAULTS_CLOCK: clock.path },
      });
      const expiresAt = new Date(Date.now() + HOUR_MS / 2).toISOString();
      const made = await askJson(`${house.url}/admin/keys`, {
        bearer: house.adminToken,
        body: { name: 'for half an hour', expires_at: expiresAt },
      });
      const across = await callAcross(house, () => clock.step(house, shiftMs));
      const after = await callAcross(house, () => Promise.resolve());
      const expired = await status(house, String(made['key']));
      await clock.step(house, 0);
      const back = await status(house, String(made['key']));
      const problems = [...across.problems, ...after.problems];
      if (expired !== expiring.status) problems.push(`a key for half an hour gets ${expired}, not ${expiring.status}`);
      if (back !== 200) problems.push(`once the clock is right again it gets ${back}`);
      await house.gateway.kill();
      await house.startGateway();
      for (const { id } of [across, after]) {
        const found = await recordOf(house, id);
        problems.push(...durationProblems(found, 'after a restart the record'));
      }
      return {
        saw: `${across.saw} | ${after.saw} | key ${expired}, then ${back}`,
        recorded: recordText(across.record),
        baseline: 'both found after a restart',
        problems,
      };
    },
  };
}

/** A stream of a third of a second, in the midst of which something happens. */
async function callAcross(house: House, happens: () => Promise<void>) {
  house.raw.answer = async (socket) => {
    socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(DELTA)]));
    await pause(300);
    socket.write(Buffer.concat([...[DELTA, FINISH, USAGE, DONE].map(chunk), Buffer.from(LAST_CHUNK)]));
  };
  const client = await RawClient.open(house.port);
  client.send(requestBytes({ key: house.key, body: chatBody({ model: 'raw/m', streamed: true }) }));
  await client.seen(({ body }) => body.includes('data: '));
  await happens();
  const answer = await client.answer();
  client.close();
  const seen = seenIn(answer);
  const record = await recordOf(house, seen.callId ?? '');
  const problems = durationProblems(record, 'the record');
  if (seen.terminal !== 'done') problems.push(`the stream ended in ${seen.terminal}`);
  const overheadMs = Number(answer.headers.get('x-leeward-overhead-ms'));
  if (!(overheadMs >= 0 && overheadMs < DURATION_MS_MAX)) problems.push(`the overhead is ${overheadMs} ms`);
  return { id: seen.callId ?? '', saw: seenText(seen), record, problems };
}

function durationProblems(record: CallRecord | undefined, what: string): string[] {
  const [attempt] = record?.attempts ?? [];
  if (attempt?.outcome !== 'ok') return [`${what} says ${attempt?.outcome ?? 'nothing'}`];
  const durations = [record?.total_ms, attempt.total_ms];
  return durations.every((ms) => ms != null && ms >= 300 && ms < DURATION_MS_MAX)
    ? []
    : [`${what} says that the call took ${durations.join(' and ')} ms`];
}

async function status(house: House, key: string): Promise<number> {
  const client = await RawClient.open(house.port);
  client.send(requestBytes({ key, method: 'GET', path: '/v1/models', body: '' }));
  const { status: got } = await client.answer();
  client.close();
  return got;
}

/** A wall clock that is set while calls run. */
export const clockFaults: readonly Row[] = [
  clockRow('the wall clock jumps an hour ahead in mid-stream', HOUR_MS, { status: 401 }),
  clockRow('the wall clock jumps an hour back in mid-stream', -HOUR_MS, { status: 200 }),
];
