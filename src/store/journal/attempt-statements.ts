/**
 * How attempts get into Postgres: some thousand rows in one `COPY`, in its binary
 * format. See README.md for what a row costs; `insert … select` from one array a
 * column took twice as much, row by row ten times as much again.
 */

/** Rows that are not there yet, which is the rule. One that is there is a unique violation. */
export const COPY_ATTEMPTS = `
copy attempts (
  call_started_at, call_id, attempt, started_at, trace_id, client_request_id,
  organisation, project, key_id, parent_key_id, end_user, task, tags, metadata, operation, dialect, stream,
  model_asked, route, route_reason, provider, model, credential, config_version, price_version, journal,
  ended_at, outcome, last, status, client_status, error_code, error_message, finish_reason,
  input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, usage_source, cost_nano_usd,
  first_token_ms, total_ms, upstream_request_id,
  cache_write_tokens, usage_detail, charge_nano_usd, hold_nano_usd, overrun
) from stdin (format binary)`;

/** Where rows stand aside that may be there already: some were replayed before. Gone with the transaction. */
export const MAKE_REPEATED = 'create temporary table repeated_attempts (like attempts) on commit drop';

/** The same columns in the same order. */
export const COPY_REPEATED = `
copy repeated_attempts (
  call_started_at, call_id, attempt, started_at, trace_id, client_request_id,
  organisation, project, key_id, parent_key_id, end_user, task, tags, metadata, operation, dialect, stream,
  model_asked, route, route_reason, provider, model, credential, config_version, price_version, journal,
  ended_at, outcome, last, status, client_status, error_code, error_message, finish_reason,
  input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, usage_source, cost_nano_usd,
  first_token_ms, total_ms, upstream_request_id,
  cache_write_tokens, usage_detail, charge_nano_usd, hold_nano_usd, overrun
) from stdin (format binary)`;

/**
 * A row that is there already keeps its end: a record may be replayed any
 * number of times, even twice in one batch, and a start replayed after its end
 * erases nothing. The first end of a running attempt is taken. Returns the rows
 * that this changed, for usage to count.
 */
export const INSERT_REPEATED = `
insert into attempts
select distinct on (call_started_at, call_id, attempt) * from repeated_attempts
order by call_started_at, call_id, attempt, ended_at
on conflict (call_started_at, call_id, attempt) do update set
  ended_at = excluded.ended_at, outcome = excluded.outcome, last = excluded.last, status = excluded.status,
  client_status = excluded.client_status, error_code = excluded.error_code, error_message = excluded.error_message,
  finish_reason = excluded.finish_reason, input_tokens = excluded.input_tokens,
  cached_input_tokens = excluded.cached_input_tokens, output_tokens = excluded.output_tokens,
  reasoning_tokens = excluded.reasoning_tokens, usage_source = excluded.usage_source,
  cost_nano_usd = excluded.cost_nano_usd, first_token_ms = excluded.first_token_ms, total_ms = excluded.total_ms,
  upstream_request_id = excluded.upstream_request_id, cache_write_tokens = excluded.cache_write_tokens,
  usage_detail = excluded.usage_detail, charge_nano_usd = excluded.charge_nano_usd,
  hold_nano_usd = excluded.hold_nano_usd, overrun = excluded.overrun
where attempts.outcome is null and excluded.outcome is not null
returning attempts.*`;

/**
 * Ends whose start became a row earlier. The two instants bound the partitions
 * that are looked into. Returns those that found their row, ended before or not,
 * with the columns that usage counts for those that end it now.
 */
