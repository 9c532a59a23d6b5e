import type { ColumnType, Generated } from 'kysely';

/** Written once, never changed. */
type Fixed<Type> = ColumnType<Type, Type, never>;

export interface BudgetsTable {
  id: Fixed<string>;
  organisation: string;
  scope_kind: 'organisation' | 'project' | 'key';
  scope_id: string;
  each: 'end_user' | 'task' | null;
  period: 'lifetime' | 'month' | 'week' | 'day' | 'hour';
  time_zone: string;
  hard_nano: bigint | null;
  soft_nano: bigint | null;
  credit: boolean;
  /** Pairs of a pattern and a rate in millionths, as text. */
  rates: ColumnType<BudgetRateRow[] | null, string | null, string | null>;
  source: Fixed<'database' | 'file'>;
  declared_in: string | null;
  created_at: Fixed<Date>;
  created_by: Fixed<string>;
  changed_at: Date;
  retired_at: Date | null;
}

export interface BudgetRateRow {
  readonly models: string;
  /** Digits: a number of JSON would be a float. */
  readonly ppm: string;
}

/** Changed by the functions of the ledger alone. */
export interface AccountsTable {
  id: Generated<bigint>;
  budget_id: Fixed<string>;
  subject: Fixed<string>;
  window_start: Fixed<Date>;
  window_end: Fixed<Date | null>;
  settled: bigint;
  held: bigint;
  credited: bigint;
}

export interface HoldsTable {
  id: Fixed<string>;
  organisation: Fixed<string>;
  project: Fixed<string>;
  key_id: Fixed<string>;
  accounts: Fixed<bigint[]>;
  amount: Fixed<bigint>;
  counted: Fixed<bigint[] | null>;
  holder: Fixed<string>;
  taken_at: Fixed<Date>;
  resolve_by: Fixed<Date>;
  state: 'held' | 'kept' | 'settled' | 'released';
  charged: bigint | null;
  resolved_at: Date | null;
}

/** Nothing changes a row. */
export interface TransfersTable {
  id: Fixed<string>;
  seq: Generated<bigint>;
  kind: Fixed<'charge' | 'top_up' | 'refund' | 'adjustment' | 'transfer'>;
  contra: Fixed<'spend' | 'adjustment' | 'funding' | 'credit'>;
  amount: Fixed<bigint>;
  debited: Fixed<bigint[]>;
  credited: Fixed<bigint[]>;
  counted: Fixed<bigint[] | null>;
  at: Fixed<Date>;
  organisation: Fixed<string>;
  call_id: Fixed<string | null>;
  attempt: Fixed<number | null>;
  provider: Fixed<string | null>;
  model: Fixed<string | null>;
  usage_source: Fixed<string | null>;
  paid_nano: Fixed<bigint | null>;
  note: Fixed<string | null>;
  created_by: Fixed<string>;
}
