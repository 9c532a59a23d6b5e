import type { Field } from './field.ts';
import type { Patience } from './harness/patience.ts';
import { pause } from './harness/processes.ts';
import { median } from './harness/samples.ts';
import { type Bench, disturbed, type Measurement, type Problem } from './measurement.ts';
import { measureCalls } from './phases/calls.ts';
import { measureFrames } from './phases/frames.ts';
import { measureLatency } from './phases/latency.ts';
import { measureMemory } from './phases/memory.ts';
import { measurePrompts } from './phases/prompts.ts';
import { warmUpCalls, warmUpStreams } from './phases/warm-up.ts';
import type { PhaseName } from './plan.ts';
import type { Subject, SubjectName } from './subjects/subject.ts';

/** Every subject once, one after the other, in one phase. */
export interface Round {
  readonly phase: PhaseName;
  readonly measurements: readonly Measurement[];
}

/** A round that does not count, and why. */
export interface VoidRound {
  readonly phase: PhaseName;
  readonly subject: SubjectName;
  readonly problem: Problem;
}

export interface Measured {
  readonly rounds: readonly Round[];
  readonly voids: readonly VoidRound[];
  /** Phases that did not come to their number of rounds, with the rounds they have. */
  readonly incomplete: readonly Incomplete[];
}

export interface Incomplete {
  readonly phase: PhaseName;
  readonly rounds: number;
  readonly wanted: number;
  /** Whether nothing was wrong and the machine was only too busy. */
  readonly disturbedOnly: boolean;
}

/** The mock's cost of one call or frame may be this far from the median of its rounds. */
const DRIFT_MAX = 0.15;
const BETWEEN_MS = 150;

const MEASURE: Readonly<Record<PhaseName, (bench: Bench, subject: Subject) => Promise<Measurement>>> = {
  calls: measureCalls,
  latency: measureLatency,
  frames: measureFrames,
  memory: measureMemory,
  prompts: measurePrompts,
};

export interface RoundsOptions {
  readonly field: Field;
  readonly phases: readonly PhaseName[];
  readonly patience: Patience;
  tell(line: string): void;
  /** Whether there is time left for void rounds. */
  mayRepeat(): boolean;
}

/**
 * Rounds of all phases in turn, so that a busy quarter of an hour is nobody's
 * alone; the order of the subjects moves on by one each round. A void round is
 * measured again, never averaged in, and only so often.
 */
export async function measureRounds(options: RoundsOptions): Promise<Measured> {
  const cold = await warmUpAll(options);
  const runs = options.phases.map((phase) => new PhaseRun(phase, options));
  const most = Math.max(...runs.map(({ wanted }) => wanted));
  for (let round = 0; round < most; round++) {
    for (const run of runs) if (round < run.wanted) await run.addRound();
  }
  for (const run of runs) await run.replaceDrifted();
  return {
    rounds: runs.flatMap(({ rounds }) => rounds),
    voids: [...cold, ...runs.flatMap(({ voids }) => voids)],
    incomplete: runs
      .filter(({ rounds, wanted }) => rounds.length < wanted)
      .map(({ phase, rounds, wanted, voids }) => ({
        phase,
        rounds: rounds.length,
        wanted,
        disturbedOnly: voids.every(({ problem }) => problem.kind === 'disturbed'),
      })),
  };
}

/** @returns what was wrong already then: it makes no round void, and no run green */
async function warmUpAll({ field, phases }: RoundsOptions): Promise<VoidRound[]> {
  const found: VoidRound[] = [];
  // One after the other: the mock counts streams, not whose they are.
  for (const subject of field.subjects) {
    const { name } = subject;
    if (phases.includes('calls')) {
      const problems = await warmUpCalls(field.bench, subject);
      found.push(...problems.map((problem) => ({ phase: 'calls' as const, subject: name, problem })));
    }
    if (phases.includes('frames') || phases.includes('memory')) {
      const problems = await warmUpStreams(field.bench, subject, field.bench.plan.coldFrames);
      found.push(...problems.map((problem) => ({ phase: 'frames' as const, subject: name, problem })));
    }
  }
  return found;
}

class PhaseRun {
  readonly phase: PhaseName;
  readonly wanted: number;
  rounds: Round[] = [];
  readonly voids: VoidRound[] = [];
  readonly #options: RoundsOptions;
  #repeatsLeft: number;
  #turn = 0;

