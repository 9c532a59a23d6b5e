import type { EffectiveConfig } from './effective-config.ts';

/** What is in force, and what came of the last try to change it. Instants are milliseconds since the epoch. */
export interface ConfigState {
  /** Of the configuration in force: the one that each call's record names. */
  readonly version: string;
  /** Absent while there is no file. */
  readonly path?: string;
  /** When the configuration in force came into force. */
  readonly loadedAt: number;
  /** Absent when the last reload succeeded. `text` holds every problem with its line and a caret, and no secrets. */
  readonly lastError?: { readonly at: number; readonly text: string };
  /** One line each, with the position in the file. */
  readonly warnings: readonly string[];
  /** Settings of the file that differ from what is in force until the process is started again, as `server.port`. */
  readonly restartNeeded: readonly string[];
}

/** Who asked for a reload. */
export type ReloadTrigger = 'file' | 'signal' | 'admin';

/** What came of a reload. After `failed` everything is as it was, and the state's `lastError` says why. */
export interface ReloadResult {
  readonly outcome: 'applied' | 'unchanged' | 'failed';
  readonly state: ConfigState;
}

/** The configuration of a running gateway, as the admin API and the page use it. */
export interface ConfigHandle {
  state(): ConfigState;
  /** What is in force, complete and without secrets; as JSON. */
  effective(): EffectiveConfig;
  /** Reads the file again. Never rejects for what is wrong with the file: the result says so. */
  reload(trigger: ReloadTrigger): Promise<ReloadResult>;
}
