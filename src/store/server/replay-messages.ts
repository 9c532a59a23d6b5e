import type { JournalSettings } from '../journal/journal-settings.ts';
import type { ServerAddress } from './server-address.ts';

/** What the replay's thread is started with. */
export interface ReplaySettings {
  readonly address: ServerAddress;
  readonly journal: JournalSettings;
}

/** Main thread to the replay's thread. */
export type ReplayRequest = { type: 'flush'; id: number } | { type: 'close'; id: number };

/** And back. `recovered` comes once: what earlier processes left is in Postgres. */
export type ReplayReport =
  | { type: 'recovered' }
  | { type: 'done'; id: number }
  | { type: 'refused'; id: number; reason: string }
  | { type: 'log'; level: 'info' | 'warn' | 'error'; facts: Record<string, unknown>; message: string };
