import type { GatewayOptions } from '../compose.ts';
import type { Clock } from '../kernel/clock.ts';
import type { RunningGateway } from '../main.ts';
import type { Io } from './io.ts';
import type { OpenStoreKeyring } from './keyring.ts';
import type { StoreMoney } from './money/store-money.ts';
import type { OpenStoreRecords } from './records/records.ts';

/** A simulator that serves on its own port, for `leeward sim`. */
export interface RunningSimulator {
  readonly url: string;
  stop(): Promise<void>;
}

export interface SimulatorOptions {
  readonly host: string;
  readonly port: number;
  readonly seed?: number;
  readonly faultsPath?: string;
}

/** What commands are given. The heavy parts are loaded by the command that needs them, so that `leeward keys` starts at once. */
export interface Context {
  readonly io: Io;
  readonly clock: Clock;
  startGateway(options: GatewayOptions): Promise<RunningGateway>;
  serveSimulator(options: SimulatorOptions): Promise<RunningSimulator>;
  readonly openStoreKeyring?: OpenStoreKeyring;
  /** Opens the store of a data directory that no server runs on, to read what was recorded. */
  openStoreRecords?(dataDir: string): Promise<OpenStoreRecords>;
  /** Opens the store of a data directory that no server runs on, for its budgets and credits. */
  openStoreMoney?(dataDir: string): Promise<StoreMoney>;
  /** Calls back once when the process that stands in for this one has died without a word. */
  onLauncherGone(listener: () => void): void;
  /** Resolves with the first signal that asks this process to end. */
  untilSignal(): Promise<NodeJS.Signals>;
  /** Aborted once nobody reads stdout any more: what still goes on for its sake may stop. */
  readonly outputGone?: AbortSignal;
  /** Tells the process how to end, once the command is through. */
  setExitCode(code: number): void;
}