export const APPLY_LATE_ENDS = `
with given as (
  select *, to_timestamp(call_started_ms / 1000) as call_started_at from unnest(
    $1::float8[], $2::text[], $3::int4[], $4::float8[], $5::text[], $6::bool[], $7::int4[], $8::int4[], $9::text[],
    $10::text[], $11::text[], $12::int8[], $13::int8[], $14::int8[], $15::int8[], $16::text[], $17::int8[],
    $18::float8[], $19::float8[], $20::text[], $21::int8[], $22::text[], $23::int8[], $24::int8[], $25::bool[]
  ) as given (
    call_started_ms, call_id, attempt, ended_ms, outcome, last, status, client_status, error_code,
    error_message, finish_reason, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, usage_source,
    cost_nano_usd, first_token_ms, total_ms, upstream_request_id, cache_write_tokens, usage_detail, charge_nano_usd,
    hold_nano_usd, overrun
  )
), applied as (
  update attempts set
    ended_at = to_timestamp(given.ended_ms / 1000), outcome = given.outcome, last = given.last, status = given.status,
    client_status = given.client_status, error_code = given.error_code, error_message = given.error_message,
    finish_reason = given.finish_reason, input_tokens = given.input_tokens,
    cached_input_tokens = given.cached_input_tokens, output_tokens = given.output_tokens,
    reasoning_tokens = given.reasoning_tokens, usage_source = given.usage_source, cost_nano_usd = given.cost_nano_usd,
    first_token_ms = given.first_token_ms, total_ms = given.total_ms, upstream_request_id = given.upstream_request_id,
    cache_write_tokens = given.cache_write_tokens, usage_detail = given.usage_detail::jsonb,
    charge_nano_usd = given.charge_nano_usd, hold_nano_usd = given.hold_nano_usd, overrun = given.overrun
  from given
  where attempts.call_started_at = given.call_started_at and attempts.call_id = given.call_id
    and attempts.attempt = given.attempt and attempts.outcome is null
    and attempts.call_started_at between to_timestamp($26::float8 / 1000) and to_timestamp($27::float8 / 1000)
  returning attempts.*
)
select given.call_id as found_call, given.attempt as found_attempt, applied.*
from given left join applied on applied.call_id = given.call_id and applied.attempt = given.attempt
join attempts on attempts.call_started_at = given.call_started_at and attempts.call_id = given.call_id
  and attempts.attempt = given.attempt
where attempts.call_started_at between to_timestamp($26::float8 / 1000) and to_timestamp($27::float8 / 1000)`;

/**
 * How far attempts have come that are rows already and still run. One that has
 * ended meanwhile, or whose start is not known, is left as it is.
 */
export const APPLY_CHECKPOINTS = `
update attempts set
  input_tokens = given.input_tokens, cached_input_tokens = given.cached_input_tokens,
  output_tokens = given.output_tokens, reasoning_tokens = given.reasoning_tokens,
  cache_write_tokens = given.cache_write_tokens, usage_detail = given.usage_detail::jsonb,
  usage_source = 'estimated', cost_nano_usd = given.cost_nano_usd
from unnest(
  $1::float8[], $2::text[], $3::int4[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::text[],
  $10::int8[]
) as given (
  call_started_ms, call_id, attempt, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens,
  cache_write_tokens, usage_detail, cost_nano_usd
)
where attempts.call_started_at = to_timestamp(given.call_started_ms / 1000) and attempts.call_id = given.call_id
  and attempts.attempt = given.attempt and attempts.outcome is null
  and attempts.call_started_at between to_timestamp($11::float8 / 1000) and to_timestamp($12::float8 / 1000)`;

/**
 * Attempts of this journal that were running when their process died, and whose
 * journal segments are gone. Whoever answered last is charged, by what its last
 * checkpoint said. Returns them, for usage to count.
 */
export const INTERRUPT_RUNNING = `
update attempts set
  outcome = 'interrupted', ended_at = greatest(started_at, to_timestamp($2::float8 / 1000)), last = true,
  charge_nano_usd = cost_nano_usd
where journal = $1 and outcome is null
returning attempts.*`;

export const READ_CURSOR = `
select segment, byte_offset, extract(epoch from last_at)::float8 * 1000 as last_ms
from journal_cursor where journal = $1`;

export const WRITE_CURSOR = `
insert into journal_cursor (journal, segment, byte_offset, last_at)
values ($1, $2::int8, $3::int8, to_timestamp($4::float8 / 1000))
on conflict (journal) do update set
  segment = excluded.segment, byte_offset = excluded.byte_offset,
  last_at = greatest(journal_cursor.last_at, excluded.last_at)`;
