import type { Checks } from '../parts/checks.ts';
import type { House, StorePlace } from './house.ts';
import type { Stores } from './stores.ts';

export type Figures = Record<string, string | number>;

/** How much of it: everything, what fits into a minute, or what one sabotage needs to be seen. */
export interface Size {
  readonly name: 'full' | 'quick' | 'sabotaged';
  /** Of M4, where it is told on the command line. */
  readonly rounds?: number | undefined;
}

export function bySize<Value>({ name }: Size, values: { full: Value; quick: Value; sabotaged?: Value }): Value {
  return name === 'sabotaged' ? (values.sabotaged ?? values.quick) : values[name];
}

/** A place where a part can start houses of its own. */
export interface Ground {
  readonly store: StorePlace;
  readonly sabotage: string | undefined;
  readonly stores: Stores;
}

/** One of the proofs M1 to M14. */
export type Part = {
  readonly title: string;
} & (
  | {
      readonly kind: 'shared';
      /** On a house that it shares with others, with keys of its own. */
      prove(house: House, checks: Checks, size: Size): Promise<Figures>;
    }
  | {
      readonly kind: 'own';
      prove(ground: Ground, checks: Checks, size: Size): Promise<Figures>;
    }
);
