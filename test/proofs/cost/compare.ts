import { calcPrice, findProvider } from '@pydantic/genai-prices';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import { catalogPrices } from '../../../src/compose/catalog-prices.ts';
import { VirtualClock } from '../../../src/kernel/clock.ts';
import { costOf, explainCost, type PriceSheet } from '../../../src/money/price-sheet.ts';
import type { Usage } from '../../../src/protocol/usage.ts';
import type { OracleCase } from './oracle.ts';
import { comparable, oracleReading, ourReading, readBeyond } from './readings.ts';

export type Verdict =
  /** To the nano-dollar. */
  | 'agrees'
  /** To the nano-dollar, at a price of the model that held on another day. */
  | 'agrees-dated'
  /** The oracle's reading at our prices is its price; ours has what its reader has no field for. */
  | 'read-beyond'
  /** The oracle's own library, as it is installed, has our price for its own reading: the file was made with other prices. */
  | 'other-data'
  /** We know no price, or none for a part of it. */
  | 'unpriced'
  | 'differs';

export interface Compared {
  readonly one: OracleCase;
  readonly verdict: Verdict;
  /** Nano-USD. */
  readonly ours: bigint | undefined;
  /** What was found: both derivations where they differ. */
  readonly detail: string;
}

/** Compares one case with our price of it: our reader, our prices, at an instant in milliseconds since the epoch. */
export function comparer(catalog: Catalog, at: number): (one: OracleCase) => Compared {
  const sheets = new Map<string, (model: string) => PriceSheet | undefined>();
  const sheetOf = (vendor: string, model: string, instant: number) => {
    const key = `${vendor} ${instant}`;
    const known = sheets.get(key) ?? catalogPrices(() => catalog, chainOf(vendor), new VirtualClock(instant));
    if (known !== undefined) sheets.set(key, known);
    return known?.(model);
  };
  return (one) => {
    const reading = ourReading(one.vendor, one.flavor, one.body);
    const { usage, setAside } = reading === undefined ? { usage: undefined, setAside: undefined } : comparable(reading);
    const sheet = comparableSheet(sheetOf(one.vendor, one.model, at));
    const ours = costOf(sheet, usage);
    const terms = setAside === undefined ? '' : ` (${setAside} set aside: it is in none of the oracle's two prices)`;
    const found = (verdict: Verdict, detail: string): Compared => ({ one, verdict, ours, detail: `${detail}${terms}` });
    if (ours === one.expected) return found('agrees', '');
    const oracle = oracleReading(one.usage);
    const beyond = usage && readBeyond(usage, oracle);
    for (const instant of [at, ...instantsOf(catalog, one, at)]) {
      const dated = comparableSheet(sheetOf(one.vendor, one.model, instant));
      const when = instant === at ? '' : `at the prices of ${new Date(instant).toISOString()}`;
      if (costOf(dated, usage) === one.expected) return found('agrees-dated', when);
      if (beyond !== undefined && beyond.length > 0 && costOf(dated, oracle) === one.expected) {
        return found('read-beyond', [beyond.join(', '), when].filter(Boolean).join(' '));
      }
    }
    if (ours === undefined || usage === undefined) return found('unpriced', derivation(sheet, usage));
    if (libraryAgrees(one, ours, at)) {
      return found('other-data', `ours ${ours} = ${derivation(sheet, usage)}; the file has ${one.expected}`);
    }
    const detail = `ours ${ours} = ${derivation(sheet, usage)}; the oracle has ${one.expected} for ${JSON.stringify(one.usage)}, which at our prices is ${costOf(sheet, oracle) ?? 'unknown'}`;
    return found('differs', detail);
  };
}

/** The library computes in floats: it agrees to within what they lose. */
function libraryAgrees({ usage, model, vendor }: OracleCase, ours: bigint | undefined, at: number): boolean {
  const its = calcPrice({ ...usage }, model, { providerId: vendor, timestamp: new Date(at) });
  return its !== null && ours !== undefined && Math.abs((its.input_price + its.output_price) * 1e9 - Number(ours)) < 2;
}

/** The fee for a request is in none of the oracle's two prices, which are of the input and of the output. */
function comparableSheet(sheet: PriceSheet | undefined): PriceSheet | undefined {
  if (sheet === undefined) return undefined;
  const { perRequest: _, ...rest } = sheet;
  return rest;
}

/** A vendor, and those whose prices it takes for models of theirs. */
function chainOf(vendor: string): readonly string[] {
  return [vendor, ...(findProvider({ providerId: vendor })?.fallback_model_providers ?? [])];
}

const DAY_MS = 86_400_000;

/** Moments at which another price of the model holds, beside the one that was asked for. */
function instantsOf(catalog: Catalog, { vendor, model }: OracleCase, at: number): number[] {
  const rules = catalog.find(chainOf(vendor), model)?.prices ?? [];
  const midnight = Math.floor(at / DAY_MS) * DAY_MS;
  const dated = rules.flatMap(({ fromAt }) => (fromAt === undefined ? [] : [fromAt, fromAt - 1]));
  const daily = rules.flatMap(({ daily: hours }) =>
    hours === undefined ? [] : [hours.fromS * 1_000, hours.toS * 1_000],
  );
  return [...dated, ...daily.map((offset) => midnight + offset)].filter((instant) => instant !== at);
}

/** The arithmetic of a price on one line, or what it lacks. */
export function derivation(sheet: PriceSheet | undefined, usage: Usage | undefined): string {
  const explained = explainCost(sheet, usage);
  if ('unpriced' in explained) return `no price for ${explained.unpriced.join(', ')}`;
  return explained.lines
    .map(({ what, count, picoUsd, per, times }) => {
      const factor = times === undefined ? '' : ` × ${times.numerator}/${times.denominator}`;
      return `${count} ${what} × ${picoUsd}${per === 1n ? '' : `/${per}`} pico${factor}`;
    })
    .join(' + ');
}
