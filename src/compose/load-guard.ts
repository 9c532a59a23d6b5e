import type { Registry } from 'prom-client';
import { LoadShed } from '../edge/http/load-shed.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import { LoadMetrics } from '../observability/load-metrics.ts';
import type { ShedPolicy } from '../protocol/policy.ts';
import { PRIORITIES, type Priority } from '../protocol/priority.ts';
import { LoadMonitor, type LoadMonitorParts } from './load-monitor.ts';

export interface LoadGuardParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: LoadMonitorParts['log'];
  readonly registry: Registry;
  /** In force now; `undefined` while nothing is to be shed. */
  policy(): ShedPolicy | undefined;
  /** Calls under way. */
  inFlight(): number;
}

/** Who watches the process's load, refuses what is too much, and tells of it. */
export class LoadGuard {
  readonly #parts: LoadGuardParts;
  readonly #shed: LoadShed;
  readonly #monitor: LoadMonitor;

  constructor(parts: LoadGuardParts) {
    const { clock, random, log, registry } = parts;
    this.#parts = parts;
    this.#shed = new LoadShed({
      random,
      policy: () => parts.policy(),
      onShed: (priority, reason) => {
        metrics.shed(priority, reason);
        this.#monitor.refused(priority, reason);
      },
    });
    this.#monitor = new LoadMonitor({ clock, log, shed: this.#shed, inFlight: () => parts.inFlight() });
    const metrics = new LoadMetrics(registry, PRIORITIES, {
      loopDelayMs: () => this.#monitor.reading.loopDelayMs,
      shedShare: (priority) => this.#shed.shareOf(priority as Priority),
    });
  }

  /** @throws `overloaded` where a call of this priority may not come in now */
  admit(priority: Priority): void {
    this.#shed.admit(priority, this.#parts.inFlight());
  }

  start(): void {
    this.#monitor.start();
  }

  close(): void {
    this.#monitor.close();
  }
}
