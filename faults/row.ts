import type { House, HouseOptions } from './harness/house.ts';

/** One fault and what must come of it. */
export type Row = SharedRow | OwnRow;

interface RowFacts {
  /** The number in the fault matrix; several rows may share one. */
  readonly row: number;
  readonly fault: string;
  /** Whether the client asked for a stream; absent where it does not matter. */
  readonly streamed?: boolean;
  /** Takes more than a few seconds by its nature: left out by `--quick`. */
  readonly slow?: true;
}

/** Runs in a house that other rows use too, and must leave it as it found it. */
export interface SharedRow extends RowFacts {
  /**
   * `wire` for what a call sees; `names` where its gateway asks our name server;
   * `rough` for what fills, stops or kills its gateway; `weather` where routing
   * has its policies, and each row targets of its own.
   */
  readonly house: 'wire' | 'names' | 'rough' | 'weather';
  /** How far the gateway's memory may rise above what it was before the row, at its highest. */
  readonly growthMiBMax?: number;
  run(stage: Stage): Promise<Witness>;
}

/** Needs a house of another kind, which nobody else can use. */
export interface OwnRow extends RowFacts {
  readonly house: 'own';
  run(stage: OwnStage): Promise<Witness>;
}

export interface Stage {
  readonly house: House;
  readonly quick: boolean;
}

export interface OwnStage {
  readonly quick: boolean;
  /** A house that the runner stops after the row, whatever happens. */
  open(options?: Omit<HouseOptions, 'sabotage'>): Promise<House>;
  /** Called after the houses have been stopped, the last one first. */
  defer(undo: () => void): void;
}

/** What was seen during a row. A row without problems holds. */
export interface Witness {
  readonly saw: string;
  readonly recorded: string;
  readonly problems: readonly string[];
  /** How many attempts must have ended in this row, each once; absent where it cannot be known. */
  readonly attempts?: number;
  /** What else became of the house, beside what is counted after each row. */
  readonly baseline?: string;
}
