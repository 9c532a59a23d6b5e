/** What the commands `dev` and `serve` hand to the gateway. */
export interface GatewayOptions {
  readonly mode: 'dev' | 'serve';
  /** Absent: as the configuration says. */
  readonly host?: string;
  readonly port?: number;
  readonly dataDir: string;
  /** Absent: `leeward.yaml` in the working directory, if there is one. */
  readonly configPath?: string;
  readonly env: NodeJS.ProcessEnv;
  /** One line for the person at the terminal. */
  say(line: string): void;
}

export interface RunningGateway {
  /** Resolves with the exit code once everything is stopped. */
  readonly done: Promise<number>;
  /** Takes no new calls, finishes those under way, then stops. */
  drain(): Promise<void>;
}

export type StartGateway = (options: GatewayOptions) => Promise<RunningGateway>;
