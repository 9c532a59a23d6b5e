import { type EngineCapped, measureCapped } from './capped/capped.ts';
import { CAPPED_PARTS } from './capped/capped-rounds.ts';
import { type Field, startField } from './field.ts';
import { type GateResult, gateLine, gateResults } from './gates.ts';
import { type MachineFacts, machineFacts } from './harness/machine.ts';
import { Patience } from './harness/patience.ts';
import type { EngineHolds } from './holds/hold-figures.ts';
import { holdGateResults } from './holds/hold-gates.ts';
import { measureHolds } from './holds/holds.ts';
import { wrong } from './measurement.ts';
import type { PartName, PhaseName, Plan } from './plan.ts';
import { type Incomplete, type Measured, measureRounds, type Round, type VoidRound } from './rounds.ts';
import { countRows, rowProblem } from './row-audit.ts';
import { installPortkey } from './subjects/portkey.ts';
import type { SubjectFacts, SubjectName } from './subjects/subject.ts';
import { PAIRS } from './translated/lanes.ts';
import { measureTranslated, roundsOf, type TranslatedResult } from './translated/translated.ts';
import { TRANSLATED_PARTS } from './translated/translated-plan.ts';
import { translatedGateResults } from './translated/translated-ratios.ts';

export interface RunOptions {
  readonly plan: Plan;
  readonly phases: readonly PhaseName[];
  /** Whether the ledger is measured. */
  readonly holds: boolean;
  /** Whether a capped call is measured beside an uncapped one. */
  readonly capped: boolean;
  /** Whether translated calls and streams are measured beside native ones. */
  readonly translated: boolean;
  /** Who takes part besides Leeward. */
  readonly peers: readonly SubjectName[];
  /**
   * Whether a missed gate makes the run red, and rounds that a busy machine
   * disturbed too often: neither is the fault of what is measured.
   */
  readonly gates: boolean;
  tell(line: string): void;
}

export interface RunResult {
  readonly machine: MachineFacts;
  readonly plan: Plan;
  readonly subjects: readonly ({ readonly name: SubjectName } & SubjectFacts)[];
  readonly rounds: readonly Round[];
  /** Nothing when they were not asked for. */
  readonly holds: readonly EngineHolds[];
  /** Nothing when they were not asked for. */
  readonly capped: readonly EngineCapped[];
  /** Absent when it was not asked for. */
  readonly translated?: TranslatedResult;
  readonly voids: readonly VoidRound[];
  readonly gates: readonly GateResult[];
  readonly notices: readonly string[];
  /** Why the run is red; nothing when it is green. */
  readonly red: readonly string[];
}

/** Starts everybody, measures, stops Leeward and counts its rows. */
export async function runBench(options: RunOptions): Promise<RunResult> {
  const machine = machineFacts();
  // First, while nobody else runs.
  const patience = new Patience(options.plan.patience);
  const { plan, tell } = options;
  const holds = options.holds ? await measureHolds(plan.holds, patience, tell) : [];
  const capped = options.capped ? await measureCapped(plan.capped, patience, tell) : [];
  const translated = options.translated
    ? await measureTranslated({ plan: plan.translated, patience, tell })
    : undefined;
  const installed = options.peers.includes('portkey') ? installPortkey() : { missing: undefined };
  const portkeyFolder = 'folder' in installed ? installed.folder : undefined;
  const notices =
    'missing' in installed && installed.missing !== undefined ? [`portkey is not measured: ${installed.missing}`] : [];
  for (const notice of notices) options.tell(notice);
  const endMs = performance.now() + options.plan.repeatWithinMs;
  const subjects = new Map<SubjectName, SubjectFacts>();
  const parts: Measured[] = [];
  for (const { phases, peers } of fieldsFor(options)) {
    const field = await startField({ plan: options.plan, peers, portkeyFolder });
    await using _ended = field;
    for (const { name, about } of field.subjects) subjects.set(name, about);
    const mayRepeat = () => performance.now() < endMs;
    const measured = await measureRounds({ field, phases, patience, tell, mayRepeat });
    const uncounted = await auditRows(field, measured);
    for (const { phase, subject, problem } of uncounted) options.tell(`void     ${phase} ${subject} ${problem.text}`);
    parts.push({ ...measured, voids: [...measured.voids, ...uncounted] });
  }
  const rounds = parts.flatMap((part) => part.rounds);
  const voids = parts.flatMap((part) => part.voids);
  const incomplete = parts.flatMap((part) => part.incomplete);
  const gates = [...gateResults(rounds), ...holdGateResults(holds), ...translatedGateResults(translated)];
  const disturbed = [...disturbedEngines(holds, capped), ...disturbedLanes(translated)];
  return {
    machine,
    plan: options.plan,
    subjects: [...subjects].map(([name, about]) => ({ name, ...about })),
    rounds,
    holds,
    capped,
    ...(translated === undefined ? {} : { translated }),
    voids,
    gates,
    notices: [
      ...notices,
      ...holds.flatMap(disturbedButMet),
      ...(options.gates ? [] : [...incomplete.filter(isDisturbed).map(incompleteText), ...disturbed]),
    ],
    red: [
      ...redReasons({ voids, incomplete, gates }, options.gates),
      ...wrongEngines(holds, capped),
      ...wrongLanes(translated),
      ...(options.gates ? disturbed : []),
    ],
  };
}

