import pg from 'pg';
import type { Clock } from '../../kernel/clock.ts';
import { errorMessage } from '../../kernel/errors.ts';
import { clientConfig } from './client-config.ts';
import { serverAddress } from './server-address.ts';
import { type Risk, risks, serverFacts, unusable } from './server-facts.ts';

/** What `leeward doctor` wants to know about a server, found without changing anything on it. */
export interface ServerInspection {
  /** Host, port and database. */
  readonly shown: string;
  /** Where its address is written: `DATABASE_URL`. */
  readonly source: string;
  /** Why it cannot be used. */
  readonly problem?: string;
  readonly version?: string;
  /** How long a small statement takes, the fastest of some; milliseconds. */
  readonly roundTripMs?: number;
  readonly risks: readonly Risk[];
}

const LIMITS = { statementMsMax: 5_000, answerMsMax: 5_000 };
const ROUND_TRIPS = 5;

/** @throws `invalid_request` when `url` is no address of a server */
export async function inspectServer(url: string, source: string, clock: Clock): Promise<ServerInspection> {
  const address = serverAddress(url, source);
  const client = new pg.Client(clientConfig(address, 'doctor', LIMITS));
  // It is told by whatever was asked at that moment.
  client.on('error', () => undefined);
  const { shown } = address;
  try {
    await client.connect();
    const facts = await serverFacts(client);
    const problem = unusable(facts);
    return {
      shown,
      source,
      version: facts.version,
      risks: risks(facts),
      roundTripMs: await fastestRoundTrip(client, clock),
      ...(problem === undefined ? {} : { problem }),
    };
  } catch (error) {
    return { shown, source, problem: errorMessage(error), risks: [] };
  } finally {
    await client.end();
  }
}

async function fastestRoundTrip(client: pg.Client, clock: Clock): Promise<number> {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUND_TRIPS; round++) {
    const startedMs = clock.monotonicMs();
    await client.query('select 1');
    fastestMs = Math.min(fastestMs, clock.monotonicMs() - startedMs);
  }
  return fastestMs;
}
