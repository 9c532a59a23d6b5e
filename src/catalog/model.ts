import type { Operation } from '../protocol/operation.ts';
import type { Prices } from '../protocol/price-sheet.ts';

/** What can go into a model or come out of one. */
export const MODALITIES = ['text', 'image', 'audio', 'video', 'pdf'] as const;

export type Modality = (typeof MODALITIES)[number];

/** The prices of a model, and when they hold. */
export interface PriceRule extends Prices {
  /** Units it charges for that we have no word for: such a model's price is unknown. */
  readonly otherUnits?: readonly string[];
  /** Milliseconds since the epoch; absent: always. */
  readonly fromAt?: number;
  /** Seconds since midnight, UTC; an end before the start means the next day. */
  readonly daily?: { readonly fromS: number; readonly toS: number };
}

/** Other names by which a model is asked for. All lower case. */
export interface NameRules {
  readonly names: readonly string[];
  readonly prefixes: readonly string[];
  readonly suffixes: readonly string[];
  /** Anywhere in the name. */
  readonly parts: readonly string[];
  /** Followed by nothing but a date, as `20260131` or `2026-01-31`. */
  readonly dated: readonly string[];
  /** A name with one of these in it is not meant by the other rules. */
  readonly without?: readonly string[];
}

/** What is publicly known of one model at one provider. Absent is unknown. */
export interface CatalogModel {
  /** As the catalogue's source names the vendor: `openai`, `x-ai`. */
  readonly vendor: string;
  readonly id: string;
  readonly name?: string;
  readonly operation?: Operation;
  /** In tokens. */
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
  readonly input?: readonly Modality[];
  readonly output?: readonly Modality[];
  readonly deprecated?: boolean;
  /** The day from which it is deprecated, `2026-01-31`. */
  readonly deprecatedAt?: string;
  /** Later ones win over earlier ones where both hold. */
  readonly prices: readonly PriceRule[];
  readonly match: NameRules;
}

/** Where the facts of a catalogue come from. */
export interface CatalogSource {
  readonly name: string;
  readonly url: string;
  readonly licence: string;
  /** Its version, or the day of its data. */
  readonly version: string;
}
