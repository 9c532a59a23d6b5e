import { type PicoUsd, pico } from '../../kernel/amounts.ts';
import { scaledDecimal } from '../../kernel/decimal.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { instantOfText } from '../../kernel/instant-text.ts';
import type { StatementLine, TokenCounts } from './lines.ts';

/** What a column can say. `--map column=field` names these. */
export const STATEMENT_FIELDS = [
  'request_id',
  'client_request_id',
  'call_id',
  'attempt',
  'model',
  'line_item',
  'started_at',
  'ended_at',
  'input_tokens',
  'uncached_input_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'output_tokens',
  'requests',
  'cost_usd',
  'cost_cents',
  'cost_nano_usd',
  'currency',
  'billed',
] as const;
export type StatementField = (typeof STATEMENT_FIELDS)[number];

/** Whose way of counting a statement follows. */
export const STATEMENT_FORMATS = ['generic', 'openai', 'anthropic', 'leeward-sim'] as const;
export type StatementFormat = (typeof STATEMENT_FORMATS)[number];

/** Column names that mean a field, in lower case with everything but letters and digits as `_`. Several columns of one field are added up. */
const KNOWN: Readonly<Record<string, StatementField>> = {
  request_id: 'request_id',
  id: 'request_id',
  upstream_request_id: 'request_id',
  x_request_id: 'request_id',
  client_request_id: 'client_request_id',
  x_client_request_id: 'client_request_id',
  call_id: 'call_id',
  attempt: 'attempt',
  model: 'model',
  model_id: 'model',
  snapshot: 'model',
  line_item: 'line_item',
  started_at: 'started_at',
  start_time: 'started_at',
  starting_at: 'started_at',
  timestamp: 'started_at',
  created_at: 'started_at',
  date: 'started_at',
  usage_date_utc: 'started_at',
  start_time_iso: 'started_at',
  end_time: 'ended_at',
  ending_at: 'ended_at',
  input_tokens: 'input_tokens',
  prompt_tokens: 'input_tokens',
  n_context_tokens_total: 'input_tokens',
  uncached_input_tokens: 'uncached_input_tokens',
  usage_input_tokens_no_cache: 'uncached_input_tokens',
  cached_input_tokens: 'cached_input_tokens',
  input_cached_tokens: 'cached_input_tokens',
  cached_tokens: 'cached_input_tokens',
  cache_read_input_tokens: 'cached_input_tokens',
  prompt_tokens_details_cached_tokens: 'cached_input_tokens',
  input_tokens_details_cached_tokens: 'cached_input_tokens',
  usage_input_tokens_cache_read: 'cached_input_tokens',
  cache_write_tokens: 'cache_write_tokens',
  cache_creation_input_tokens: 'cache_write_tokens',
  cache_creation_ephemeral_5m_input_tokens: 'cache_write_tokens',
  cache_creation_ephemeral_1h_input_tokens: 'cache_write_tokens',
  usage_input_tokens_cache_write_5m: 'cache_write_tokens',
  usage_input_tokens_cache_write_1h: 'cache_write_tokens',
  output_tokens: 'output_tokens',
  completion_tokens: 'output_tokens',
  n_generated_tokens_total: 'output_tokens',
  usage_output_tokens: 'output_tokens',
  num_model_requests: 'requests',
  num_requests: 'requests',
  n_requests: 'requests',
  requests: 'requests',
  cost_usd: 'cost_usd',
  amount_value: 'cost_usd',
  cost: 'cost_usd',
  price_usd: 'cost_usd',
  cost_nano_usd: 'cost_nano_usd',
  price_nano_usd: 'cost_nano_usd',
  currency: 'currency',
  amount_currency: 'currency',
  billed: 'billed',
};

/** Where a provider counts otherwise than most. Not checked against the vendors' own documents; see docs/reconciliation.md. */
const OF_FORMAT: Readonly<Record<StatementFormat, Readonly<Record<string, StatementField>>>> = {
  generic: {},
  openai: {},
  // Input without what the cache holds, amounts in cents.
  anthropic: { input_tokens: 'uncached_input_tokens', amount: 'cost_cents' },
  'leeward-sim': {},
};

/** A record of a statement: columns with their values as written. */
export interface StatementRecord {
  readonly line: number;
  readonly values: ReadonlyMap<string, string>;
}

const PICO_DECIMALS = 12;
/** Floats that were printed have some noise behind the sixteenth digit. */
const WRITTEN_DECIMALS = 30;

/** Reads records of one statement: which column says what is settled by the format and by who reads it. */
export class StatementColumns {
  readonly #format: StatementFormat;
  readonly #given: ReadonlyMap<string, StatementField>;

  /** @param given columns by name, which win over what is known */
  constructor(format: StatementFormat, given: ReadonlyMap<string, StatementField>) {
    this.#format = format;
    this.#given = new Map([...given].map(([column, field]) => [plainName(column), field]));
  }

