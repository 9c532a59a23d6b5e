import { Histogram, type Registry } from 'prom-client';

type Labels = Readonly<Record<string, string>>;

export interface DurationHistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly registry: Registry;
}

/** Upper bounds of the buckets, seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];

/** What has been observed under one set of labels. */
export class DurationSeries {
  readonly labels: Labels;
  /** One for each bound, not cumulated, and one for what is above them all. */
  readonly counts = new Float64Array(BOUNDS.length + 1);
  sumSeconds = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  observe(seconds: number): void {
    let bucket = 0;
    while (seconds > (BOUNDS[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sumSeconds += seconds;
  }
}

/**
 * A histogram whose labels are looked up once and not at every observation:
 * at every attempt that costs as much as all else that is counted of it.
 */
export class DurationHistogram extends Histogram {
  readonly #about: DurationHistogramOptions;
  readonly #series: DurationSeries[] = [];

  constructor(about: DurationHistogramOptions) {
    const { name, help, labelNames, registry } = about;
    super({ name, help, labelNames: [...labelNames], buckets: BOUNDS, registers: [registry] });
    this.#about = about;
  }

  /** The one with these labels, all of which it has to have. */
  series(labels: Labels): DurationSeries {
    const known = this.#series.find((one) =>
      Object.entries(labels).every(([name, value]) => one.labels[name] === value),
    );
    if (known !== undefined) return known;
    const made = new DurationSeries(labels);
    this.#series.push(made);
    return made;
  }

  /** What the registry asks for at a scrape. */
  async getForPromString() {
    const { name, help } = this.#about;
    return { name, help, type: 'histogram', values: this.#series.flatMap((series) => valuesOf(name, series)) };
  }
}

function valuesOf(name: string, { labels, counts, sumSeconds }: DurationSeries) {
  let count = 0;
  const buckets = Array.from(counts, (inBucket, index) => {
    count += inBucket;
    return {
      metricName: `${name}_bucket`,
      labels: { le: BOUNDS[index] ?? '+Inf' },
      sharedLabels: labels,
      value: count,
    };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: {}, sharedLabels: labels, value: sumSeconds },
    { metricName: `${name}_count`, labels: {}, sharedLabels: labels, value: count },
  ];
}
