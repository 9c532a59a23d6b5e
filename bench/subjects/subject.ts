import type { Address } from '../load/wire.ts';

export type SubjectName = 'leeward' | 'nginx' | 'bare node' | 'portkey' | 'direct';

/** One of the programs that are compared, running. */
export interface Subject {
  readonly name: SubjectName;
  /** Absent for `direct`, which is no program: the mock itself, as the zero of latencies. */
  readonly pid?: number;
  /** In front of the mock of short answers. */
  readonly calls: Address;
  /** In front of the mock of streams and long prompts. */
  readonly streams: Address;
  readonly about: SubjectFacts;
  /** Waits until all work that calls left behind is done, so that it is in the CPU time. */
  settled(): Promise<void>;
  /** Records that calls have left behind and that are not where they belong yet. */
  unsettled(): Promise<number>;
}

export interface SubjectFacts {
  readonly version: string;
  readonly command: string;
  /** What it does with a call besides passing it on. */
  readonly features: string;
}

export const nothingLeftBehind = {
  settled: () => Promise.resolve(),
  unsettled: () => Promise.resolve(0),
};
