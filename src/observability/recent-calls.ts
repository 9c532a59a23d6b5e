import type { AttemptEnd, AttemptRecord, AttemptStart } from '../protocol/attempt-record.ts';
import type { AttemptView, CallView } from '../protocol/call-view.ts';

/**
 * Of calls that are in the journal: what was said of them a moment ago, until
 * the store has it. Few, because what is kept past two of the garbage
 * collector's rounds is dear: with a thousand a round took 3.9 ms, with a
 * hundred 1.4.
 */
const JOURNALED_CALLS = 128;
/** Of those that were refused, which are nowhere else. */
const REFUSED_CALLS = 1_000;

/** The end of a call that none of its attempts tells. */
interface Refusal {
  readonly kind: 'refused';
  readonly callId: string;
  readonly call: CallView;
}

type KnownRecord = AttemptStart | AttemptEnd | Refusal;

interface KnownCall {
  readonly callId: string;
  /** In the order they were written. */
  readonly records: KnownRecord[];
  /** Another whose id has the same number. */
  readonly namesake: KnownCall | undefined;
}

/**
 * Calls by their ids, in the order in which they came. The map's keys are
 * numbers: V8 enters each text that is looked up in a map into a table of all
 * texts there are, and ids are new ones at every call.
 */
class CallShelf {
  readonly calls: KnownCall[] = [];
  readonly #byNumber = new Map<number, KnownCall>();

  add(callId: string, records: KnownRecord[]): void {
    const number = numberOf(callId);
    const call = { callId, records, namesake: this.#byNumber.get(number) };
    this.#byNumber.set(number, call);
    this.calls.push(call);
  }

  recordsOf(callId: string): KnownRecord[] | undefined {
    let call = this.#byNumber.get(numberOf(callId));
    while (call !== undefined && call.callId !== callId) call = call.namesake;
    return call?.records;
  }
}

/**
 * The last calls of some kind. Two shelves take turns: when the young one is
 * full it becomes the old one, and the old one goes. Nothing is ever deleted
 * from a map, because a map that is added to and deleted from all the time
 * costs the garbage collector dearly (see `Exchanges`).
 */
class LastCalls {
  readonly #shelfCalls: number;
  #young = new CallShelf();
  #old = new CallShelf();

  /** @param calls so many are known at least, and twice as many at most */
  constructor(calls: number) {
    this.#shelfCalls = calls;
  }

  /** @param callId of a call that is not among them */
  add(callId: string, records: KnownRecord[]): void {
    this.#young.add(callId, records);
    if (this.#young.calls.length < this.#shelfCalls) return;
    this.#old = this.#young;
    this.#young = new CallShelf();
  }

  recordsOf(callId: string): KnownRecord[] | undefined {
    return this.#young.recordsOf(callId) ?? this.#old.recordsOf(callId);
  }

  /** In the order in which they were added. */
  all(): KnownCall[] {
    return [...this.#old.calls, ...this.#young.calls];
  }
}

/** Of the end of an id, which is random: six characters of five bits. */
function numberOf(callId: string): number {
  let number = 0;
  for (let at = Math.max(0, callId.length - 6); at < callId.length; at++) {
    number = ((number << 5) ^ callId.charCodeAt(at)) & 0x3fffffff;
  }
  return number;
}

/**
 * The last calls that began or were refused, in memory: what
 * `GET /v1/calls/{id}` asks first and what the page shows live. It keeps the
 * very records that go into the journal and makes a view of them only when
 * somebody looks, because most calls are never looked at.
 */
export class RecentCalls {
  readonly #journaled = new LastCalls(JOURNALED_CALLS);
  readonly #refused = new LastCalls(REFUSED_CALLS);
  readonly #listeners = new Set<(call: CallView) => void>();

  record(record: AttemptRecord): void {
    // How far an attempt has come is for whoever finds it after a crash; here its end will tell.
    if (record.kind === 'checkpoint') return;
    // The first record of a call can be nowhere yet.
    const first = record.kind === 'start' && record.attempt === 1;
    const records = first ? undefined : this.#records(record.callId);
    if (records !== undefined) records.push(record);
    else if (record.kind === 'start') this.#journaled.add(record.callId, [record]);
    this.#tell(record.callId);
  }

  /** A call that was refused: its attempts, if it had any, stay with it. It is in no journal, so memory is where it can be found. */
  refused(call: CallView): void {
    const refusal: Refusal = { kind: 'refused', callId: call.id, call };
    this.#refused.add(call.id, [...(this.#journaled.recordsOf(call.id) ?? []), refusal]);
    this.#tell(call.id);
  }

  /** For a call whose record was put right in the store: from then on it is asked there. */
  forget(callId: string): void {
    for (const calls of [this.#refused, this.#journaled]) calls.recordsOf(callId)?.splice(0);
  }

  get(callId: string): CallView | undefined {
    const records = this.#records(callId);
    return records === undefined ? undefined : callView(records);
  }

  /** The newest first. @param limit at most as many as are known of those in the journal */
  list(limit: number): CallView[] {
    const calls = new Map<string, CallView>();
    for (const { callId, records } of [...this.#journaled.all(), ...this.#refused.all()]) {
      const call = callView(records);
      if (call !== undefined) calls.set(callId, call);
    }
    // Ids sort by time.
    return [...calls.values()].sort((one, other) => (one.id < other.id ? 1 : -1)).slice(0, limit);
  }

  /** Calls `listener` at each change of a call, until the returned function is called. */
  subscribe(listener: (call: CallView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #records(callId: string): KnownRecord[] | undefined {
    return this.#refused.recordsOf(callId) ?? this.#journaled.recordsOf(callId);
  }

  #tell(callId: string): void {
    if (this.#listeners.size === 0) return;
    const call = this.get(callId);
    if (call !== undefined) for (const listener of this.#listeners) listener(call);
  }
}

/** A call as its records tell it, in the order they were written; `undefined` when they begin with an end. */
export function callView(records: readonly KnownRecord[]): CallView | undefined {
  let call: CallView | undefined;
  for (const record of records) call = withRecord(call, record);
  return call;
}

function withRecord(known: CallView | undefined, record: KnownRecord): CallView | undefined {
  if (record.kind === 'refused') return { ...record.call, attempts: known?.attempts ?? [] };
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
      priceVersion: record.priceVersion,
    };
    return { ...shared, id: callId, startedAt: callStartedAt, attempts: [...(known?.attempts ?? []), started] };
  }
  if (known === undefined) return undefined;
  const { kind, callId, attempt, callStartedAt, endedAt, last, clientStatus, ...told } = record;
  const { costNanoUsd, chargeNanoUsd, holdNanoUsd, ...facts } = told;
  const amounts = {
    ...(costNanoUsd === undefined ? {} : { costNanoUsd: BigInt(costNanoUsd) }),
    ...(chargeNanoUsd === undefined ? {} : { chargeNanoUsd: BigInt(chargeNanoUsd) }),
    ...(holdNanoUsd === undefined ? {} : { holdNanoUsd: BigInt(holdNanoUsd) }),
  };
  const attempts = known.attempts.map((view) => (view.attempt === attempt ? { ...view, ...facts, ...amounts } : view));
  if (!last) return { ...known, attempts };
  return {
    ...known,
    attempts,
    totalMs: endedAt - callStartedAt,
    ...(clientStatus === undefined ? {} : { clientStatus }),
    ...(record.errorCode === undefined ? {} : { errorCode: record.errorCode }),
  };
}
