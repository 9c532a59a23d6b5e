import { type Field, startField } from './field.ts';
import { type GateResult, gateLine, gateResults } from './gates.ts';
import { type MachineFacts, machineFacts } from './harness/machine.ts';
import { wrong } from './measurement.ts';
import type { PhaseName, Plan } from './plan.ts';
import { type Measured, measureRounds, type Round, type VoidRound } from './rounds.ts';
import { countRows, rowProblem } from './row-audit.ts';
import type { SubjectFacts, SubjectName } from './subjects/subject.ts';

export interface RunOptions {
  readonly plan: Plan;
  readonly phases: readonly PhaseName[];
  readonly portkey: boolean;
  /** Whether a missed gate makes the run red. */
  readonly gates: boolean;
  tell(line: string): void;
}

export interface RunResult {
  readonly machine: MachineFacts;
  readonly plan: Plan;
  readonly subjects: readonly ({ readonly name: SubjectName } & SubjectFacts)[];
  readonly rounds: readonly Round[];
  readonly voids: readonly VoidRound[];
  readonly gates: readonly GateResult[];
  readonly notices: readonly string[];
  /** Why the run is red; nothing when it is green. */
  readonly red: readonly string[];
}

/** Starts everybody, measures, stops Leeward and counts its rows. */
export async function runBench(options: RunOptions): Promise<RunResult> {
  const machine = machineFacts();
  await using field = await startField(options.plan, options);
  for (const notice of field.notices) options.tell(notice);
  const measured = await measureRounds({ field, phases: options.phases, tell: options.tell });
  const uncounted = await auditRows(field, measured);
  for (const { subject, phase, problem } of uncounted) options.tell(`void     ${phase} ${subject} ${problem.text}`);
  const gates = gateResults(measured.rounds);
  return {
    machine,
    plan: options.plan,
    subjects: field.subjects.map(({ name, about }) => ({ name, ...about })),
    rounds: measured.rounds,
    voids: [...measured.voids, ...uncounted],
    gates,
    notices: field.notices,
    red: redReasons(measured, uncounted, options.gates ? gates : []),
  };
}

/** The rows of each round that counts, looked up once the gateway has stopped. */
async function auditRows(field: Field, { rounds }: Measured): Promise<VoidRound[]> {
  await field.leeward.stop();
  const ours = rounds.flatMap(({ measurements }) => measurements).filter(({ subject }) => subject === 'leeward');
  const claims = ours.flatMap(({ phase, subject, rows }) => (rows === undefined ? [] : { phase, subject, rows }));
  const counts = await countRows(
    field.leeward.dataDir,
    claims.map(({ rows }) => rows),
  );
  return claims.flatMap(({ phase, subject, rows }, index) => {
    const count = counts[index];
    const text = count === undefined ? 'its rows were not counted' : rowProblem(rows, count);
    return text === undefined ? [] : { phase, subject, problem: wrong(text) };
  });
}

/**
 * A round that was disturbed and could be repeated is no reason. What Leeward
 * or the bench itself got wrong is one, however often it went well before and
 * after: the one answer in a hundred thousand that is wrong is what nobody must
 * average away. A peer's mistakes are its own, as long as enough rounds are good.
 */
function redReasons(measured: Measured, uncounted: readonly VoidRound[], gates: readonly GateResult[]): string[] {
  const wrongOnes = [...measured.voids, ...uncounted].filter(
    ({ subject, problem }) => problem.kind === 'wrong' && subject !== 'portkey',
  );
  return [
    ...new Set(wrongOnes.map(({ phase, subject, problem }) => `${phase}: ${subject}: ${problem.text}`)),
    ...measured.incomplete.map(
      ({ phase, rounds, wanted }) => `${phase}: ${rounds} of ${wanted} rounds could be completed`,
    ),
    ...gates.filter(({ met }) => !met).map((gate) => gateLine(gate)),
  ];
}