  fieldOf(column: string): StatementField | undefined {
    const name = plainName(column);
    // A usage object as an answer holds it, beside the ids.
    const inUsage = name.startsWith('usage_') ? name.slice('usage_'.length) : name;
    const known = (column: string) => OF_FORMAT[this.#format][column] ?? KNOWN[column];
    return this.#given.get(name) ?? known(name) ?? known(inUsage);
  }

  /** @throws `invalid_request` with line, column and value for what cannot be */
  read(record: StatementRecord): StatementLine {
    const found: Partial<Record<StatementField, string>> = {};
    const sums = new Map<StatementField, bigint>();
    for (const [column, written] of record.values) {
      const field = this.fieldOf(column);
      const value = written.trim();
      if (field === undefined || value === '') continue;
      if (isCount(field)) sums.set(field, (sums.get(field) ?? 0n) + countOf(value, column, record.line));
      else found[field] ??= value;
    }
    const { line } = record;
    const { currency } = found;
    if (currency !== undefined && currency.toUpperCase() !== 'USD') throw refusal(line, 'currency', currency, 'USD');
    const at = instantOf(found.started_at, line);
    const until = instantOf(found.ended_at, line);
    const cost = costOf(found, line);
    const model = found.model ?? found.line_item?.split(',')[0]?.trim();
    const requests = sums.get('requests');
    return {
      line,
      ...identified(found),
      ...(model === undefined ? {} : { model }),
      ...(at === undefined ? {} : { at }),
      ...(until === undefined ? {} : { until }),
      tokens: tokensOf(sums),
      ...(requests === undefined ? {} : { requests }),
      ...(cost === undefined ? {} : { cost }),
      open: found.billed === 'false',
    };
  }
}

function identified(found: Partial<Record<StatementField, string>>): Partial<StatementLine> {
  const ours = found.client_request_id ?? (found.call_id && `${found.call_id}-${found.attempt ?? '1'}`);
  return {
    ...(found.request_id === undefined ? {} : { requestId: found.request_id }),
    ...(ours === undefined ? {} : { clientRequestId: ours }),
  };
}

const COUNTS = new Set<StatementField>([
  'input_tokens',
  'uncached_input_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'output_tokens',
  'requests',
]);

function isCount(field: StatementField): boolean {
  return COUNTS.has(field);
}

function tokensOf(sums: ReadonlyMap<StatementField, bigint>): TokenCounts {
  const cachedInput = sums.get('cached_input_tokens');
  const cacheWrite = sums.get('cache_write_tokens');
  const uncached = sums.get('uncached_input_tokens');
  const output = sums.get('output_tokens');
  const input = uncached === undefined ? sums.get('input_tokens') : uncached + (cachedInput ?? 0n) + (cacheWrite ?? 0n);
  return {
    ...(input === undefined ? {} : { input }),
    ...(cachedInput === undefined ? {} : { cachedInput }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(output === undefined ? {} : { output }),
  };
}

/** `12` or `12.0`; a part of a token, a sign and a word are none. */
function countOf(value: string, column: string, line: number): bigint {
  const count = scaledDecimal(value, 0);
  if (count === undefined || count > 10n ** 18n) throw refusal(line, column, value, 'a whole number from 0 on');
  return count;
}

function costOf(found: Partial<Record<StatementField, string>>, line: number): PicoUsd | undefined {
  const scales = { cost_nano_usd: 3, cost_usd: PICO_DECIMALS, cost_cents: PICO_DECIMALS - 2 } as const;
  for (const [field, decimals] of Object.entries(scales)) {
    const value = found[field as keyof typeof scales];
    if (value === undefined) continue;
    const cost = picoRounded(value, decimals);
    if (cost === undefined) throw refusal(line, field, value, 'an amount such as 0.0125');
    return cost;
  }
  return undefined;
}

/** To the nearest pico-USD: finer than any price, coarser than the noise of a float. */
function picoRounded(value: string, decimals: number): PicoUsd | undefined {
  const [, sign, digits = ''] = /^([+-]?)\$?(.*)$/.exec(value) ?? [];
  const written = scaledDecimal(digits, WRITTEN_DECIMALS);
  if (written === undefined) return undefined;
  const step = 10n ** BigInt(WRITTEN_DECIMALS - decimals);
  const size = (written + step / 2n) / step;
  return pico(sign === '-' ? -size : size);
}

function instantOf(value: string | undefined, line: number): number | undefined {
  if (value === undefined) return undefined;
  const at = instantOfText(value);
  if (at === undefined) throw refusal(line, 'time', value, 'an instant such as 2026-11-21T13:00:00Z');
  return at;
}

function plainName(column: string): string {
  return column
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

function refusal(line: number, column: string, value: string, allowed: string): GatewayError {
  return new GatewayError('invalid_request', {
    message: `Line ${line} of the statement has ${JSON.stringify(value.slice(0, 80))} as ${column}; it must be ${allowed}`,
  });
}
