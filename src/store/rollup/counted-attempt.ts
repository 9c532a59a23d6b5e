import type { AttemptEnd, AttemptStart } from '../../protocol/attempt-record.ts';
import type { Usage } from '../../protocol/usage.ts';

/** What usage is told apart by. */
export type UsageFacts = Pick<
  AttemptStart,
  'organisation' | 'project' | 'keyId' | 'provider' | 'model' | 'route' | 'endUser' | 'task' | 'tags'
> & { readonly operation: string };

/** Of the end of an attempt, what usage sums up. */
export type CountedEnd = Pick<
  AttemptEnd,
  'outcome' | 'last' | 'usage' | 'usageSource' | 'costNanoUsd' | 'chargeNanoUsd' | 'overrun' | 'firstTokenMs'
> & { readonly totalMs?: number };

/** An attempt that has ended, as usage counts it. */
export interface CountedAttempt {
  /** Milliseconds since the epoch. */
  readonly callStartedAt: number;
  readonly facts: UsageFacts;
  readonly end: CountedEnd;
}

type Row = Readonly<Partial<Record<string, unknown>>>;

/** A row of `attempts` as usage counts it; `undefined` while the attempt runs. */
export function countedRow(row: Row): CountedAttempt | undefined {
  const { call_started_at: callStartedAt } = row;
  if (row['outcome'] == null || !(callStartedAt instanceof Date)) return undefined;
  return {
    callStartedAt: callStartedAt.getTime(),
    facts: {
      organisation: String(row['organisation']),
      project: String(row['project']),
      keyId: String(row['key_id']),
      provider: String(row['provider']),
      model: String(row['model']),
      operation: String(row['operation']),
      route: String(row['route']),
      ...known('endUser', text(row['end_user'])),
      ...known('task', text(row['task'])),
      ...known('tags', Array.isArray(row['tags']) ? row['tags'].map(String) : undefined),
    },
    end: {
      outcome: String(row['outcome']) as CountedEnd['outcome'],
      last: row['last'] === true,
      usage: usageOf(row),
      ...known('usageSource', text(row['usage_source']) as CountedEnd['usageSource']),
      ...known('costNanoUsd', text(row['cost_nano_usd'])),
      ...known('chargeNanoUsd', text(row['charge_nano_usd'])),
      ...known('overrun', row['overrun'] === true ? true : undefined),
      ...known('totalMs', number(row['total_ms'])),
      ...known('firstTokenMs', number(row['first_token_ms'])),
    },
  };
}

function usageOf(row: Row): Usage {
  return {
    ...known('inputTokens', number(row['input_tokens'])),
    ...known('cachedInputTokens', number(row['cached_input_tokens'])),
    ...known('cacheWriteTokens', number(row['cache_write_tokens'])),
    ...known('outputTokens', number(row['output_tokens'])),
    ...known('reasoningTokens', number(row['reasoning_tokens'])),
  };
}

function text(value: unknown): string | undefined {
  return value == null ? undefined : String(value);
}

function number(value: unknown): number | undefined {
  return value == null ? undefined : Number(value);
}

function known<Name extends string, Value>(name: Name, value: Value | undefined): { [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]?: Value });
}
