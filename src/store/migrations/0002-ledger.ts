/**
 * Budgets, their windows (accounts), money set aside (holds) and what became of
 * it (transfers), with the functions that alone change balances. See
 * docs/decisions/ledger.md.
 */
export const ledger = `
create table budgets (
  id text primary key,
  organisation text not null,
  scope_kind text not null check (scope_kind in ('organisation', 'project', 'key')),
  scope_id text not null,
  each text check (each in ('end_user', 'task')),
  period text not null check (period in ('lifetime', 'month', 'week', 'day', 'hour')),
  time_zone text not null,
  hard_nano bigint check (hard_nano >= 0),
  soft_nano bigint check (soft_nano >= 0),
  credit boolean not null,
  rates jsonb,
  source text not null check (source in ('database', 'file')),
  declared_in text,
  created_at timestamptz not null,
  created_by text not null,
  changed_at timestamptz not null,
  retired_at timestamptz
);
create index budgets_by_organisation on budgets (organisation, id);

-- One window of one budget. Room on each page lets updates stay on it, without touching an index.
create table accounts (
  id bigint generated always as identity primary key,
  budget_id text not null references budgets,
  subject text not null,
  window_start timestamptz not null,
  window_end timestamptz,
  settled bigint not null default 0 check (settled >= 0),
  held bigint not null default 0 check (held >= 0),
  credited bigint not null default 0 check (credited >= 0),
  unique (budget_id, subject, window_start)
) with (fillfactor = 50);

-- One per call. 'counted' is what the amount counts for on each of the accounts; null where that is the amount itself.
create table holds (
  id text collate "C" primary key,
  organisation text not null,
  project text not null,
  key_id text not null,
  accounts bigint[] not null check (cardinality(accounts) > 0),
  amount bigint not null check (amount >= 0),
  counted bigint[] check (cardinality(counted) = cardinality(accounts)),
  holder text not null,
  taken_at timestamptz not null,
  resolve_by timestamptz not null,
  state text not null check (state in ('held', 'kept', 'settled', 'released')),
  charged bigint,
  resolved_at timestamptz
);
-- What recovery looks through. The rest is settled and of no interest to it.
create index holds_open on holds (taken_at, id) where state in ('held', 'kept');

-- Double entry: what the debited accounts lose, the credited ones and the contra side gain. 'spend' and 'adjustment'
-- move what is settled on an account, 'funding' and 'credit' what was bought for it. 'counted' goes with debited, then
-- credited. 'seq' lets a check look at what was there when it began.
create table transfers (
  id text collate "C" primary key,
  seq bigint generated always as identity,
  kind text not null check (kind in ('charge', 'top_up', 'refund', 'adjustment', 'transfer')),
  contra text not null check (contra in ('spend', 'adjustment', 'funding', 'credit')),
  amount bigint not null check (amount > 0),
  debited bigint[] not null,
  credited bigint[] not null check (cardinality(debited) + cardinality(credited) > 0),
  counted bigint[] check (cardinality(counted) = cardinality(debited) + cardinality(credited)),
  at timestamptz not null,
  organisation text not null,
  call_id text,
  attempt integer,
  provider text,
  model text,
  usage_source text,
  paid_nano bigint check (paid_nano >= 0),
  note text,
  created_by text not null
);
-- Charges are found by their ids; these are made by hand, and few.
create index transfers_by_hand on transfers (organisation, at, id) where kind <> 'charge';
create index transfers_for_call on transfers (call_id) where kind <> 'charge';

create function refuse_transfer_change() returns trigger language plpgsql as $$
begin
  raise exception 'a transfer is never changed or removed: book another one against it' using errcode = '23001';
end $$;
create trigger transfers_are_final before update or delete on transfers
  for each row execute function refuse_transfer_change();
create trigger transfers_stay before truncate on transfers
  for each statement execute function refuse_transfer_change();

-- The accounts of these windows, made where they are not there yet. An unknown budget has none.
create function ledger_accounts(budget_ids text[], subjects text[], starts timestamptz[], ends timestamptz[])
returns table (place bigint, account bigint)
language plpgsql set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
begin
  insert into accounts (budget_id, subject, window_start, window_end)
  select distinct asked.budget_id, asked.subject, asked.starts_at, asked.ends_at
  from unnest(budget_ids, subjects, starts, ends) as asked (budget_id, subject, starts_at, ends_at)
  join budgets on budgets.id = asked.budget_id
  order by 1, 2, 3
  on conflict (budget_id, subject, window_start) do nothing;
  return query
    select asked.place, accounts.id
    from unnest(budget_ids, subjects, starts) with ordinality as asked (budget_id, subject, starts_at, place)
    join accounts on accounts.budget_id = asked.budget_id and accounts.subject = asked.subject
      and accounts.window_start = asked.starts_at;
end $$;

-- What an amount counts for at a rate in millionths, rounded up.
create function ledger_counted(amount bigint, rate bigint) returns bigint language sql immutable as $$
  select ceil(amount::numeric * rate / 1000000)::bigint
$$;

-- Settles holds and takes new ones, all in one transaction. No hold is named twice. Settles come first, as they free
-- money. Every account is locked before anything is read that depends on it, in the order of ids, so that processes
-- neither deadlock nor see half of each other's work; balances are reckoned in arrays and written once.
create function ledger_apply(
  holder_given text,
  settle_ids text[], settle_at timestamptz[], settle_first integer[], settle_lines integer[],
  line_attempts integer[], line_providers text[], line_models text[], line_amounts bigint[], line_sources text[],
  line_rates jsonb[],
  take_ids text[], take_organisations text[], take_projects text[], take_keys text[],
  take_accounts bigint[], take_paths text[], take_rates text[], take_wanted bigint[], take_least bigint[],
  take_at timestamptz[], take_resolve_by timestamptz[]
) returns table (
  verdict text, place integer, nano bigint, overrun_nano bigint, left_nano bigint,
  account bigint, at_settled bigint, at_held bigint, at_limit bigint,
  mark_budget text, mark_subject text, mark_window timestamptz
)
language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  ids bigint[];
  budget_of text[];
  settled_now bigint[];
  held_now bigint[];
  limits bigint[];
  softs bigint[];
  known record;
  path bigint[];
  rates bigint[];
  counted bigint[];
  charged bigint[];
  free bigint;
  tightest bigint;
  short integer;
  grant_nano bigint;
  before bigint;
  p integer;
  fresh boolean;
  total bigint;
  resolved_ids text[] := '{}';
  resolved_charged bigint[] := '{}';
  resolved_states text[] := '{}';
  resolved_times timestamptz[] := '{}';
  transfer_ids text[] := '{}';
  transfer_lines integer[] := '{}';
  transfer_calls text[] := '{}';
  transfer_paths text[] := '{}';
  transfer_counted text[] := '{}';
  transfer_at timestamptz[] := '{}';
  transfer_organisations text[] := '{}';
  taken_before bigint[];
  taken integer[] := '{}';
  taken_amounts bigint[] := '{}';
  taken_counted text[] := '{}';
  passed_accounts bigint[] := '{}';
  passed_places integer[] := '{}';
  passed_marks text[] := '{}';
  passed_settled bigint[] := '{}';
  passed_limits bigint[] := '{}';
begin
  -- The accounts of a hold never change, so they may be read before they are locked.
  ids := take_accounts;
  if cardinality(settle_ids) > 0 then
    select array_agg(touched.id) into ids from (
      select unnest(holds.accounts) as id from holds where holds.id = any (settle_ids)
      union
      select unnest(take_accounts)
    ) touched;
  end if;
  -- The aggregates take the rows as they were locked, in the order of ids.
  select array_agg(locked.id), array_agg(locked.budget_id), array_agg(locked.settled), array_agg(locked.held),
    array_agg(locked.cap), array_agg(locked.soft)
  into ids, budget_of, settled_now, held_now, limits, softs
  from (
    select accounts.id, accounts.budget_id, accounts.settled, accounts.held,
      case when budgets.credit then accounts.credited else budgets.hard_nano end as cap,
      case when budgets.credit then accounts.credited - budgets.soft_nano else budgets.soft_nano end as soft
    from accounts join budgets on budgets.id = accounts.budget_id
    where accounts.id = any (ids)
    order by accounts.id for no key update of accounts
  ) locked;

  if cardinality(settle_ids) > 0 then
    for known in
      select asked.place::integer as place, holds.id, holds.accounts, holds.amount, holds.counted, holds.state,
        holds.charged, holds.organisation
      from unnest(settle_ids) with ordinality as asked (id, place) join holds on holds.id = asked.id
    loop
      place := known.place;
      path := known.accounts;
      -- Another process took it a moment ago, after the accounts were locked: it is not known yet.
      continue when (path <@ ids) is not true;
      charged := array_fill(0::bigint, array[cardinality(path)]);
      if known.state in ('held', 'kept') then
        total := 0;
        for l in settle_first[place] .. settle_first[place] + settle_lines[place] - 1 loop
          if line_amounts[l] < 0 then
            raise exception 'a charge of % for % is negative', line_amounts[l], known.id using errcode = '22023';
          end if;
          continue when line_amounts[l] = 0;
          total := total + line_amounts[l];
          counted := null;
          if line_rates[l] is not null then
            for j in 1 .. cardinality(path) loop
              counted[j] := ledger_counted(line_amounts[l],
                coalesce((line_rates[l] ->> budget_of[width_bucket(path[j], ids)])::bigint, 1000000));
            end loop;
          end if;
          for j in 1 .. cardinality(path) loop
            charged[j] := charged[j] + coalesce(counted[j], line_amounts[l]);
          end loop;
          transfer_ids := transfer_ids || ('charge/' || known.id || '/' || line_attempts[l]);
          transfer_lines := transfer_lines || l;
          transfer_calls := transfer_calls || known.id;
          transfer_paths := transfer_paths || path::text;
          transfer_counted := transfer_counted || counted::text;
          transfer_at := transfer_at || settle_at[place];
          transfer_organisations := transfer_organisations || known.organisation;
        end loop;
        resolved_ids := resolved_ids || known.id;
        resolved_charged := resolved_charged || total;
        resolved_states := resolved_states || case when settle_lines[place] = 0 then 'released' else 'settled' end;
        resolved_times := resolved_times || settle_at[place];
        verdict := 'settled'; nano := total;
      else
        verdict := 'again'; nano := known.charged;
      end if;
      overrun_nano := greatest(nano - known.amount, 0);
      left_nano := null;
      for j in 1 .. cardinality(path) loop
        p := width_bucket(path[j], ids);
        if verdict = 'settled' then
          before := settled_now[p];
          settled_now[p] := before + charged[j];
          held_now[p] := held_now[p] - coalesce(known.counted[j], known.amount);
          if before < softs[p] and settled_now[p] >= softs[p] then
            passed_accounts := passed_accounts || ids[p]; passed_places := passed_places || place;
            passed_marks := passed_marks || 'soft'::text; passed_settled := passed_settled || settled_now[p];
            passed_limits := passed_limits || softs[p];
          end if;
          if before < limits[p] and settled_now[p] >= limits[p] then
            passed_accounts := passed_accounts || ids[p]; passed_places := passed_places || place;
            passed_marks := passed_marks || 'hard'::text; passed_settled := passed_settled || settled_now[p];
            passed_limits := passed_limits || limits[p];
          end if;
        end if;
        left_nano := least(left_nano, limits[p] - settled_now[p] - held_now[p]);
      end loop;
      return next;
    end loop;
  end if;
  if cardinality(passed_accounts) > 0 then
    return query
      select passed.mark, passed.place, null::bigint, null::bigint, null::bigint, accounts.id, passed.settled,
        null::bigint, passed.at_limit, accounts.budget_id, accounts.subject, accounts.window_start
      from unnest(passed_marks, passed_places, passed_accounts, passed_settled, passed_limits)
        as passed (mark, place, id, settled, at_limit)
      join accounts on accounts.id = passed.id;
  end if;

  if cardinality(take_ids) > 0 then
    -- Asked again for a hold that there is: nearly never.
    if exists (select from holds where holds.id = any (take_ids)) then
      select array_agg(holds.amount order by asked.place) into taken_before
      from unnest(take_ids) with ordinality as asked (id, place) left join holds on holds.id = asked.id;
    end if;
    for i in 1 .. cardinality(take_ids) loop
      place := i;
      path := take_paths[i]::bigint[];
      rates := take_rates[i]::bigint[];
      tightest := null; short := null;
      for j in 1 .. cardinality(path) loop
        p := width_bucket(path[j], ids);
        if ids[p] is distinct from path[j] then
          raise exception 'there is no account %', path[j] using errcode = '23503';
        end if;
        continue when limits[p] is null;
        free := limits[p] - settled_now[p] - held_now[p];
        if free >= 0 and rates[j] = 0 then
          continue;
        elsif rates is not null and rates[j] > 0 then
          free := least(floor(free::numeric * 1000000 / rates[j]), 9223372036854775807);
        end if;
        if tightest is null or free < tightest then
          tightest := free; short := p;
        end if;
      end loop;
      account := null; at_settled := null; at_held := null; at_limit := null; overrun_nano := null;
      grant_nano := taken_before[i];
      fresh := grant_nano is null;
      if fresh and tightest < take_least[i] then
        verdict := 'refused'; nano := null; left_nano := null;
        account := ids[short]; at_settled := settled_now[short]; at_held := held_now[short]; at_limit := limits[short];
        return next;
        continue;
      end if;
      if fresh then
        grant_nano := least(take_wanted[i], tightest);
        counted := null;
      end if;
      left_nano := null;
      for j in 1 .. cardinality(path) loop
        p := width_bucket(path[j], ids);
        if fresh then
          if rates is null then
            held_now[p] := held_now[p] + grant_nano;
          else
            counted[j] := ledger_counted(grant_nano, rates[j]);
            held_now[p] := held_now[p] + counted[j];
          end if;
        end if;
        left_nano := least(left_nano, limits[p] - settled_now[p] - held_now[p]);
      end loop;
      if fresh then
        taken := taken || i;
        taken_amounts := taken_amounts || grant_nano;
        taken_counted := taken_counted || counted::text;
      end if;
      verdict := 'granted'; nano := grant_nano;
      return next;
    end loop;
  end if;

  update accounts set settled = reckoned.settled, held = reckoned.held
  from unnest(ids, settled_now, held_now) as reckoned (id, settled, held)
  where accounts.id = reckoned.id and (accounts.settled <> reckoned.settled or accounts.held <> reckoned.held);
  if cardinality(taken) > 0 then
    insert into holds (id, organisation, project, key_id, accounts, amount, counted, holder, taken_at, resolve_by,
      state)
    select take_ids[t.i], take_organisations[t.i], take_projects[t.i], take_keys[t.i], take_paths[t.i]::bigint[],
      t.amount, t.counted::bigint[], holder_given, take_at[t.i], take_resolve_by[t.i], 'held'
    from unnest(taken, taken_amounts, taken_counted) as t (i, amount, counted);
  end if;
  if cardinality(resolved_ids) > 0 then
    update holds set state = r.state, charged = r.charged, resolved_at = r.at
    from unnest(resolved_ids, resolved_states, resolved_charged, resolved_times) as r (id, state, charged, at)
    where holds.id = r.id;
  end if;
  if cardinality(transfer_ids) > 0 then
    insert into transfers (id, kind, contra, amount, debited, credited, counted, at, organisation, call_id, attempt,
      provider, model, usage_source, created_by)
    select t.id, 'charge', 'spend', line_amounts[t.l], t.path::bigint[], '{}', t.counted::bigint[], t.at,
      t.organisation, t.call, line_attempts[t.l], line_providers[t.l], line_models[t.l], line_sources[t.l], holder_given
    from unnest(transfer_ids, transfer_lines, transfer_calls, transfer_paths, transfer_counted, transfer_at,
      transfer_organisations) as t (id, l, call, path, counted, at, organisation);
  end if;
end $$;

-- Books one transfer by hand, once: 'booked', 'again' when it was booked before as it is now, 'conflict' when its id
-- stands for another one, 'short' when an account has not that much to give. 'counted_given' is null where every
-- account counts the amount itself.
create function ledger_post(
  id_given text, kind_given text, contra_given text, amount_given bigint,
  debited_given bigint[], credited_given bigint[], counted_given bigint[], at_given timestamptz,
  organisation_given text, call_given text, attempt_given integer, paid_given bigint, note_given text, by_given text
) returns text
language plpgsql set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
declare
  path bigint[] := debited_given || credited_given;
  booked transfers;
  missing bigint;
begin
  perform 1 from accounts where accounts.id = any (path) order by accounts.id for no key update;
  select * into booked from transfers where transfers.id = id_given;
  if booked.id is not null then
    return case when booked.kind = kind_given and booked.contra = contra_given and booked.amount = amount_given
      and booked.debited = debited_given and booked.credited = credited_given
      and booked.paid_nano is not distinct from paid_given then 'again' else 'conflict' end;
  end if;
  select count(*) into missing from unnest(path) as asked (id) left join accounts on accounts.id = asked.id
    where accounts.id is null;
  if missing > 0 then
    raise exception '% of the accounts of transfer % are not there', missing, id_given using errcode = '23503';
  end if;
  perform 1
  from unnest(path, coalesce(counted_given, array_fill(amount_given, array[cardinality(path)]))) with ordinality
    as asked (id, nano, place)
  join accounts on accounts.id = asked.id
  where (contra_given in ('spend', 'adjustment') and asked.place > cardinality(debited_given)
      and accounts.settled < asked.nano)
    or (contra_given in ('funding', 'credit') and asked.place <= cardinality(debited_given)
      and accounts.credited - accounts.settled - accounts.held < asked.nano);
  if found then
    return 'short';
  end if;
  insert into transfers (id, kind, contra, amount, debited, credited, counted, at, organisation, call_id, attempt,
    paid_nano, note, created_by)
  values (id_given, kind_given, contra_given, amount_given, debited_given, credited_given, counted_given, at_given,
    organisation_given, call_given, attempt_given, paid_given, note_given, by_given);
  update accounts set
    settled = settled + case when contra_given in ('spend', 'adjustment') then moved.nano else 0 end,
    credited = credited - case when contra_given in ('funding', 'credit') then moved.nano else 0 end
  from (
    select asked.id,
      sum(case when asked.place <= cardinality(debited_given) then asked.nano else -asked.nano end)::bigint as nano
    from unnest(path, coalesce(counted_given, array_fill(amount_given, array[cardinality(path)]))) with ordinality
      as asked (id, nano, place)
    group by asked.id
  ) moved
  where accounts.id = moved.id;
  return 'booked';
end $$;
`;
