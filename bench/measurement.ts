import type { Dialect } from '../src/protocol/operation.ts';
import { CpuSpan, ownMicros } from './harness/cpu-clock.ts';
import { MachineSpan } from './harness/machine.ts';
import type { PhaseName, Plan } from './plan.ts';
import type { AnswerMock } from './subjects/nginx.ts';
import type { Subject, SubjectName } from './subjects/subject.ts';
import type { StreamMock } from './upstreams/stream-mock.ts';

/** What everything is measured with. */
export interface Bench {
  readonly plan: Plan;
  /** For files that go with the run. */
  readonly folder: string;
  readonly answerMock: AnswerMock;
  readonly streamMock: StreamMock;
}

/** A reason not to believe a figure. */
export interface Problem {
  /** `wrong`: an answer, a count or an account is. `disturbed`: the machine or the mock was not itself. */
  readonly kind: 'wrong' | 'disturbed';
  readonly text: string;
}

/** Between two instants there must be so many rows of calls in Leeward's store, and so many calls in its upstream. */
export interface RowClaim {
  readonly fromMs: number;
  readonly toMs: number;
  readonly min: number;
  readonly max: number;
  /** So many of them were answered whole, and their rows say what they used. */
  readonly answered: number;
  /** What those rows have to say. Absent: any counts will do. */
  readonly said?: SaidInRow;
}

export interface SaidInRow {
  readonly dialect: Dialect;
  readonly provider: string;
  /** By the provider's own count. */
  readonly tokens: { readonly input: number; readonly output: number };
}

/** One subject in one round of one phase. */
export interface Measurement {
  readonly phase: PhaseName;
  readonly subject: SubjectName;
  readonly figures: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
  /** CPU time of the mock for one call or frame, by which drift is noticed. */
  readonly mockMicros?: number;
  readonly rows?: RowClaim;
}

/** Microseconds of CPU time, and what disturbed them. */
export interface SpanUse {
  readonly micros: number;
  readonly mainMicros: number;
  readonly mockMicros: number;
  /** The share of the machine that programs used which have nothing to do with the run. */
  readonly neighbours: number;
  readonly problems: readonly Problem[];
}

const STEAL_MAX = 0.02;

/** The CPU time of a subject and of its mock over one span, and what disturbed it. */
export class Span {
  readonly #subject: CpuSpan | undefined;
  readonly #mock: CpuSpan;
  readonly #machine = new MachineSpan();
  readonly #ownBefore = ownMicros();
  readonly fromMs = Date.now();

  constructor(subject: Subject, mockPid: number) {
    this.#subject = subject.pid === undefined ? undefined : new CpuSpan(subject.pid);
    this.#mock = new CpuSpan(mockPid);
  }

  end(): SpanUse {
    const subject = this.#subject?.used();
    const mock = this.#mock.used();
    const { steal, busyMicros, totalMicros } = this.#machine.ended();
    const problems: Problem[] = [];
    for (const used of [subject, mock]) if (used?.problem !== undefined) problems.push(wrong(used.problem));
    if (steal > STEAL_MAX) problems.push(disturbed(`the hypervisor took ${(steal * 100).toFixed(1)} % of the time`));
    const micros = subject?.micros ?? 0;
    const ours = micros + mock.micros + ownMicros() - this.#ownBefore;
    return {
      micros,
      mainMicros: subject?.mainMicros ?? 0,
      mockMicros: mock.micros,
      neighbours: Math.max(0, busyMicros - ours) / totalMicros,
      problems,
    };
  }
}

export function wrong(text: string): Problem {
  return { kind: 'wrong', text };
}

export function disturbed(text: string): Problem {
  return { kind: 'disturbed', text };
}

/** What a load found wrong, as one problem. */
export function wrongAnswers(result: { readonly wrong: readonly string[]; readonly wrongCount: number }): Problem[] {
  if (result.wrongCount === 0) return [];
  return [wrong(`${result.wrongCount} answers were wrong: ${result.wrong.join(' | ')}`)];
}

/** Work that is not done when the CPU time is read is not in it. */
export async function unsettledProblems(subject: Subject): Promise<Problem[]> {
  const left = await subject.unsettled();
  return left === 0 ? [] : [wrong(`${left} records were not in the store when the CPU time was read`)];
}
