import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../faults/harness/processes.ts';
import type { House } from './house.ts';

/** What `leeward reconcile` ended with, and the end of what it said. */
export interface Reconciled {
  readonly code: number;
  readonly said: string;
}

const RECONCILE_MS = 60_000;

/** Compares the ledger with the provider's bill as a user does: by the command line, from a file. */
export async function reconcile(house: House, { apply }: { readonly apply: boolean }): Promise<Reconciled> {
  const file = join(house.scratch, 'bill.jsonl');
  const bill = await house.provider.wholeBill();
  writeFileSync(file, bill.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const args = [
    'reconcile',
    '--provider',
    'up',
    '--file',
    file,
    '--format',
    'leeward-sim',
    '--data',
    house.dataDir,
    '--json',
  ];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['bin/leeward.mjs', ...args, ...(apply ? ['--apply'] : [])],
      { cwd: ROOT, timeout: RECONCILE_MS, maxBuffer: 64 << 20, env: { ...process.env, ...house.environment } },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        const words = code === 0 ? '' : `, ${(stderr || stdout).trim().slice(-300)}`;
        resolve({ code, said: `exit code ${code}${words}` });
      },
    );
  });
}
