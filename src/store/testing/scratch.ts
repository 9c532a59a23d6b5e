/** Parts for tests that need a store, records or a directory of their own. Nothing of the product imports this. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../kernel/clock.ts';
import { IdMaker } from '../../kernel/ids.ts';
import { systemRandom } from '../../kernel/random.ts';
import type { AttemptCheckpoint, AttemptEnd, AttemptStart } from '../../protocol/attempt-record.ts';
import type { StoreLog } from '../log.ts';
import { openStore } from '../open-store.ts';
import type { Store, StoreOptions } from '../store.ts';

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly facts: object;
}

/** A log that only collects. */
export function collectedLog(): StoreLog & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: LogLine['level']) => (facts: object, message: string) => {
    lines.push({ level, message, facts });
  };
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}

export interface ScratchDirectory extends AsyncDisposable {
  readonly path: string;
}

/** A directory under the system's temporary one, removed with everything in it when disposed of. */
export async function scratchDirectory(): Promise<ScratchDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'leeward-store-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/**
 * A store on the real clock, on the server that `LEEWARD_TEST_POSTGRES` names
 * (the test project `server` sets it), otherwise embedded and without fsync. The caller closes it.
 */
export async function openScratchStore(dataDir: string, options: Partial<StoreOptions> = {}): Promise<Store> {
  const common = { dataDir, clock: systemClock, log: collectedLog(), unsafeNoFsync: true, ...options };
  const given = process.env['LEEWARD_TEST_POSTGRES'];
  if (given === undefined) return openStore(common);
  const { scratchServer } = await import('./scratch-server.ts');
  return openStore({ server: await scratchServer(given, dataDir), ...common });
}

const ids = new IdMaker(systemClock, systemRandom());

/** An attempt's start that is complete and its own; `given` replaces fields. */
export function startRecord(given: Partial<AttemptStart> = {}): AttemptStart {
  const nowMs = systemClock.now();
  return {
    kind: 'start',
    callId: ids.next('call'),
    attempt: 1,
    callStartedAt: nowMs,
    startedAt: nowMs,
    organisation: 'org_default',
    project: 'proj_default',
    keyId: 'key_1',
    operation: 'chat',
    dialect: 'openai-chat',
    stream: true,
    modelAsked: 'fast',
    route: 'default',
    routeReason: 'first of 1',
    provider: 'sim',
    model: 'fast',
    configVersion: 'c0ffee',
    priceVersion: 'p1',
    ...given,
  };
}

/** The end that belongs to `start`; `given` replaces fields. */
export function endRecord(start: AttemptStart, given: Partial<AttemptEnd> = {}): AttemptEnd {
  return {
    kind: 'end',
    callId: start.callId,
    attempt: start.attempt,
    callStartedAt: start.callStartedAt,
    endedAt: start.startedAt + 12,
    outcome: 'ok',
    last: true,
    totalMs: 12,
    status: 200,
    clientStatus: 200,
    usage: { inputTokens: 10, outputTokens: 20 },
    usageSource: 'provider',
    costNanoUsd: '1500',
    ...given,
  };
}

/** How far the attempt had come that `of` is a record of. It has cost 7 nano-USD. */
export function checkpointRecord(
  of: Pick<AttemptEnd, 'callId' | 'attempt' | 'callStartedAt'>,
  usage: AttemptCheckpoint['usage'],
): AttemptCheckpoint {
  const { callId, attempt, callStartedAt } = of;
  return { kind: 'checkpoint', callId, attempt, callStartedAt, at: callStartedAt + 2, usage, costNanoUsd: '7' };
}
