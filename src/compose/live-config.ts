import type { LoadedConfig } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import type { ConfigHandle, ConfigState, ReloadResult, ReloadTrigger } from '../config/config-state.ts';
import { type EffectiveConfig, effectiveConfig } from '../config/effective-config.ts';
import { withoutRestart } from '../config/restart-settings.ts';
import type { Clock } from '../kernel/clock.ts';
import { errorMessage } from '../kernel/errors.ts';
import type { Log } from '../observability/log.ts';
import { ConfigFiles } from './config-files.ts';
import { ConfigWatch } from './config-watch.ts';

/** How a configuration is read: the same way at the start and at each reload. */
export type ConfigLoader = (readText: (path: string) => string, required: boolean) => LoadedConfig;

export interface LiveConfigParts {
  readonly clock: Clock;
  readonly log: Log;
  /** What is in force since the start, and the files it was read from. */
  readonly loaded: LoadedConfig;
  readonly files: ConfigFiles;
  readonly load: ConfigLoader;
  /**
   * Puts a checked configuration in force, all of it at once.
   *
   * @throws when it cannot be; then nothing has changed
   */
  apply(next: LoadedConfig): void;
  /** Hears of each reload. */
  onReload(result: ReloadResult, trigger: ReloadTrigger): void;
}

/**
 * The configuration of a running gateway. A reload reads and checks everything
 * before anything changes; what is wrong leaves what is in force as it is, and
 * is kept as `lastError` until a reload succeeds.
 */
export class LiveConfig implements ConfigHandle {
  readonly #parts: LiveConfigParts;
  readonly #watch: ConfigWatch;
  #loaded: LoadedConfig;
  #state: ConfigState;
  #digest: string;
  /** The reload under way, and the one that waits for it: whoever comes meanwhile gets the waiting one's result. */
  #running: Promise<ReloadResult> | undefined;
  #waiting: Promise<ReloadResult> | undefined;

  constructor(parts: LiveConfigParts) {
    const { clock, loaded, files, log } = parts;
    this.#parts = parts;
    this.#loaded = loaded;
    this.#digest = files.digest;
    this.#state = stateOf(loaded, clock.now(), []);
    this.#watch = new ConfigWatch(clock, () => {
      this.reload('file').catch((err: unknown) => log.error({ err }, 'the configuration could not be reloaded'));
    });
  }

  /** From now on changes of the files are noticed, those since they were read at the start included. */
  start(): void {
    this.#watch.watch(this.#parts.files.seen);
  }

  close(): void {
    this.#watch.close();
  }

  state(): ConfigState {
    return this.#state;
  }

  effective(): EffectiveConfig {
    return effectiveConfig(this.#loaded);
  }

  reload(trigger: ReloadTrigger): Promise<ReloadResult> {
    if (this.#running === undefined) return this.#begin(trigger);
    // What the running one has read may be older than this wish.
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = undefined;
      return this.#begin(trigger);
    });
    return this.#waiting;
  }

  #begin(trigger: ReloadTrigger): Promise<ReloadResult> {
    this.#running = Promise.resolve()
      .then(() => this.#reload())
      .then((result) => {
        this.#parts.onReload(result, trigger);
        return result;
      })
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  #reload(): ReloadResult {
    const files = new ConfigFiles();
    try {
      // A file that was there is not gone on purpose: running without it would take every provider away.
      const next = this.#parts.load(files.readText, this.#loaded.path !== undefined);
      return files.digest === this.#digest ? this.#unchanged() : this.#apply(next, files.digest);
    } catch (thrown) {
      return this.#failed(thrown);
    } finally {
      this.#watch.watch(files.seen);
    }
  }

  #apply(file: LoadedConfig, digest: string): ReloadResult {
    const { kept, restartNeeded } = withoutRestart(this.#loaded, file);
    this.#parts.apply(kept);
    this.#loaded = kept;
    this.#digest = digest;
    this.#state = stateOf(kept, this.#parts.clock.now(), restartNeeded);
    return { outcome: 'applied', state: this.#state };
  }

  #unchanged(): ReloadResult {
    const { lastError: _, ...state } = this.#state;
    this.#state = state;
    return { outcome: 'unchanged', state };
  }

  #failed(thrown: unknown): ReloadResult {
    const text = thrown instanceof ConfigError ? thrown.report : `${errorMessage(thrown)}\n`;
    this.#state = { ...this.#state, lastError: { at: this.#parts.clock.now(), text } };
    return { outcome: 'failed', state: this.#state };
  }
}

function stateOf(loaded: LoadedConfig, loadedAt: number, restartNeeded: readonly string[]): ConfigState {
  const { version, path, warnings } = loaded;
  return { version, loadedAt, warnings, restartNeeded, ...(path === undefined ? {} : { path }) };
}
