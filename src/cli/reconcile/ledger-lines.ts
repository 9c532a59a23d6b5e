import type { AttemptReader, LedgerLine } from '../../compose/reconcile/reconcile.ts';
import { nanoDigits } from '../money-text.ts';
import type { AttemptRecord, CallRecord, Records } from '../records/records.ts';

/** The server answers for no more than three months at once. */
const STRETCH_MS = 30 * 86_400_000;
/** A call may have begun so long before its last attempt. */
const CALL_MS_MAX = 2 * 3_600_000;

/** The attempts at one provider, from the list of calls. */
export function ledgerLines(records: Records, provider: string): AttemptReader {
  return async function* attempts(from, to) {
    for (let since = from - CALL_MS_MAX; since < to; since += STRETCH_MS) {
      const until = Math.min(since + STRETCH_MS, to);
      const range = { since: new Date(since).toISOString(), until: new Date(until).toISOString() };
      for await (const call of records.eachCall({ provider, ...range })) yield* linesOf(call, provider, from, to);
    }
  };
}

function* linesOf(call: CallRecord, provider: string, from: number, to: number): Generator<LedgerLine> {
  for (const attempt of call.attempts) {
    const startedAt = Date.parse(attempt.started_at ?? call.created_at);
    if (attempt.provider === provider && startedAt >= from && startedAt < to) yield lineOf(call, attempt, startedAt);
  }
}

function lineOf(call: CallRecord, attempt: AttemptRecord, startedAt: number): LedgerLine {
  const { usage } = attempt;
  const cost = nanoDigits(attempt.cost?.nano_usd);
  return {
    callId: call.id,
    attempt: attempt.attempt,
    model: attempt.model,
    startedAt,
    tokens: {
      ...tokens('input', usage?.input_tokens),
      ...tokens('cachedInput', usage?.cached_input_tokens),
      ...tokens('cacheWrite', usage?.cache_write_tokens),
      ...tokens('output', usage?.output_tokens),
    },
    ...(attempt.outcome == null ? {} : { outcome: attempt.outcome }),
    ...(attempt.upstream_request_id == null ? {} : { upstreamRequestId: attempt.upstream_request_id }),
    ...(cost === undefined ? {} : { cost: cost as NonNullable<LedgerLine['cost']> }),
  };
}

function tokens<Kind extends keyof LedgerLine['tokens']>(kind: Kind, count: number | null | undefined) {
  return count == null ? {} : ({ [kind]: BigInt(count) } as { [key in Kind]: bigint });
}
