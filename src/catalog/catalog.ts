import type { Rate } from '../protocol/price-sheet.ts';
import type { CatalogHeader, CatalogText } from './catalog-text.ts';
import type { CatalogModel, PriceRule } from './model.ts';
import { findByRule } from './name-match.ts';

const NAME_CHARS_MAX = 256;
const COMPACT_DATE = /-(20\d{2})(\d{2})(\d{2})$/;

/** Prices of a model at one instant for one size of input, in pico-USD a token. Unknown is `undefined`. */
export interface PriceQuote {
  readonly inputPicoUsd?: bigint;
  readonly cachedInputPicoUsd?: bigint;
  readonly cacheWritePicoUsd?: bigint;
  readonly outputPicoUsd?: bigint;
  readonly alsoPriced: readonly string[];
}

export interface PriceMoment {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly inputTokens: number;
}

interface Shelf {
  readonly models: readonly CatalogModel[];
  readonly byName: ReadonlyMap<string, CatalogModel>;
}

/**
 * The models that are publicly known, by vendor. A vendor's part is read when
 * somebody asks for it first, so that a large catalogue costs a call of one
 * vendor no more than that vendor's part.
 */
export class Catalog {
  readonly #text: CatalogText;
  readonly #shelves = new Map<string, Shelf>();

  constructor(text: CatalogText) {
    this.#text = text;
  }

  get header(): CatalogHeader {
    return this.#text.header;
  }

  get vendors(): readonly string[] {
    return this.#text.vendors;
  }

  /** Every model of a vendor; none for a vendor that is not known. */
  models(vendor: string): readonly CatalogModel[] {
    return this.#shelf(vendor).models;
  }

  /**
   * The model that one of the vendors (asked in order) sells under this name:
   * by its own name first, then by the rules for names, a compact date in it
   * (`-20260131`) also read as `-2026-01-31`. One that has a price comes before
   * one that has none.
   */
  find(vendors: readonly string[], name: string): CatalogModel | undefined {
    if (name.length > NAME_CHARS_MAX) return undefined;
    const lower = name.toLowerCase();
    const found = this.#findIn(vendors, lower);
    if (found !== undefined) return found;
    const dated = lower.replace(COMPACT_DATE, '-$1-$2-$3');
    return dated === lower ? undefined : this.#findIn(vendors, dated);
  }

  #findIn(vendors: readonly string[], lower: string): CatalogModel | undefined {
    let unpriced: CatalogModel | undefined;
    for (const vendor of vendors) {
      const { byName, models } = this.#shelf(vendor);
      const found = byName.get(lower) ?? findByRule(models, lower);
      if (found !== undefined && found.prices.length > 0) return found;
      unpriced ??= found;
    }
    return unpriced;
  }

  #shelf(vendor: string): Shelf {
    const known = this.#shelves.get(vendor);
    if (known !== undefined) return known;
    const models = this.#text.read(vendor);
    const byName = new Map<string, CatalogModel>();
    for (const model of models) for (const name of model.match.names) if (!byName.has(name)) byName.set(name, model);
    for (const model of models) byName.set(model.id.toLowerCase(), model);
    const shelf = { models, byName };
    // Vendors that are not in the text are not kept: their number has no bound.
    if (this.#text.vendors.includes(vendor)) this.#shelves.set(vendor, shelf);
    return shelf;
  }
}

/** What a model costs at one moment, as lists of models tell it; `undefined` where nothing is known of its price then. */
export function quote(model: CatalogModel, moment: PriceMoment): PriceQuote | undefined {
  const { rule } = inForce(model, moment.at);
  if (rule === undefined) return undefined;
  const { input, cachedInput, cacheWrite, output, ...others } = rule.tokens;
  const perToken = (rate: Rate | undefined, name: string) =>
    rate?.per === 1n ? { [name]: tierAt(rate, moment.inputTokens) } : {};
  return {
    ...perToken(input, 'inputPicoUsd'),
    ...perToken(cachedInput, 'cachedInputPicoUsd'),
    ...perToken(cacheWrite, 'cacheWritePicoUsd'),
    ...perToken(output, 'outputPicoUsd'),
    alsoPriced: [...Object.keys(others), ...Object.keys(rule.quantities ?? {}), ...(rule.otherUnits ?? [])],
  };
}

function tierAt({ picoUsd, tiers }: Rate, inputTokens: number): bigint {
  return tiers.findLast((tier) => inputTokens > tier.aboveInputTokens)?.picoUsd ?? picoUsd;
}

/**
 * The price list of a model that is in force at one instant, and the first
 * instant at which another one may be (milliseconds since the epoch;
 * `Infinity` where none will).
 */
export function inForce(model: CatalogModel, at: number): { rule: PriceRule | undefined; untilAt: number } {
  // Where no condition holds, the first price is the ordinary one.
  const rule = model.prices.findLast((candidate) => holds(candidate, at)) ?? model.prices[0];
  const midnight = Math.floor(at / DAY_MS) * DAY_MS;
  const changes = model.prices.flatMap(({ fromAt, daily }) => [
    ...(fromAt === undefined ? [] : [fromAt]),
    ...(daily === undefined ? [] : dailyChanges(daily, midnight)),
  ]);
  return { rule, untilAt: Math.min(...changes.filter((change) => change > at)) };
}

function dailyChanges({ fromS, toS }: { fromS: number; toS: number }, midnight: number): number[] {
  return [midnight, midnight + DAY_MS].flatMap((day) => [day + fromS * 1_000, day + toS * 1_000]);
}

const DAY_S = 86_400;
const DAY_MS = DAY_S * 1_000;

function holds({ fromAt, daily }: PriceRule, at: number): boolean {
  if (fromAt !== undefined && at < fromAt) return false;
  if (daily === undefined) return true;
  const second = Math.floor(at / 1_000) % DAY_S;
  const { fromS, toS } = daily;
  return fromS <= toS ? second >= fromS && second < toS : second >= fromS || second < toS;
}
