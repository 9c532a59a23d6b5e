import type { ConfigHandle } from '../config/config-state.ts';
import type { Log } from '../observability/log.ts';

export interface GatewayOptions {
  readonly mode: 'dev' | 'serve';
  /** Absent: as the configuration says. */
  readonly host?: string;
  readonly port?: number;
  readonly dataDir: string;
  /** Absent: `leeward.yaml` in the working directory, if there is one. */
  readonly configPath?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One line for the person at the terminal. */
  say(line: string): void;
}

export interface Gateway {
  readonly log: Log;
  /** What is in force, and the way to read it again. */
  readonly config: ConfigHandle;
  readonly baseUrl: string;
  /**
   * Is not ready any more; takes no new calls, gives those under way `drainMs`,
   * ends the rest with an error, records all, and stops.
   *
   * @param announced calls are still taken for `drainAcceptMs`, on connections that close with their answer: whoever
   *   sends them has to hear first that others should have them
   */
  drain(announced: boolean): Promise<void>;
  /** Stops at once: calls under way end with an error of ours, and everything is still recorded. */
  stop(): Promise<void>;
}
