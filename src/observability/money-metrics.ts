import { Counter, type Registry } from 'prom-client';

/** Prometheus metrics of alerts about money; the kinds are few, and which budget it was is in the log. */
export class MoneyMetrics {
  readonly #alerts: Counter<'kind'>;

  /** @param kinds each of which is there from the start, with 0 */
  constructor(registry: Registry, kinds: readonly string[]) {
    this.#alerts = new Counter({
      name: 'leeward_budget_alerts_total',
      help: 'Alerts about budgets, credit and what could not be priced',
      labelNames: ['kind'],
      registers: [registry],
    });
    for (const kind of kinds) this.#alerts.inc({ kind }, 0);
  }

  alerted(kind: string): void {
    this.#alerts.inc({ kind });
  }
}
