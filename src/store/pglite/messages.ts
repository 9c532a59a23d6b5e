import type { DatabaseErrorFields } from '../database-error.ts';
import type { JournalSettings } from '../journal/journal-settings.ts';
import type { Parameter } from './parameters.ts';
import type { QueryResult } from './result.ts';
import type { ClientId } from './session.ts';

/** What the worker is started with. */
export interface WorkerSettings {
  readonly directory: string;
  readonly unsafeNoFsync: boolean;
}

/** Host to worker. */
export type Request =
  | { type: 'query'; id: number; client: ClientId; urgent: boolean; text: string; values: readonly Parameter[] }
  | { type: 'release'; client: ClientId }
  | { type: 'journal-start'; id: number; settings: JournalSettings }
  | { type: 'journal-flush'; id: number }
  | { type: 'close'; id: number };

/** Worker to host. */
export type Report =
  | { type: 'opened' }
  | { type: 'failed'; message: string }
  | { type: 'progress'; text: string }
  | { type: 'result'; id: number; result: QueryResult | undefined }
  | { type: 'refused'; id: number; fields: DatabaseErrorFields }
  | { type: 'broken'; id: number; message: string }
  | { type: 'aborted'; reason: string }
  | { type: 'log'; level: 'info' | 'warn' | 'error'; facts: Record<string, unknown>; message: string };
