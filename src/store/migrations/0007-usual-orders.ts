/**
 * Holds and settlements of which nothing is unusual, in two thirds of the
 * engine's time that `ledger_apply` needs, which carries out all others.
 * Whoever calls this knows the accounts already, with what each is to be moved
 * by. Where a stored row says otherwise, or anything is to be said beyond
 * "done", it raises LW001 and has changed nothing. See docs/decisions/ledger.md.
 */
export const usualOrders = `
-- Takes holds that all levels can pay in full, and settles holds that are open and as the caller knows them, by which no
-- account reaches a mark; a line is a charge. 'account_ids' are in their order, each once: nested loops lock them in that
-- order, and holds after them, as all processes do. An account 'pays' when it has to have the money that is moved. The
-- answer has id:left of each account, nothing left where no cap counts.
create function ledger_usual(
  holder_given text,
  account_ids bigint[], account_settled bigint[], account_held bigint[], account_pays boolean[],
  settle_ids text[], settle_organisations text[], settle_paths text[], settle_held bigint[], settle_charged bigint[],
  settle_at timestamptz[],
  line_calls text[], line_organisations text[], line_paths text[], line_at timestamptz[], line_attempts integer[],
  line_providers text[], line_models text[], line_amounts bigint[], line_sources text[],
  take_ids text[], take_organisations text[], take_projects text[], take_keys text[], take_paths text[],
  take_amounts bigint[], take_at timestamptz[], take_resolve_by timestamptz[]
) returns text
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
  set plan_cache_mode = force_generic_plan as $$
declare
  seen bigint;
  rooms text;
begin
  with moved as (
    update accounts set settled = accounts.settled + asked.settled, held = accounts.held + asked.held
    from unnest(account_ids, account_settled, account_held, account_pays) as asked (id, settled, held, pays), budgets
    where accounts.id = asked.id and budgets.id = accounts.budget_id
    returning accounts.id, asked.pays, accounts.settled - asked.settled as before, accounts.settled, accounts.held,
      case when budgets.credit then accounts.credited else budgets.hard_nano end as cap,
      case when budgets.credit then accounts.credited - budgets.soft_nano else budgets.soft_nano end as soft
  )
  select
    count(*) filter (where (moved.pays and moved.cap - moved.settled - moved.held < 0
      or moved.before < moved.soft and moved.settled >= moved.soft
      or moved.before < moved.cap and moved.settled >= moved.cap) is not true),
    string_agg(moved.id || ':' || coalesce((moved.cap - moved.settled - moved.held)::text, ''), ',')
  into seen, rooms from moved;
  if seen <> cardinality(account_ids) then
    raise exception 'an account cannot pay in full, or reaches a mark' using errcode = 'LW001';
  end if;
  if settle_ids <> '{}' then
    -- By the instant and not by the state: the index of open holds would be read from end to end for it.
    update holds set state = 'settled', charged = asked.charged, resolved_at = asked.at
    from unnest(settle_ids, settle_organisations, settle_paths, settle_held, settle_charged, settle_at)
      as asked (id, organisation, path, held, charged, at)
    where holds.id = asked.id and holds.resolved_at is null and holds.organisation = asked.organisation
      and holds.accounts = asked.path::bigint[] and holds.amount = asked.held and holds.counted is null;
    get diagnostics seen = row_count;
    if seen <> cardinality(settle_ids) then
      raise exception 'a hold is not as it was taken' using errcode = 'LW001';
    end if;
    insert into transfers (id, kind, contra, amount, debited, credited, at, organisation, call_id, attempt, provider,
      model, usage_source, created_by)
    select 'charge/' || line.call || '/' || line.attempt, 'charge', 'spend', line.amount, line.path::bigint[], '{}',
      line.at, line.organisation, line.call, line.attempt, line.provider, line.model, line.source, holder_given
    from unnest(line_calls, line_organisations, line_paths, line_at, line_attempts, line_providers, line_models,
      line_amounts, line_sources)
      as line (call, organisation, path, at, attempt, provider, model, amount, source);
  end if;
  if take_ids <> '{}' then
    insert into holds (id, organisation, project, key_id, accounts, amount, holder, taken_at, resolve_by, state)
    select asked.id, asked.organisation, asked.project, asked.key_id, asked.path::bigint[], asked.amount, holder_given,
      asked.at, asked.resolve_by, 'held'
    from unnest(take_ids, take_organisations, take_projects, take_keys, take_paths, take_amounts, take_at,
      take_resolve_by) as asked (id, organisation, project, key_id, path, amount, at, resolve_by);
  end if;
  return rooms;
end $$;
`;
