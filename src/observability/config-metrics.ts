import { Counter, Gauge, type Registry } from 'prom-client';

/** Prometheus metrics of the configuration: which one is in force, and what came of reloads. */
export class ConfigMetrics {
  readonly #info: Gauge<'version'>;
  readonly #successful: Gauge;
  readonly #reloads: Counter<'result'>;

  constructor(registry: Registry, version: string) {
    const registers = [registry];
    this.#info = new Gauge({
      name: 'leeward_config_info',
      help: 'The configuration in force',
      labelNames: ['version'],
      registers,
    });
    this.#successful = new Gauge({
      name: 'leeward_config_last_reload_successful',
      help: '0 while the file in place cannot be used and an earlier one stays in force',
      registers,
    });
    this.#reloads = new Counter({
      name: 'leeward_config_reloads_total',
      help: 'Reloads of the configuration',
      labelNames: ['result'],
      registers,
    });
    for (const result of ['applied', 'unchanged', 'failed']) this.#reloads.inc({ result }, 0);
    this.#inForce(version);
    this.#successful.set(1);
  }

  reloaded(result: 'applied' | 'unchanged' | 'failed', version: string): void {
    this.#reloads.inc({ result });
    this.#successful.set(result === 'failed' ? 0 : 1);
    this.#inForce(version);
  }

  /** One series at a time: versions of a week would be a week's worth of them. */
  #inForce(version: string): void {
    this.#info.reset();
    this.#info.set({ version }, 1);
  }
}
