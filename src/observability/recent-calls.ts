import type { AttemptRecord } from '../protocol/attempt-record.ts';
import type { AttemptView, CallView } from '../protocol/call-view.ts';

const CALLS_MAX = 1_000;

/**
 * The calls under way and the last thousand that ended, in memory: what
 * `GET /v1/calls/{id}` asks first and what the page shows live. Fed by the same
 * records that go into the journal, so that both always agree.
 */
export class RecentCalls {
  readonly #calls = new Map<string, CallView>();
  readonly #listeners = new Set<(call: CallView) => void>();

  record(record: AttemptRecord): void {
    const known = this.#calls.get(record.callId);
    const call = withRecord(known, record);
    if (call === undefined) return;
    this.#calls.set(record.callId, call);
    if (known === undefined) this.#forgetOldest();
    for (const listener of this.#listeners) listener(call);
  }

  get(callId: string): CallView | undefined {
    return this.#calls.get(callId);
  }

  /** The newest first. */
  list(limit: number): CallView[] {
    return [...this.#calls.values()].slice(-limit).reverse();
  }

  /** Calls `listener` at each change of a call, until the returned function is called. */
  subscribe(listener: (call: CallView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #forgetOldest(): void {
    if (this.#calls.size <= CALLS_MAX) return;
    const oldest = this.#calls.keys().next();
    if (!oldest.done) this.#calls.delete(oldest.value);
  }
}

/** The call's view after one more record; `undefined` for the end of a call that was already forgotten. */
export function withRecord(known: CallView | undefined, record: AttemptRecord): CallView | undefined {
  if (record.kind === 'start') {
    const { kind, callId, attempt, callStartedAt, startedAt, provider, model, credential, routeReason, ...shared } =
      record;
    const started: AttemptView = {
      attempt,
      provider,
      model,
      ...(credential === undefined ? {} : { credential }),
      routeReason,
      startedAt,
    };
    return { ...shared, id: callId, startedAt: callStartedAt, attempts: [...(known?.attempts ?? []), started] };
  }
  if (known === undefined) return undefined;
  const { kind, callId, attempt, callStartedAt, endedAt, last, clientStatus, costNanoUsd, ...facts } = record;
  const attempts = known.attempts.map((view) =>
    view.attempt === attempt
      ? { ...view, ...facts, ...(costNanoUsd === undefined ? {} : { costNanoUsd: BigInt(costNanoUsd) }) }
      : view,
  );
  if (!last) return { ...known, attempts };
  return {
    ...known,
    attempts,
    totalMs: endedAt - callStartedAt,
    ...(clientStatus === undefined ? {} : { clientStatus }),
    ...(record.errorCode === undefined ? {} : { errorCode: record.errorCode }),
  };
}
