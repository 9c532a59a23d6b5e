/** Counts every attempt that has ended into hours that are empty: those that are there when the table is made. */
export const COUNT_ALL_ATTEMPTS = `
insert into usage_hours
select kind, hour, usage_hour_id(value, organisation, project, key_id, provider, model, operation, route),
  value, organisation, project, key_id, provider, model, operation, route,
  count(*) filter (where last), count(*), count(*) filter (where outcome in ('failed', 'truncated', 'interrupted')),
  count(*) filter (where last and outcome <> 'failed' and cost_nano_usd is null),
  count(*) filter (where outcome <> 'failed' and cost_nano_usd is null),
  count(*) filter (where usage_source = 'estimated'), count(*) filter (where overrun),
  sum(input_tokens), sum(cached_input_tokens), sum(cache_write_tokens), sum(output_tokens), sum(reasoning_tokens),
  sum(cost_nano_usd), sum(charge_nano_usd), null,
  count(total_ms), coalesce(sum(floor(total_ms + 0.5)), 0), count(first_token_ms), coalesce(sum(floor(first_token_ms + 0.5)), 0)
from (
  select named.kind, left(named.value, 256) as value,
    date_bin('1 hour', call_started_at, timestamptz '1970-01-01 00:00:00Z') as hour,
    organisation, project, key_id, provider, model, operation, route, last, outcome, usage_source,
    overrun, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nano_usd,
    charge_nano_usd, total_ms, first_token_ms
  from attempts
  cross join lateral (
    select 'all' as kind, '' as value
    union all select 'end_user', coalesce(end_user, '')
    union all select 'task', coalesce(task, '')
    union all select distinct 'tag', tag from unnest(case when cardinality(tags) > 0 then tags else '{""}' end) as tag
  ) as named
  where outcome is not null
) as counted
group by kind, hour, value, organisation, project, key_id, provider, model, operation, route`;

