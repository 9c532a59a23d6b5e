import { hash } from 'node:crypto';
import type { ModelPrice, PriceRuleConfig, ProviderConfig } from '../config/config.ts';
import { pico } from '../kernel/amounts.ts';
import type { Clock } from '../kernel/clock.ts';
import { fitsModel } from '../kernel/name-pattern.ts';
import { timesSheet } from '../money/prices/factor.ts';
import { sheetText } from '../money/prices/sheet-text.ts';
import type { PriceSheet, Prices, Rate } from '../protocol/price-sheet.ts';
import type { ProviderHandle } from '../routing/target.ts';

/** What a model charges now; `undefined` where that is unknown. */
export type SheetsOf = ProviderHandle['sheetOf'];

/** Declared prices that are longer than this as text are named by their hash: the name stands on every record. */
const VERSION_CHARS_MAX = 600;
/** Names of models come from clients: what is remembered of them is forgotten when there are too many. */
const REMEMBERED_MAX = 2_000;

/** The owner's own prices of a provider's models first; what they do not name costs what the catalogue says. */
export function withDeclared(
  { prices, defaultPrice }: Pick<ProviderConfig, 'prices' | 'defaultPrice'>,
  catalogPrices: SheetsOf | undefined,
): SheetsOf {
  const declared = new Map([...prices].map(([model, price]) => [model, declaredSheet(price)]));
  const fallback = defaultPrice && declaredSheet(defaultPrice);
  return (model) => declared.get(model) ?? fallback ?? catalogPrices?.(model);
}

export function declaredSheet(price: ModelPrice): PriceSheet {
  const prices = price.more?.prices ?? plainPrices(price);
  const text = sheetText(prices);
  const version = text.length <= VERSION_CHARS_MAX ? text : `declared#${hash('sha256', text, 'hex').slice(0, 16)}`;
  return { ...prices, version };
}

function plainPrices({ inputPicoUsd, cachedInputPicoUsd, outputPicoUsd }: ModelPrice): Prices {
  return {
    tokens: {
      ...(inputPicoUsd === undefined ? {} : { input: flat(inputPicoUsd) }),
      ...(cachedInputPicoUsd === undefined ? {} : { cachedInput: flat(cachedInputPicoUsd) }),
      ...(outputPicoUsd === undefined ? {} : { output: flat(outputPicoUsd) }),
    },
  };
}

function flat(picoUsd: bigint): Rate {
  return { picoUsd: pico(picoUsd), per: 1n, tiers: [] };
}

interface Remembered {
  readonly base: PriceSheet | undefined;
  readonly sheet: PriceSheet | undefined;
  /** Milliseconds since the epoch; from then on another agreement may hold. */
  readonly untilAt: number;
}

/**
 * A provider's prices under the agreements of the configuration's `prices`. Of
 * those that hold now for the model and the organisation, one that names the
 * organisation goes before one that does not; then the latest `from` does, then
 * the last in the file.
 */
export function withAgreements(
  provider: string,
  base: SheetsOf,
  rules: readonly PriceRuleConfig[],
  clock: Clock,
): SheetsOf {
  if (rules.length === 0) return base;
  const agreed = rules.map((rule) => ({ ...rule, sheet: rule.price && declaredSheet(rule.price) }));
  const remembered = new Map<string, Remembered>();
  return (model, organisation = '') => {
    const own = base(model);
    const key = `${organisation} ${model}`;
    const known = remembered.get(key);
    const at = clock.now();
    if (known !== undefined && known.base === own && at < known.untilAt) return known.sheet;
    const fitting = agreed.filter((rule) => fits(rule, provider, model, organisation));
    const rule = fitting
      .filter(({ fromAt = at }) => fromAt <= at)
      .sort(mostTelling)
      .at(-1);
    const sheet = rule === undefined ? own : (rule.sheet ?? (own && rule.times && timesSheet(own, rule.times)));
    const untilAt = fitting.reduce(
      (soonest, { fromAt = 0 }) => (fromAt > at && fromAt < soonest ? fromAt : soonest),
      Number.POSITIVE_INFINITY,
    );
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    remembered.set(key, { base: own, sheet, untilAt });
    return sheet;
  };
}

function fits(rule: PriceRuleConfig, provider: string, model: string, organisation: string): boolean {
  const theirs = rule.organisation === undefined || rule.organisation === organisation;
  return theirs && rule.models.some((pattern) => fitsModel(pattern, provider, model));
}

/** The sort is stable: what is equal stays in the order of the file. */
function mostTelling(one: PriceRuleConfig, other: PriceRuleConfig): number {
  const named = one.organisation !== undefined;
  if (named !== (other.organisation !== undefined)) return named ? 1 : -1;
  return (one.fromAt ?? 0) - (other.fromAt ?? 0);
}
