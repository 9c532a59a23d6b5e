import pg from 'pg';
import { errorCode, errorMessage, GatewayError } from '../../kernel/errors.ts';
import { DatabaseError } from '../database-error.ts';
import { storeUnavailable } from '../store-error.ts';

/**
 * SQLSTATEs that say something about the server or our session, not about the
 * statement: broken connections, no room, shutting down or starting up, read
 * only after a failover, a statement that ran out of its time.
 */
const NOT_THE_STATEMENT = /^(08|53|58|57P0|57P05|57014|25006|28|3D|F0|XX)/;

/** What `connect` and sockets say, in words that name no address: they reach clients. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'its server refuses connections',
  ECONNRESET: 'its server closed the connection',
  EPIPE: 'its server closed the connection',
  ETIMEDOUT: 'its server does not answer',
  EHOSTUNREACH: 'its server cannot be reached',
  ENETUNREACH: 'its server cannot be reached',
  ENOTFOUND: 'the name of its server is not known',
  EAI_AGAIN: 'the name of its server cannot be looked up',
  ENOENT: 'the socket of its server is not there',
  '57014': 'a statement took too long',
  '57P01': 'its server ended the session',
  '57P03': 'its server is starting up or shutting down',
  '53300': 'its server has no connection free',
  '25006': 'its server takes no writes (it is a standby, or read only)',
};

/**
 * What went wrong with a statement, in the store's own words: a
 * {@link DatabaseError} when Postgres refused the statement, otherwise a 503
 * with the driver's error as its cause; then the session is not to be used again.
 */
export function storeError(error: unknown): Error {
  if (error instanceof GatewayError || error instanceof DatabaseError) return error;
  if (error instanceof pg.DatabaseError && !NOT_THE_STATEMENT.test(error.code ?? '')) return new DatabaseError(error);
  return storeUnavailable(unavailableReason(error), error);
}

/** Why the server cannot be used, for readiness and clients: no address, no name. */
export function unavailableReason(error: unknown): string {
  const code = errorCode(error);
  const known = code === undefined ? undefined : REASONS[code];
  if (known !== undefined) return known;
  if (error instanceof pg.DatabaseError) return `its server refuses (SQLSTATE ${error.code ?? 'unknown'})`;
  if (error instanceof GatewayError) return error.message;
  return /timeout|timed out/i.test(errorMessage(error)) ? 'its server does not answer' : 'the connection broke';
}

/** SQLSTATEs of a mistake that waiting does not mend: a wrong password, a missing database or right. */
const MISTAKE = /^(28|3D|42|0A)/;

/** Whether a first connection failed for a reason that somebody has to mend, in the configuration or at the server. */
export function isMistake(error: unknown): boolean {
  if (error instanceof GatewayError) return error.cause === undefined || isMistake(error.cause);
  return (error instanceof pg.DatabaseError || error instanceof DatabaseError) && MISTAKE.test(error.code ?? '');
}
