import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AttemptEnd, AttemptStart } from '../protocol/attempt-record.ts';

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
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];

/**
 * Prometheus metrics. Labels are few-valued: provider, operation, outcome and
 * status class; models, keys and users are in the log and the store, not here.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #attempts = this.#counter('leeward_attempts_total', 'Attempts at a target that ended', [
    'provider',
    'operation',
    'outcome',
  ]);
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
  readonly #duration = this.#histogram('leeward_attempt_duration_seconds', 'From dispatch to the last byte', [
    'provider',
    'operation',
  ]);
  readonly #firstToken = this.#histogram('leeward_time_to_first_token_seconds', 'From dispatch to the first content', [
    'provider',
  ]);
  readonly #known = new Set<string>();

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
    this.#attempts.inc({ provider, operation, outcome: end.outcome });
    this.#duration.observe({ provider, operation }, end.totalMs / 1_000);
    if (end.firstTokenMs !== undefined) this.#firstToken.observe({ provider }, end.firstTokenMs / 1_000);
    const { inputTokens, outputTokens } = end.usage ?? {};
    if (inputTokens !== undefined) this.#tokens.inc({ provider, direction: 'input' }, inputTokens);
    if (outputTokens !== undefined) this.#tokens.inc({ provider, direction: 'output' }, outputTokens);
    if (end.costNanoUsd === undefined) this.#unpriced.inc({ provider });
    else this.#costNano.inc({ provider }, Number(end.costNanoUsd));
    if (end.last) this.#calls.inc({ operation, status_class: statusClass(end.clientStatus) });
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

  #histogram<Label extends string>(name: string, help: string, labelNames: Label[]): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [this.registry] });
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

function statusClass(status: number | undefined): string {
  return status === undefined ? 'none' : `${Math.floor(status / 100)}xx`;
}
