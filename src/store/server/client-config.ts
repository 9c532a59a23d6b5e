import type pg from 'pg';
import { BYTEA_OID, parserFor } from '../pglite/result.ts';
import type { ServerAddress } from './server-address.ts';

/** How long a connection may take to be made, TLS and password included. */
export const CONNECT_MS_MAX = 5_000;
/** The server ends a statement after this long. Ours are short; a report over months is the longest. */
export const STATEMENT_MS_MAX = 30_000;
/** Without an answer for this long the connection counts as dead: a server that vanished says nothing. */
export const ANSWER_MS_MAX = STATEMENT_MS_MAX + 5_000;
/** As on the embedded engine: a transaction that asks nothing for this long is rolled back. */
const IDLE_TRANSACTION_MS_MAX = 10_000;
const LOCK_MS_MAX = 20_000;
const KEEP_ALIVE_AFTER_MS = 10_000;

export interface ClientLimits {
  readonly statementMsMax: number;
  readonly answerMsMax: number;
}

const USUAL: ClientLimits = { statementMsMax: STATEMENT_MS_MAX, answerMsMax: ANSWER_MS_MAX };

/**
 * What every session of ours begins with.
 *
 * @param purpose stands after `leeward` in `pg_stat_activity`
 */
export function clientConfig({ url }: ServerAddress, purpose: string, limits: ClientLimits = USUAL): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: `leeward ${purpose}`,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    statement_timeout: limits.statementMsMax,
    query_timeout: limits.answerMsMax,
    lock_timeout: LOCK_MS_MAX,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS_MAX,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types: { getTypeParser },
  };
}

/** Text becomes the same values as from the embedded engine: `int8` is a bigint, an instant a Date, `bytea` a Buffer. */
function getTypeParser(typeId: number, format?: string): (text: string) => unknown {
  if (format === 'binary') throw new Error('results are asked for as text');
  return typeId === BYTEA_OID ? parseBytea : parserFor(typeId);
}

function parseBytea(text: string): Buffer {
  return Buffer.from(text.slice(2), 'hex');
}
