import { Counter, Gauge, type Registry } from 'prom-client';

/** The part of a target's weather that is counted. */
export interface MeasuredTarget {
  readonly provider: string;
  readonly model: string;
  readonly closure?: { readonly kind: string };
  readonly inFlight: number;
  readonly concurrencyLimit?: number;
  readonly firstTokenP95Ms?: number;
  readonly breaker?: { readonly openings: number };
  readonly slow?: { readonly openings: number };
  readonly retries?: { readonly allowed: number; readonly refused: number };
}

export interface WeatherReadings {
  targets(): readonly MeasuredTarget[];
  /** Whether the configuration knows the model; others are counted together, because callers make up names. */
  knows(provider: string, model: string): boolean;
}

type Place = 'provider' | 'model';

/**
 * Prometheus metrics of what routing knows of its targets, read when a scrape
 * comes. A target with several credentials is one series: its gauges add up.
 */
export class WeatherMetrics {
  readonly #readings: WeatherReadings;
  readonly #closed: Gauge<Place | 'kind'>;
  readonly #inFlight: Gauge<Place>;
  readonly #limit: Gauge<Place>;
  readonly #firstToken: Gauge<Place>;
  readonly #openings: Counter<Place | 'kind'>;
  readonly #retries: Counter<Place | 'result'>;

  constructor(registry: Registry, readings: WeatherReadings) {
    const registers = [registry];
    const place: Place[] = ['provider', 'model'];
    this.#readings = readings;
    this.#closed = new Gauge({
      name: 'leeward_target_closed',
      help: 'Credentials of a target that calls may not use now, by why',
      labelNames: [...place, 'kind'],
      registers,
      // The first of these to be read at a scrape: it brings all up to date.
      collect: () => this.#read(),
    });
    this.#inFlight = new Gauge({
      name: 'leeward_target_in_flight',
      help: 'Attempts under way at a target',
      labelNames: place,
      registers,
    });
    this.#limit = new Gauge({
      name: 'leeward_target_concurrency_limit',
      help: 'Attempts at once that a target is thought to bear',
      labelNames: place,
      registers,
    });
    this.#firstToken = new Gauge({
      name: 'leeward_target_first_token_p95_seconds',
      help: 'p95 of the time to the first token of the latest streamed answers; the worst of its credentials',
      labelNames: place,
      registers,
    });
    this.#openings = new Counter({
      name: 'leeward_breaker_openings_total',
      help: 'How often a target was taken out for its failures or for being slow',
      labelNames: [...place, 'kind'],
      registers,
    });
    this.#retries = new Counter({
      name: 'leeward_retries_total',
      help: 'Further attempts of calls that began at a target, by whether its retry budget allowed them',
      labelNames: [...place, 'result'],
      registers,
    });
  }

  #read(): void {
    for (const metric of [this.#closed, this.#inFlight, this.#limit, this.#firstToken, this.#openings, this.#retries]) {
      metric.reset();
    }
    const worst = new Map<string, number>();
    for (const target of this.#readings.targets()) {
      const known = this.#readings.knows(target.provider, target.model);
      const place = { provider: target.provider, model: known ? target.model : 'other' };
      this.#inFlight.inc(place, target.inFlight);
      if (target.closure !== undefined) this.#closed.inc({ ...place, kind: target.closure.kind });
      if (target.concurrencyLimit !== undefined) this.#limit.inc(place, target.concurrencyLimit);
      this.#count(place, target);
      if (target.firstTokenP95Ms === undefined) continue;
      const name = `${place.provider}/${place.model}`;
      worst.set(name, Math.max(worst.get(name) ?? 0, target.firstTokenP95Ms));
      this.#firstToken.set(place, (worst.get(name) ?? 0) / 1_000);
    }
  }

  #count(place: { readonly provider: string; readonly model: string }, target: MeasuredTarget): void {
    const { breaker, slow, retries } = target;
    if (breaker !== undefined) this.#openings.inc({ ...place, kind: 'failures' }, breaker.openings);
    if (slow !== undefined) this.#openings.inc({ ...place, kind: 'slow' }, slow.openings);
    if (retries === undefined) return;
    this.#retries.inc({ ...place, result: 'allowed' }, retries.allowed);
    this.#retries.inc({ ...place, result: 'refused' }, retries.refused);
  }
}
