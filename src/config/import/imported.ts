import type { CarriedPart, LeftPart } from './ledger.ts';
import type { Variable } from './variables.ts';

/** The products whose configuration can be read. */
export const IMPORT_PRODUCTS = ['litellm', 'portkey', 'bifrost'] as const;
export type ImportProduct = (typeof IMPORT_PRODUCTS)[number];

export interface ImportOptions {
  /** As the user gave it: this is how reports name the file. */
  readonly path: string;
  readonly text: string;
  /** The model of targets that name none, because their client does. */
  readonly model?: string;
}

/** What became of a configuration. Nothing in it holds a secret. */
export interface Imported {
  /** The text of a valid `leeward.yaml`. */
  readonly yaml: string;
  /** In the order of the source, as is the next. */
  readonly carried: readonly CarriedPart[];
  readonly left: readonly LeftPart[];
  /** What must be in the environment for the new file to load. */
  readonly variables: readonly Variable[];
  /** What the loader says about the new file, one line each. */
  readonly warnings: readonly string[];
}