/** What an attempt costs its customer, usage by the hour, what applications tell of their tasks, and corrections. */
const tables = `
-- What the customer pays for the attempt (null: unknown) beside cost_nano_usd, which is what the provider takes for it;
-- the hold of its call, on calls that took one; whether the charge exceeded it; and what usage has no column for.
alter table attempts
  add column cache_write_tokens bigint,
  add column usage_detail jsonb,
  add column charge_nano_usd bigint,
  add column hold_nano_usd bigint,
  add column overrun boolean;

-- Sums over the attempts that have ended, by the hour in which their call began. Written together with the attempts
-- themselves, each counted once. Rows of the kind 'all' count every attempt; so do those of 'end_user', 'task' and
-- 'tag', by that name, which is empty where an attempt carries none; one with several tags is counted under each. What
-- an application reports stands beside them, with no provider, model, operation and route. id is made of all the other columns of the key, because their texts together may be
-- longer than an index takes: sha256 of each column's length in bytes, ':' and text, its first sixteen bytes.
create table usage_hours (
  kind text not null,
  hour timestamptz not null,
  id uuid not null,
  value text not null,
  organisation text not null,
  project text not null,
  key_id text not null,
  provider text not null,
  model text not null,
  operation text not null,
  route text not null,
  calls bigint not null,
  attempts bigint not null,
  errors bigint not null,
  calls_without_cost bigint not null,
  unpriced bigint not null,
  estimated bigint not null,
  overruns bigint not null,
  input_tokens bigint,
  cached_input_tokens bigint,
  cache_write_tokens bigint,
  output_tokens bigint,
  reasoning_tokens bigint,
  cost_nano_usd numeric,
  charge_nano_usd numeric,
  reported_nano_usd numeric,
  timed bigint not null,
  total_ms bigint not null,
  first_tokens bigint not null,
  first_token_ms bigint not null,
  primary key (kind, hour, id)
) with (fillfactor = 70);

-- One task's, one user's, one tag's hours.
create index usage_hours_by_value on usage_hours (value, hour) where value <> '';

-- How a task came out, as its application judges it. The last word counts.
create table task_outcomes (
  organisation text not null,
  project text not null,
  task text not null,
  outcome text not null check (outcome in ('success', 'partial', 'failure', 'abandoned')),
  value numeric,
  note text,
  key_id text not null,
  first_at timestamptz not null,
  at timestamptz not null,
  primary key (project, task)
);

-- What a task cost besides models. Never changed; an application's own id makes a repetition harmless.
create table task_costs (
  organisation text not null,
  project text not null,
  id text not null,
  task text not null,
  kind text not null check (kind in ('tool', 'search', 'human_review', 'other')),
  amount_nano_usd bigint not null check (amount_nano_usd >= 0),
  description text,
  key_id text not null,
  end_user text,
  at timestamptz not null,
  primary key (project, id)
);
create index task_costs_by_task on task_costs (project, task, at);

-- What a provider's statement said otherwise than we had it. Never changed: one line for each attempt and statement.
create table corrections (
  statement text not null,
  call_id text not null,
  attempt integer not null,
  call_started_at timestamptz not null,
  organisation text not null,
  project text not null,
  source text not null,
  old_usage jsonb,
  new_usage jsonb,
  old_usage_source text,
  old_cost_nano_usd bigint,
  new_cost_nano_usd bigint,
  old_charge_nano_usd bigint,
  new_charge_nano_usd bigint,
  created_by text not null,
  at timestamptz not null,
  primary key (statement, call_id, attempt)
);
create index corrections_by_call on corrections (call_id, attempt);

create function refuse_usage_change() returns trigger language plpgsql as $$
begin
  raise exception '% is only ever added to', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger corrections_stay before update on corrections for each row execute function refuse_usage_change();
create trigger task_costs_stay before update on task_costs for each row execute function refuse_usage_change();

create function usage_hour_id(
  value text, organisation text, project text, key_id text, provider text, model text, operation text, route text
) returns uuid language sql immutable as $$
  select encode(substring(sha256(convert_to(string_agg(octet_length(part) || ':' || part, '' order by place), 'UTF8'))
    for 16), 'hex')::uuid
  from unnest(array[value, organisation, project, key_id, provider, model, operation, route])
    with ordinality as parts (part, place)
$$;

-- Adds rows to the hours, one array a column. A function, because the embedded engine takes three milliseconds to plan
-- the statement, and plans what stands in a function once.
create function add_usage_hours(
  text[], float8[], uuid[], text[], text[], text[], text[], text[], text[], text[], text[], int8[], int8[], int8[],
  int8[], int8[], int8[], int8[], int8[], int8[], int8[], int8[], int8[], int8[], int8[], int8[], int8[], numeric[],
  numeric[], numeric[]
) returns void language plpgsql as $$
begin
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
    $1, $2, $3, $4, $5, $6, $7, $8, $9,
    $10, $11, $12, $13, $14, $15, $16, $17, $18,
    $19, $20, $21, $22, $23, $24, $25, $26, $27,
    $28, $29, $30
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
    cached_input_tokens = coalesce(
      known.cached_input_tokens + excluded.cached_input_tokens, known.cached_input_tokens, excluded.cached_input_tokens),
    cache_write_tokens = coalesce(
      known.cache_write_tokens + excluded.cache_write_tokens, known.cache_write_tokens, excluded.cache_write_tokens),
    output_tokens = coalesce(known.output_tokens + excluded.output_tokens, known.output_tokens, excluded.output_tokens),
    reasoning_tokens = coalesce(
      known.reasoning_tokens + excluded.reasoning_tokens, known.reasoning_tokens, excluded.reasoning_tokens),
    cost_nano_usd = coalesce(known.cost_nano_usd + excluded.cost_nano_usd, known.cost_nano_usd, excluded.cost_nano_usd),
    charge_nano_usd = coalesce(
      known.charge_nano_usd + excluded.charge_nano_usd, known.charge_nano_usd, excluded.charge_nano_usd),
    reported_nano_usd = coalesce(
      known.reported_nano_usd + excluded.reported_nano_usd, known.reported_nano_usd, excluded.reported_nano_usd);
end $$;
`;

export const usage: string = [tables, COUNT_ALL_ATTEMPTS].join('');
