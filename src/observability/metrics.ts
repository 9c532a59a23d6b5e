import { Counter, Gauge, Registry } from 'prom-client';
import type { AttemptEnd, AttemptStart } from '../protocol/attempt-record.ts';
import { DurationHistogram, type DurationSeries } from './duration-histogram.ts';

/** What is read when a scrape comes, rather than counted as it happens. */
export interface GaugeReadings {
  exchangesRunning(): number;
  bodyBytesInFlight(): number;
  journalLagRecords(): number;
  journalLagBytes(): number;
  storeOpen(): boolean;
}

/** More label values than this are counted as `other`: labels come from configuration and callers must not grow them. */
const LABEL_VALUES_MAX = 200;

/**
 * Prometheus metrics. Labels are few-valued: provider, operation, outcome and
 * status class; models, keys and users are in the log and the store, not here.
 */
export class Metrics {
  readonly registry = new Registry();
  // The first to be read at a scrape: it brings all counters up to date.
  readonly #attempts = new Counter({
    name: 'leeward_attempts_total',
    help: 'Attempts at a target that ended',
    labelNames: ['provider', 'operation', 'outcome'],
    registers: [this.registry],
    collect: () => this.#handAll(),
  });
  readonly #calls = this.#counter('leeward_calls_total', 'Calls that ended', ['operation', 'status_class']);
  readonly #refused = this.#counter('leeward_refused_total', 'Requests refused before any attempt', ['code']);
  readonly #tokens = this.#counter('leeward_tokens_total', 'Tokens as providers report them', [
    'provider',
    'direction',
  ]);
  readonly #costNano = this.#counter('leeward_cost_nano_usd_total', 'Cost of priced attempts, in nano-USD', [
    'provider',
  ]);
  readonly #unpriced = this.#counter('leeward_unpriced_attempts_total', 'Attempts whose cost is unknown', ['provider']);
  readonly #doubted = this.#counter(
    'leeward_usage_doubted_total',
    'Attempts whose usage was estimated because the provider’s cannot be so',
    ['provider'],
  );
  readonly #detours = this.#counter(
    'leeward_detours_total',
    'Hedges, and calls that got less than they asked for, by the way they took',
    ['detour'],
  );
  readonly #duration = this.#histogram('leeward_attempt_duration_seconds', 'From dispatch to the last byte', [
    'provider',
    'operation',
  ]);
  readonly #firstToken = this.#histogram('leeward_time_to_first_token_seconds', 'From dispatch to the first content', [
    'provider',
  ]);
  readonly #known = new Set<string>();
  /** What has been counted since the last scrape, by provider and operation. */
  readonly #tallies = new Map<string, Map<string, Tally>>();

  constructor(version: string, readings: GaugeReadings) {
    this.#reading('leeward_exchanges_running', 'Calls under way', () => readings.exchangesRunning());
    this.#reading('leeward_body_bytes_in_flight', 'Request bytes held in memory', () => readings.bodyBytesInFlight());
    this.#reading('leeward_journal_lag_records', 'Journal records not yet in the store', () =>
      readings.journalLagRecords(),
    );
    this.#reading('leeward_journal_lag_bytes', 'Journal bytes not yet in the store', () => readings.journalLagBytes());
    this.#reading('leeward_store_open', '1 while the store answers', () => (readings.storeOpen() ? 1 : 0));
    const info = new Gauge({
      name: 'leeward_build_info',
      help: 'The running version',
      labelNames: ['version'],
      registers: [this.registry],
    });
    info.set({ version }, 1);
  }

  attemptEnded(start: AttemptStart, end: AttemptEnd): void {
    const provider = this.#bounded(start.provider);
    const operation = start.operation;
    const tally = this.#tally(provider, operation);
    tally.outcomes.set(end.outcome, (tally.outcomes.get(end.outcome) ?? 0) + 1);
    tally.duration.observe(end.totalMs / 1_000);
    if (end.firstTokenMs !== undefined) {
      tally.firstToken ??= this.#firstToken.series({ provider });
      tally.firstToken.observe(end.firstTokenMs / 1_000);
    }
    const { inputTokens, outputTokens } = end.usage ?? {};
    tally.inputTokens += inputTokens ?? 0;
    tally.outputTokens += outputTokens ?? 0;
    if (end.costNanoUsd === undefined) tally.unpriced++;
    else tally.costNanoUsd += BigInt(end.costNanoUsd);
    if (!end.last) return;
    const status = statusClass(end.clientStatus);
    tally.calls.set(status, (tally.calls.get(status) ?? 0) + 1);
  }

  #tally(provider: string, operation: string): Tally {
    const operations = foundOrMade(this.#tallies, provider, () => new Map<string, Tally>());
    return foundOrMade(operations, operation, () => emptyTally(this.#duration.series({ provider, operation })));
  }

  /** Counting with labels costs as much as all else about an attempt's end, so it is done once per scrape. */
  #hand(provider: string, operation: string, tally: Tally): void {
    for (const [outcome, count] of tally.outcomes) this.#attempts.inc({ provider, operation, outcome }, count);
    for (const [status, count] of tally.calls) this.#calls.inc({ operation, status_class: status }, count);
    if (tally.inputTokens > 0) this.#tokens.inc({ provider, direction: 'input' }, tally.inputTokens);
    if (tally.outputTokens > 0) this.#tokens.inc({ provider, direction: 'output' }, tally.outputTokens);
    if (tally.costNanoUsd > 0n) this.#costNano.inc({ provider }, Number(tally.costNanoUsd));
    if (tally.unpriced > 0) this.#unpriced.inc({ provider }, tally.unpriced);
  }

  #handAll(): void {
    for (const [provider, operations] of this.#tallies) {
      for (const [operation, tally] of operations) this.#hand(provider, operation, tally);
    }
    this.#tallies.clear();
  }

  usageDoubted(provider: string): void {
    this.#doubted.inc({ provider: this.#bounded(provider) });
  }

  detoured(detour: string): void {
    this.#detours.inc({ detour });
  }

  refused(code: string): void {
    this.#refused.inc({ code });
  }

  #bounded(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= LABEL_VALUES_MAX) return 'other';
    this.#known.add(value);
    return value;
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string, labelNames: string[]): DurationHistogram {
    return new DurationHistogram({ name, help, labelNames, registry: this.registry });
  }

  #reading(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}

interface Tally {
  readonly outcomes: Map<string, number>;
  readonly calls: Map<string, number>;
  inputTokens: number;
  outputTokens: number;
  costNanoUsd: bigint;
  unpriced: number;
  readonly duration: DurationSeries;
  firstToken: DurationSeries | undefined;
}

function emptyTally(duration: DurationSeries): Tally {
  return {
    outcomes: new Map(),
    calls: new Map(),
    inputTokens: 0,
    outputTokens: 0,
    costNanoUsd: 0n,
    unpriced: 0,
    duration,
    firstToken: undefined,
  };
}

function foundOrMade<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

const STATUS_CLASSES = ['0xx', '1xx', '2xx', '3xx', '4xx', '5xx'];

function statusClass(status: number | undefined): string {
  return status === undefined ? 'none' : (STATUS_CLASSES[Math.floor(status / 100)] ?? 'none');
}