/** Memory is measured in programs that have done nothing before: what a heap has grown to hides what a stream needs. */
function fieldsFor({ plan, phases, peers }: RunOptions) {
  const fields = [
    { phases: phases.filter((phase) => phase !== 'memory'), peers },
    { phases: phases.filter((phase) => phase === 'memory'), peers: plan.memory.everybody ? peers : [] },
  ];
  return fields.filter((field) => field.phases.length > 0);
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
function redReasons(
  found: Pick<Measured, 'voids' | 'incomplete'> & { readonly gates: readonly GateResult[] },
  judgeGates: boolean,
): string[] {
  const wrongOnes = found.voids.filter(({ subject, problem }) => problem.kind === 'wrong' && subject !== 'portkey');
  return [
    ...new Set(wrongOnes.map(({ phase, subject, problem }) => `${phase}: ${subject}: ${problem.text}`)),
    ...found.incomplete.filter((one) => judgeGates || !isDisturbed(one)).map(incompleteText),
    ...found.gates.filter(({ met }) => judgeGates && !met).map((gate) => gateLine(gate)),
  ];
}

function wrongEngines(holds: readonly EngineHolds[], capped: readonly EngineCapped[]): string[] {
  const told = (part: PartName, { engine, wrong: found }: EngineHolds | EngineCapped) =>
    found.map((text) => `${part}: ${engine}: ${text}`);
  return [...holds.flatMap((one) => told('holds', one)), ...capped.flatMap((one) => told('capped', one))];
}

function wrongLanes(translated: TranslatedResult | undefined): string[] {
  return [...new Set(translated?.wrong.map((text) => `translated: ${text}`))];
}

function disturbedLanes(translated: TranslatedResult | undefined): string[] {
  if (translated === undefined || translated.wrong.length > 0) return [];
  const { rounds, wanted } = translated;
  return TRANSLATED_PARTS.flatMap((part) =>
    PAIRS.flatMap((pair) => {
      const found = roundsOf(rounds[part], pair);
      if (found >= wanted[part]) return [];
      return `translated, ${part}: ${found} of ${wanted[part]} rounds of ${pair.translated} could be completed`;
    }),
  );
}

function disturbedButMet({ engine, disturbed, wanted }: EngineHolds): string[] {
  if (disturbed === 0) return [];
  return [`holds: ${engine}: ${disturbed} of ${wanted} rounds were disturbed, which only adds: what is met is met`];
}

function disturbedEngines(holds: readonly EngineHolds[], capped: readonly EngineCapped[]): string[] {
  const counted = [
    ...holds.map(({ engine, figures, wanted }) => ({ part: 'holds', engine, rounds: figures.lagP99Ms.length, wanted })),
    ...capped.flatMap(({ engine, rounds, wanted }) =>
      CAPPED_PARTS.map((part) => ({ part: `capped, ${part}`, engine, rounds: rounds[part].length, wanted })),
    ),
  ];
  return counted
    .filter(({ rounds, wanted }) => rounds < wanted)
    .map(({ part, engine, rounds, wanted }) => `${part}: ${engine}: ${rounds} of ${wanted} rounds could be completed`);
}

function isDisturbed({ disturbedOnly }: Incomplete): boolean {
  return disturbedOnly;
}

function incompleteText({ phase, rounds, wanted }: Incomplete): string {
  return `${phase}: ${rounds} of ${wanted} rounds could be completed`;
}
