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

/** Adds rows to the hours, one array a column. What it does stands in the migration, where it is planned once a session. */
export const ADD_USAGE = `
select add_usage_hours(
  $1::text[], $2::float8[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
  $10::text[], $11::text[], $12::int8[], $13::int8[], $14::int8[], $15::int8[], $16::int8[], $17::int8[], $18::int8[],
  $19::int8[], $20::int8[], $21::int8[], $22::int8[], $23::int8[], $24::int8[], $25::int8[], $26::int8[], $27::int8[],
  $28::numeric[], $29::numeric[], $30::numeric[]
)`;

/** The parameters of `ADD_USAGE`. */
export function usageArrays(rows: readonly UsageRow[]): string[] {
  return COLUMNS.map((column) => `{${rows.map(column).join(',')}}`);
}

function text(value: string): string {
  return quoted(storable(value));
}