  constructor(phase: PhaseName, options: RoundsOptions) {
    const { plan } = options.field.bench;
    this.phase = phase;
    this.wanted = plan.rounds[phase];
    this.#options = options;
    this.#repeatsLeft = plan.repeatsMax;
  }

  /** Measures until a round counts or no repeat is left. */
  async addRound(): Promise<void> {
    for (;;) {
      const round = await this.#measure();
      const found = round.measurements.flatMap((one) => one.problems.map((problem) => ({ ...this.#at(one), problem })));
      this.#void(found);
      if (!found.some(countsForAll)) {
        this.rounds.push(without(round, found));
        return;
      }
      if (!this.#takeRepeat()) return;
    }
  }

  async replaceDrifted(): Promise<void> {
    for (;;) {
      const drifted = this.rounds.flatMap((round) => this.#driftOf(round));
      if (drifted.length === 0) return;
      this.#void(drifted);
      const gone = new Set(drifted.filter(countsForAll).map(({ round }) => round));
      this.rounds = this.rounds
        .filter((round) => !gone.has(round))
        .map((round) =>
          without(
            round,
            drifted.filter((one) => one.round === round),
          ),
        );
      for (let missing = gone.size; missing > 0 && this.#takeRepeat(); missing--) await this.addRound();
    }
  }

  #takeRepeat(): boolean {
    return this.#repeatsLeft-- > 0 && this.#options.mayRepeat();
  }

  #driftOf(round: Round): (VoidRound & { readonly round: Round })[] {
    return round.measurements.flatMap((one) => {
      if (one.mockMicros === undefined) return [];
      const usual = median(this.rounds.flatMap(({ measurements }) => mockMicrosOf(measurements, one.subject)));
      const drift = one.mockMicros / usual - 1;
      if (Math.abs(drift) <= DRIFT_MAX) return [];
      const text = `the mock drifted: ${one.mockMicros.toFixed(1)} µs a call or frame, ${usual.toFixed(1)} in the median`;
      return [{ ...this.#at(one), problem: disturbed(text), round }];
    });
  }

  async #measure(): Promise<Round> {
    const { field, patience, tell } = this.#options;
    const measurements: Measurement[] = [];
    for (const subject of rotated(this.#takers(), this.#turn++)) {
      await patience.quiet();
      const measured = await MEASURE[this.phase](field.bench, subject);
      tell(`${this.phase.padEnd(8)} ${subject.name.padEnd(10)} ${figuresLine(measured.figures)}`);
      measurements.push(measured);
      await pause(BETWEEN_MS);
    }
    return { phase: this.phase, measurements };
  }

  #takers(): readonly Subject[] {
    const { field } = this.#options;
    switch (this.phase) {
      case 'latency':
      case 'frames':
        return [...field.subjects, field.direct];
      case 'memory':
      case 'calls':
      case 'prompts':
        return field.subjects;
    }
  }

  #at({ subject }: Measurement): { readonly phase: PhaseName; readonly subject: SubjectName } {
    return { phase: this.phase, subject };
  }

  #void(found: readonly VoidRound[]): void {
    this.voids.push(...found.map(({ phase, subject, problem }) => ({ phase, subject, problem })));
    for (const { subject, problem } of found) this.#options.tell(`void     ${subject.padEnd(10)} ${problem.text}`);
  }
}

/** What disturbs a peer that no gate is about takes that peer out of the round, and leaves the round to the others. */
function countsForAll({ subject }: VoidRound): boolean {
  return subject !== 'portkey';
}

function without(round: Round, voided: readonly VoidRound[]): Round {
  const gone = new Set(voided.map(({ subject }) => subject));
  return { ...round, measurements: round.measurements.filter(({ subject }) => !gone.has(subject)) };
}

function mockMicrosOf(measurements: readonly Measurement[], subject: SubjectName): number[] {
  return measurements.flatMap((one) => (one.subject === subject ? (one.mockMicros ?? []) : []));
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const turn = by % items.length;
  return [...items.slice(turn), ...items.slice(0, turn)];
}

function figuresLine(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value >= 100 ? value.toFixed(0) : value.toFixed(2)}`)
    .join('  ');
}
