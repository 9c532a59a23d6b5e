import { quoted } from '../pglite/parameters.ts';
import { AMOUNTS, COUNTS, TOKENS } from './figures.ts';
import { storable, type UsageRow } from './usage-sums.ts';

/** A column's value as an element of an array literal. */
type Column = (row: UsageRow) => string;

const KEY: readonly Column[] = [
  ({ kind }) => kind,
  ({ hour }) => String(hour),
  ({ id }) => id,
  ({ value }) => text(value),
  ({ facts }) => text(facts.organisation),
  ({ facts }) => text(facts.project),
  ({ facts }) => text(facts.keyId),
  ({ facts }) => text(facts.provider),
  ({ facts }) => text(facts.model),
  ({ facts }) => text(facts.operation),
  ({ facts }) => text(facts.route),
];

const COUNT_COLUMNS: readonly Column[] = COUNTS.map(
  (name) =>
    ({ figures }) =>
      String(figures[name]),
);

/** Null while nothing is known. */
const SUM_COLUMNS: readonly Column[] = [...TOKENS, ...AMOUNTS].map(
  (name) =>
    ({ figures }) =>
      figures[name]?.toString() ?? 'NULL',
);

/** The order of the parameters of `ADD_USAGE`. */
const COLUMNS = [...KEY, ...COUNT_COLUMNS, ...SUM_COLUMNS];

/** Adds rows to the hours, in one statement with one array a column. */
export const ADD_USAGE = `
insert into usage_hours as known (
  kind, hour, id, value, organisation, project, key_id, provider, model, operation, route, calls, attempts, errors,
  calls_without_cost, unpriced, estimated, overruns, timed, total_ms, first_tokens, first_token_ms, input_tokens,
  cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nano_usd, charge_nano_usd,
  reported_nano_usd
)
select kind, to_timestamp(hour / 1000), id, value, organisation, project, key_id, provider, model, operation, route, calls,
  attempts, errors, calls_without_cost, unpriced, estimated, overruns, timed, total_ms, first_tokens, first_token_ms,
  input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nano_usd,
  charge_nano_usd, reported_nano_usd
from unnest(
  $1::text[], $2::float8[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
  $10::text[], $11::text[], $12::int8[], $13::int8[], $14::int8[], $15::int8[], $16::int8[], $17::int8[], $18::int8[],
  $19::int8[], $20::int8[], $21::int8[], $22::int8[], $23::int8[], $24::int8[], $25::int8[], $26::int8[], $27::int8[],
  $28::numeric[], $29::numeric[], $30::numeric[]
) as given (
  kind, hour, id, value, organisation, project, key_id, provider, model, operation, route, calls, attempts, errors,
  calls_without_cost, unpriced, estimated, overruns, timed, total_ms, first_tokens, first_token_ms, input_tokens,
  cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nano_usd, charge_nano_usd,
  reported_nano_usd
)
on conflict (kind, hour, id) do update set
  calls = known.calls + excluded.calls,
  attempts = known.attempts + excluded.attempts,
  errors = known.errors + excluded.errors,
  calls_without_cost = known.calls_without_cost + excluded.calls_without_cost,
  unpriced = known.unpriced + excluded.unpriced,
  estimated = known.estimated + excluded.estimated,
  overruns = known.overruns + excluded.overruns,
  timed = known.timed + excluded.timed,
  total_ms = known.total_ms + excluded.total_ms,
  first_tokens = known.first_tokens + excluded.first_tokens,
  first_token_ms = known.first_token_ms + excluded.first_token_ms,
  input_tokens = coalesce(known.input_tokens + excluded.input_tokens, known.input_tokens, excluded.input_tokens),
  cached_input_tokens = coalesce(known.cached_input_tokens + excluded.cached_input_tokens, known.cached_input_tokens, excluded.cached_input_tokens),
  cache_write_tokens = coalesce(known.cache_write_tokens + excluded.cache_write_tokens, known.cache_write_tokens, excluded.cache_write_tokens),
  output_tokens = coalesce(known.output_tokens + excluded.output_tokens, known.output_tokens, excluded.output_tokens),
  reasoning_tokens = coalesce(known.reasoning_tokens + excluded.reasoning_tokens, known.reasoning_tokens, excluded.reasoning_tokens),
  cost_nano_usd = coalesce(known.cost_nano_usd + excluded.cost_nano_usd, known.cost_nano_usd, excluded.cost_nano_usd),
  charge_nano_usd = coalesce(known.charge_nano_usd + excluded.charge_nano_usd, known.charge_nano_usd, excluded.charge_nano_usd),
  reported_nano_usd = coalesce(known.reported_nano_usd + excluded.reported_nano_usd, known.reported_nano_usd, excluded.reported_nano_usd)`;

/** The parameters of `ADD_USAGE`. */
export function usageArrays(rows: readonly UsageRow[]): string[] {
  return COLUMNS.map((column) => `{${rows.map(column).join(',')}}`);
}

function text(value: string): string {
  return quoted(storable(value));
}
