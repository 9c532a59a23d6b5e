import type { PhaseName } from './plan.ts';
import { figureOf, ratioTo } from './ratios.ts';
import type { Round } from './rounds.ts';

interface Gate {
  readonly title: string;
  readonly phase: PhaseName;
  readonly figure: string;
  /** Absent for a figure that is judged by itself. */
  readonly to?: 'nginx' | 'bare node';
  readonly max: number;
}

/** What Leeward holds itself to. */
const GATES: readonly Gate[] = [
  { title: 'CPU per call, to nginx', phase: 'calls', figure: 'cpuPerCallUs', to: 'nginx', max: 4 },
  { title: 'CPU per call, to bare Node', phase: 'calls', figure: 'cpuPerCallUs', to: 'bare node', max: 1.75 },
  { title: 'CPU per frame, to nginx', phase: 'frames', figure: 'cpuPerFrameUs', to: 'nginx', max: 2 },
  { title: 'CPU per frame, to bare Node', phase: 'frames', figure: 'cpuPerFrameUs', to: 'bare node', max: 1.25 },
  { title: 'KB per open stream', phase: 'memory', figure: 'kbPerStream', max: 40 },
];

export interface GateResult {
  readonly title: string;
  /** What the figure may be at most, or has to be at least. */
  readonly max: number;
  readonly least?: true;
  readonly value: number;
  readonly min: number;
  readonly maxSeen: number;
  readonly met: boolean;
}

/** The gates of the phases that have rounds; the median decides. */
export function gateResults(rounds: readonly Round[]): GateResult[] {
  return GATES.flatMap(({ title, phase, figure, to, max }) => {
    const found =
      to === undefined
        ? figureOf(rounds, { phase, figure, subject: 'leeward' })
        : ratioTo(rounds, { phase, figure, to });
    if (found === undefined) return [];
    return { title, max, value: found.median, min: found.min, maxSeen: found.max, met: found.median <= max };
  });
}

export function gateLine({ title, max, least, value, min, maxSeen, met }: GateResult): string {
  const gate = `gate ${least === true ? 'at least ' : ''}${max}`;
  return `${met ? 'met   ' : 'MISSED'} ${title}: ${value.toFixed(2)} (${min.toFixed(2)} to ${maxSeen.toFixed(2)}), ${gate}`;
}
