import { readFileSync } from 'node:fs';
import { scaledDecimal } from '../../../src/kernel/decimal.ts';
import { at, isRawUsage, type RawUsage } from '../../../src/protocol/usage-fields.ts';

/** One answer as one vendor's reader took it, and what the oracle says it costs there. */
export interface OracleCase {
  /** Its place in the file: entry, group, reader. */
  readonly id: string;
  readonly vendor: string;
  /** The surface whose shape the answer was read as: `chat`, `responses`, `anthropic`… */
  readonly flavor: string;
  readonly model: string;
  readonly body: RawUsage;
  /** The oracle's own reading of the body. */
  readonly usage: Readonly<Record<string, number>>;
  /** Nano-USD, rounded up once. */
  readonly expected: bigint;
}

/** Decimals that a price of the oracle may have; what is left after nano-USD is rounded up. */
const SCALE = 30;
const NANO = 9;

/**
 * The priced cases of an oracle's file.
 *
 * @throws when the file is none of that shape
 */
export function readOracle(path: string): OracleCase[] {
  const entries: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!Array.isArray(entries)) throw new Error(`${path} is no list of usages`);
  return entries.flatMap((entry: unknown, index) => {
    const body = at(entry, 'body');
    const groups = at(entry, 'extracted');
    if (!isRawUsage(body) || !Array.isArray(groups))
      throw new Error(`entry ${index} of ${path} has no body or no readings`);
    return groups.flatMap((group: unknown, place) => casesOf(group, `${index}.${place}`, at(entry, 'model'), body));
  });
}

function casesOf(group: unknown, id: string, model: unknown, body: RawUsage): OracleCase[] {
  const usage = at(group, 'usage');
  const extractors = at(group, 'extractors');
  if (!isRawUsage(usage) || !Array.isArray(extractors)) throw new Error(`reading ${id} has no usage or no readers`);
  return extractors.flatMap((extractor: unknown, index) => {
    const { provider_id: vendor, api_flavor: flavor, ...prices } = isRawUsage(extractor) ? extractor : {};
    const parts = ['input_price', 'output_price'].map((name) => prices[name]).filter((part) => part !== undefined);
    if (parts.length === 0) return [];
    if (typeof vendor !== 'string' || typeof flavor !== 'string' || typeof model !== 'string') {
      throw new Error(`reading ${id}.${index} has a price but no vendor, flavour or model`);
    }
    const counts = Object.fromEntries(
      Object.entries(usage).filter((count): count is [string, number] => typeof count[1] === 'number'),
    );
    return [{ id: `${id}.${index}`, vendor, flavor, model, body, usage: counts, expected: nanoOf(parts, id) }];
  });
}

function nanoOf(parts: readonly unknown[], id: string): bigint {
  let total = 0n;
  for (const part of parts) {
    const amount = typeof part === 'string' ? scaledDecimal(part, SCALE) : undefined;
    if (amount === undefined) throw new Error(`reading ${id} has the price ${String(part)}, which is no decimal text`);
    total += amount;
  }
  const unit = 10n ** BigInt(SCALE - NANO);
  return (total + unit - 1n) / unit;
}
