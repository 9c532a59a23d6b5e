import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Json, objectOf, objectsOf, parsed } from '../conformance/json.ts';

const PROGRAM = join(import.meta.dirname, '../../../node_modules/llmprobe/bin/dist/llmprobe.mjs');
/**
 * Otherwise llmprobe asks for thoughts with everything, and a simulated model
 * that spends on them what it may say has nothing left to answer. What llmprobe
 * checks of thoughts it asks for all the same.
 */
const UNASKED = 'default';
const RUN_MS_MAX = 300_000;

export interface ProbeReport {
  readonly passed: number;
  readonly total: number;
  /** Checks of which something does not hold that must. */
  readonly failures: readonly { readonly id: string; readonly said: string }[];
  /** Checks for which the model did not do what they needed. */
  readonly inconclusive: readonly string[];
}

/**
 * Runs llmprobe's conformance checks against a model.
 *
 * @throws when it gives no report
 */
export async function runProbe(target: {
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
}): Promise<ProbeReport> {
  const { baseUrl, key, model } = target;
  const program = spawn(
    process.execPath,
    [PROGRAM, baseUrl, '-k', key, '-m', model, '--json', '--no-save', '--no-bench', '--reasoning', UNASKED],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: RUN_MS_MAX },
  );
  let text = '';
  let complaint = '';
  program.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
  program.stderr.setEncoding('utf8').on('data', (more: string) => (complaint = (complaint + more).slice(-1_000)));
  await new Promise((done) => program.once('close', done));
  const conformance = objectOf(objectOf(parsed(text))['conformance']);
  const { passed, total } = conformance;
  if (typeof passed !== 'number' || typeof total !== 'number') throw new Error(`llmprobe gave no report: ${complaint}`);
  return {
    passed,
    total,
    failures: objectsOf(conformance['results']).flatMap(failureOf),
    inconclusive: objectsOf(conformance['inconclusive']).map(({ id, reason }) => `${String(id)}: ${String(reason)}`),
  };
}

/** What only should hold speaks of how well a model follows its prompt. */
function failureOf({ id, outcome, failures }: Json): { readonly id: string; readonly said: string }[] {
  if (outcome !== 'fail') return [];
  const said = objectsOf(failures).map(({ label, message }) => `${String(label)}: ${String(message)}`);
  return [{ id: String(id), said: said.join('; ') || String(outcome) }];
}
