/** A figure of a scenario and what it must be. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  /** As people read it: `93.1 %`. */
  readonly shown: string;
  /** Such as `at least 90 %`. Absent: it is told and nothing hangs on it. */
  readonly gate?: string;
  readonly holds: boolean;
}

type Unit = 'share' | 'times' | 'count' | 'ms';

export function atLeast(what: string, value: number, least: number, unit: Unit): Figure {
  return { what, value, shown: shown(value, unit), gate: `at least ${shown(least, unit)}`, holds: value >= least };
}

export function atMost(what: string, value: number, most: number, unit: Unit): Figure {
  return { what, value, shown: shown(value, unit), gate: `at most ${shown(most, unit)}`, holds: value <= most };
}

export function told(what: string, value: number, unit: Unit): Figure {
  return { what, value, shown: shown(value, unit), holds: true };
}

function shown(value: number, unit: Unit): string {
  switch (unit) {
    case 'share':
      return `${(value * 100).toFixed(value > 0.99 && value < 1 ? 3 : 1)} %`;
    case 'times':
      return `${value.toFixed(3)}x`;
    case 'ms':
      return `${Math.round(value)} ms`;
    case 'count':
      return String(Math.round(value * 10) / 10);
  }
}
