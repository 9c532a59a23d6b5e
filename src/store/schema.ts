import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { AttemptOutcome } from '../protocol/attempt-record.ts';
import type { Dialect, Operation } from '../protocol/operation.ts';
import type { UsageSource } from '../protocol/usage.ts';
import type { AccountsTable, BudgetsTable, HoldsTable, TransfersTable } from './ledger-tables.ts';

/** A set instant. Always given by the caller: no statement asks the database what time it is. */
type Instant = Date;
/** Written once, never changed. */
type Fixed<Type> = ColumnType<Type, Type, never>;

export interface OrganisationsTable {
  id: Fixed<string>;
  name: string;
  created_at: Fixed<Instant>;
}

export interface ProjectsTable {
  id: Fixed<string>;
  organisation_id: Fixed<string>;
  name: string;
  created_at: Fixed<Instant>;
}

export interface KeysTable {
  id: Fixed<string>;
  organisation_id: Fixed<string>;
  project_id: Fixed<string>;
  parent_key_id: Fixed<string | null>;
  name: string;
  prefix: Fixed<string>;
  last4: Fixed<string>;
  pepper_id: Fixed<string>;
  hash: Fixed<Buffer>;
  scopes: string[];
  expires_at: Instant | null;
  revoked_at: Instant | null;
  created_at: Fixed<Instant>;
  created_by: Fixed<string>;
  source: Generated<string>;
  /** Null: no restriction. */
  allow_models: Fixed<string[] | null>;
  allow_routes: Fixed<string[] | null>;
  allow_addresses: Fixed<string[] | null>;
}

/** One row per attempt; see `AttemptStart` and `AttemptEnd`. What the end tells is null while it runs. */
export interface AttemptsTable {
  call_started_at: Instant;
  call_id: string;
  attempt: number;
  started_at: Instant;
  organisation: string;
  project: string;
  key_id: string;
  parent_key_id: string | null;
  end_user: string | null;
  task: string | null;
  tags: string[] | null;
  metadata: Record<string, string> | null;
  operation: Operation;
  dialect: Dialect;
  stream: boolean;
  model_asked: string;
  route: string;
  route_reason: string;
  provider: string;
  model: string;
  credential: string | null;
  config_version: string;
  price_version: string;
  trace_id: string | null;
  client_request_id: string | null;
  ended_at: Instant | null;
  outcome: AttemptOutcome | null;
  last: boolean | null;
  status: number | null;
  client_status: number | null;
  error_code: string | null;
  error_message: string | null;
  finish_reason: string | null;
  input_tokens: bigint | null;
  cached_input_tokens: bigint | null;
  output_tokens: bigint | null;
  reasoning_tokens: bigint | null;
  usage_source: UsageSource | null;
  cost_nano_usd: bigint | null;
  first_token_ms: number | null;
  total_ms: number | null;
  upstream_request_id: string | null;
  journal: string;
  cache_write_tokens: bigint | null;
  /** What of `Usage` has no column of its own. */
  usage_detail: Record<string, unknown> | null;
  charge_nano_usd: bigint | null;
  hold_nano_usd: bigint | null;
  overrun: boolean | null;
}

/** What a task cost besides models, as its application reported it. Never changed. */
export interface TaskCostsTable {
  organisation: string;
  project: string;
  id: string;
  task: string;
  kind: 'tool' | 'search' | 'human_review' | 'other';
  amount_nano_usd: bigint;
  description: string | null;
  key_id: string;
  end_user: string | null;
  at: Instant;
}

/** See `KeptResponse`. */
export interface ResponsesTable {
  organisation: Fixed<string>;
  project: Fixed<string>;
  id: Fixed<string>;
  key_id: Fixed<string>;
  created_at: Fixed<Instant>;
  expires_at: Instant;
  previous_id: Fixed<string | null>;
  deployment: Fixed<string>;
  upstream_keeps: Fixed<boolean>;
  input: Fixed<string>;
  response: Fixed<string>;
  /** Of both texts. */
  bytes: Fixed<number>;
}

/** See `KeptConversation`. */
export interface ConversationsTable {
  organisation: Fixed<string>;
  project: Fixed<string>;
  id: Fixed<string>;
  created_at: Fixed<Instant>;
  expires_at: Instant;
  metadata: string;
  /** Of all its items. */
  bytes: bigint;
}

/** See `KeptItem`. */
export interface ConversationItemsTable {
  project: Fixed<string>;
  conversation_id: Fixed<string>;
  position: GeneratedAlways<bigint>;
  id: Fixed<string>;
  item: Fixed<string>;
  deployment: Fixed<string | null>;
}

export interface JournalCursorTable {
  journal: string;
  segment: bigint;
  byte_offset: bigint;
  last_at: Instant;
}

export interface Schema {
  organisations: OrganisationsTable;
  projects: ProjectsTable;
  keys: KeysTable;
  attempts: AttemptsTable;
  task_costs: TaskCostsTable;
  journal_cursor: JournalCursorTable;
  responses: ResponsesTable;
  conversations: ConversationsTable;
  conversation_items: ConversationItemsTable;
  budgets: BudgetsTable;
  accounts: AccountsTable;
  holds: HoldsTable;
  transfers: TransfersTable;
}
