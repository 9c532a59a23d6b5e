import type { Fields } from '../../providers/fields.ts';

/** What a block says, in its order: a start, deltas, a stop. */
export interface BlockTaker {
  start(block: Fields): void;
  delta(type: string, member: string, value: unknown): void;
  stop(): void;
}
