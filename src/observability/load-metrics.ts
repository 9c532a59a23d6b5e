import { Counter, Gauge, type Registry } from 'prom-client';

export interface LoadReadings {
  /** Of the last second, in milliseconds. */
  loopDelayMs(): number;
  /** Share of a priority's calls that is refused now, 0–1. */
  shedShare(priority: string): number;
}

/** Prometheus metrics of the process's own load, and of the calls that were refused for it. */
export class LoadMetrics {
  readonly #shed: Counter<'priority' | 'reason'>;

  constructor(registry: Registry, priorities: readonly string[], readings: LoadReadings) {
    const registers = [registry];
    this.#shed = new Counter({
      name: 'leeward_shed_total',
      help: 'Calls refused because the process had more to do than it can',
      labelNames: ['priority', 'reason'],
      registers,
    });
    new Gauge({
      name: 'leeward_event_loop_delay_seconds',
      help: 'How late the event loop came to its timers in the last second, at worst',
      registers,
      collect() {
        this.set(readings.loopDelayMs() / 1_000);
      },
    });
    new Gauge({
      name: 'leeward_shed_share',
      help: 'Share of the calls of a priority that is refused for load',
      labelNames: ['priority'],
      registers,
      collect() {
        for (const priority of priorities) this.set({ priority }, readings.shedShare(priority));
      },
    });
  }

  shed(priority: string, reason: string): void {
    this.#shed.inc({ priority, reason });
  }
}
