import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoAtExit } from '../harness/at-exit.ts';
import type { House } from '../harness/house.ts';
import { answerBytes, OK_ANSWER } from '../harness/http-bytes.ts';
import { ask } from '../harness/http-json.ts';
import { NotHere } from '../harness/not-here.ts';
import { RawClient, requestBytes } from '../harness/raw-client.ts';
import { recordOf } from '../harness/record.ts';
import { leaks } from '../harness/rules.ts';
import { type Seen, seenIn, seenText } from '../harness/seen.ts';
import { comesTrue } from '../harness/waiting.ts';
import type { OwnRow, OwnStage, Row, Witness } from '../row.ts';
import { chatBody } from './call-row.ts';

const DISK_MIB = 128;
const CALLS_MAX = 6_000;
const RECOVERED_MS_MAX = 10_000;
/** Of the calls that were answered, this many are looked up after a restart. */
const LOOKED_UP = 40;

/** Makes records as large as they may be, so that the room for them is used up soon. */
const METADATA = JSON.stringify(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, 'x'.repeat(250)])));

/** A small file system of its own in memory. Needs root. */
class SmallDisk {
  readonly path: string;
  /** Unmounts it. Done at the end of the process if nobody does it before. */
  readonly remove: () => void;

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'leeward-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', this.path], { stdio: 'pipe' });
    } catch {
      // No rights to mount: the row says that it cannot be run here.
      rmSync(this.path, { recursive: true });
      throw new NotHere('mounting a small tmpfs needs root');
    }
    this.remove = undoAtExit(() => {
      execFileSync('umount', ['-l', this.path]);
      rmSync(this.path, { recursive: true });
    });
  }

  /** Leaves not one block free. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.path);
    try {
      writeFileSync(join(this.path, 'filler'), Buffer.alloc(bavail * bsize));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }

  free(): void {
    rmSync(join(this.path, 'filler'));
  }

  remount(mode: 'ro' | 'rw'): void {
    execFileSync('mount', ['-o', `remount,${mode}`, this.path], { stdio: 'pipe' });
  }
}

const fullDisk: OwnRow = {
  house: 'own',
  row: 43,
  fault: 'the disk is full, then has room again',
  streamed: false,
  async run(stage: OwnStage): Promise<Witness> {
    const disk = new SmallDisk();
    stage.defer(disk.remove);
    const house = await stage.open({ dataDir: join(disk.path, 'data') });
    house.raw.answer = (socket) => void socket.end(answerBytes(200, 'application/json', OK_ANSWER));
    disk.fill();
    const { answered, refused } = await callUntilRefused(house);
    const problems: string[] = [];
    if (refused === undefined) problems.push(`${answered.length} calls were served although nothing could be recorded`);
    else {
      problems.push(...leaks(refused.text));
      if (refused.status !== 503 || refused.code !== 'budget_unavailable')
        problems.push(`refused with ${seenText(refused)}`);
    }
    const full = await ask(`${house.url}/readyz`);
    if (full.status !== 503) problems.push(`/readyz answers ${full.status} while the disk is full`);
    disk.free();
    const startedMs = performance.now();
    const back = await comesTrue(async () => (await ask(`${house.url}/readyz`)).status === 200, RECOVERED_MS_MAX);
    const backMs = performance.now() - startedMs;
    const next = await callOnce(house);
    if (!back || next.status !== 200) problems.push(`not served again: ready ${back}, then ${seenText(next)}`);
    const lost = await lostAfterRestart(house, [...answered, ...(next.callId === undefined ? [] : [next.callId])]);
    if (lost.length > 0) problems.push(`${lost.length} answered calls are not recorded, as ${lost[0]}`);
    return {
      saw: `${answered.length} served, then ${refused === undefined ? '-' : seenText(refused)}`,
      recorded: `${LOOKED_UP} of them looked up`,
      baseline: `ready again after ${(backMs / 1_000).toFixed(1)} s`,
      problems,
    };
  },
};

async function callOnce(house: House): Promise<Seen> {
  const client = await RawClient.open(house.port);
  try {
    return await callOn(client, house);
  } finally {
    client.close();
  }
}

async function callOn(client: RawClient, house: House): Promise<Seen> {
  const headers = [`x-leeward-metadata: ${METADATA}`];
  client.send(requestBytes({ key: house.key, body: chatBody({ model: 'raw/m', streamed: false }), headers }));
  return seenIn(await client.answer());
}

async function callUntilRefused(house: House): Promise<{ answered: string[]; refused: Seen | undefined }> {
  const answered: string[] = [];
  const client = await RawClient.open(house.port);
  try {
    while (answered.length < CALLS_MAX) {
      const seen = await callOn(client, house);
      if (seen.status !== 200) return { answered, refused: seen };
      if (seen.callId !== undefined) answered.push(seen.callId);
    }
    return { answered, refused: undefined };
  } finally {
    client.close();
  }
}

/** The memory of the process forgets; what counts is what a new one finds. */
async function lostAfterRestart(house: House, ids: readonly string[]): Promise<string[]> {
  await house.gateway.kill();
  await house.startGateway();
  const lost: string[] = [];
  const step = Math.max(1, Math.floor(ids.length / LOOKED_UP));
  for (let index = ids.length - 1; index >= 0; index -= step) {
    const id = ids[index] ?? '';
    const record = await recordOf(house, id);
    if (record?.attempts[0]?.outcome !== 'ok') lost.push(`${id}: ${record?.attempts[0]?.outcome ?? 'no record'}`);
  }
  return lost;
}

const readOnlyDisk: OwnRow = {
  house: 'own',
  row: 43,
  fault: 'the disk is read-only at a start, then is not',
  async run(stage: OwnStage): Promise<Witness> {
    const disk = new SmallDisk();
    stage.defer(disk.remove);
    const house = await stage.open({ dataDir: join(disk.path, 'data') });
    house.raw.answer = (socket) => void socket.end(answerBytes(200, 'application/json', OK_ANSWER));
    const before = await callOnce(house);
    await house.gateway.stop();
    disk.remount('ro');
    const startedMs = performance.now();
    const refusal = await house.startGateway().then(
      () => 'it started',
      (error: unknown) => String(error),
    );
    const tookMs = performance.now() - startedMs;
    disk.remount('rw');
    await house.startGateway();
    const after = await callOnce(house);
    const record = await recordOf(house, before.callId ?? '');
    const problems: string[] = [];
    if (!/died before it was up/.test(refusal)) problems.push(`it did not refuse to start: ${refusal.slice(0, 300)}`);
    if (!/EROFS|read-only/i.test(refusal)) problems.push(`it does not say why: ${refusal.slice(0, 300)}`);
    if (/node:internal|\n\s+at .+:\d+:\d+/.test(refusal)) problems.push(`it shows a stack: ${refusal.slice(0, 600)}`);
    if (after.status !== 200) problems.push(`once it may write, a call gets ${seenText(after)}`);
    if (record?.attempts[0]?.outcome !== 'ok') problems.push('the call before it is lost');
    return {
      saw: `refused after ${(tookMs / 1_000).toFixed(1)} s; then ${seenText(after)}`,
      recorded: 'the call before it is there',
      problems,
    };
  },
};

/** What becomes of calls that cannot be recorded. */
export const diskFaults: readonly Row[] = [fullDisk, readOnlyDisk];
