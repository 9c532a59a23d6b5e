import { foundation } from './0001-foundation.ts';
import { ledger } from './0002-ledger.ts';
import { usage } from './0003-usage.ts';
import { keyAllowances } from './0004-key-allowances.ts';
import { responses } from './0005-responses.ts';
import { conversations } from './0006-conversations.ts';
import { usualOrders } from './0007-usual-orders.ts';

export interface Migration {
  readonly name: string;
  /** Plain SQL for Postgres 15 and later, any number of statements. Never changed once released. */
  readonly sql: string;
}

/** In the order they are applied. Only ever appended to; there is no way back but a backup. */
export const MIGRATIONS: readonly Migration[] = [
  { name: '0001-foundation', sql: foundation },
  { name: '0002-ledger', sql: ledger },
  { name: '0003-usage', sql: usage },
  { name: '0004-key-allowances', sql: keyAllowances },
  { name: '0005-responses', sql: responses },
  { name: '0006-conversations', sql: conversations },
  { name: '0007-usual-orders', sql: usualOrders },
];
