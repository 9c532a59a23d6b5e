import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoAtExit } from '../../../faults/harness/at-exit.ts';
import { ROOT } from '../../../faults/harness/processes.ts';
import { bySize, type Ground, type Part } from './part.ts';

const VERIFY_MS_MAX = 60_000;
const SOAK_MS_MAX = 15 * 60_000;

interface Soaked {
  readonly booked: number;
  readonly bookMs: number;
  readonly verifyMs: number;
  readonly openHolds: number;
  readonly problems: readonly string[];
  readonly debits: string;
  readonly credits: string;
}

/** A ledger that has booked very much still adds up, and says so within a minute. */
export const m13: Part = {
  title: 'after a million transfers debits equal credits, and every balance adds up',
  kind: 'own',
  async prove(ground, checks, size) {
    const transfers = bySize(size, { full: 1_000_000, quick: 30_000, sabotaged: 5_000 });
    const { booked, bookMs, verifyMs, openHolds, problems, debits, credits } = await soak(ground, transfers);
    checks.that('M13: so many transfers were booked', booked >= transfers, `${booked}`);
    checks.none('M13: every balance adds up from its transfers and holds', problems);
    checks.that('M13: debits equal credits', debits === credits && BigInt(debits) > 0n, `${debits} and ${credits}`);
    checks.that('M13: holds were open while it was added up', openHolds > 0, `${openHolds}`);
    checks.that(
      `M13: adding up takes less than ${VERIFY_MS_MAX / 1_000} s`,
      verifyMs < VERIFY_MS_MAX,
      `${Math.round(verifyMs)} ms`,
    );
    return {
      'M13: transfers, a second': `${booked}, ${Math.round(booked / (bookMs / 1_000))}`,
      'M13: added up within, ms': Math.round(verifyMs),
    };
  },
};

async function soak({ store, sabotage }: Ground, transfers: number): Promise<Soaked> {
  const folder = mkdtempSync(join(tmpdir(), 'leeward-soak-'));
  const remove = undoAtExit(() => rmSync(folder, { recursive: true, force: true }));
  const broken = sabotage === undefined ? [] : ['--import', './test/support/sabotage/preload.ts'];
  const url = store.databaseUrl === undefined ? [] : [store.databaseUrl];
  const args = [...broken, 'test/proofs/money/soak.ts', folder, String(transfers), ...url];
  const env = { ...process.env, ...(sabotage === undefined ? {} : { LEEWARD_SABOTAGE: sabotage }) };
  try {
    return await new Promise((resolve, reject) => {
      execFile(process.execPath, args, { cwd: ROOT, env, timeout: SOAK_MS_MAX }, (error, stdout, stderr) => {
        if (error === null) resolve(JSON.parse(stdout) as Soaked);
        else reject(new Error(`the soak ended with ${error.code}: ${stderr.slice(-500)}`));
      });
    });
  } finally {
    remove();
  }
}
