import { ConfigError } from '../../config/config-error.ts';
import { formatDuration } from '../../observability/format.ts';
import type { Context } from '../context.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** A call with a budget waits for two round trips: beyond this, callers notice. */
const ROUND_TRIP_MS_WISHED = 20;

/**
 * The server Postgres that is to hold the store: reachable, new enough, near
 * enough, and keeping what it confirms. Nothing where the store is embedded, or
 * where the configuration is wrong, which has a line of its own.
 */
export async function storeServerChecks(config: string | undefined, { io, clock }: Context): Promise<Finding[]> {
  const { inspectStoreServer } = await import('../../compose/store-place.ts');
  const found = await inspectStoreServer(io.env, config, clock).catch((thrown: unknown) => {
    if (thrown instanceof ConfigError) return undefined;
    throw thrown;
  });
  if (found === undefined) return [];
  const { shown, source, problem, version, roundTripMs, risks } = found;
  if (problem !== undefined) return [fail('postgres', `${shown}: ${problem}`, `correct ${source}, or the server`)];
  const findings = [ok('postgres', `${version} at ${shown} (from ${source})`)];
  if (roundTripMs !== undefined) findings.push(nearness(roundTripMs));
  for (const { what, next } of risks) findings.push(warn('postgres', what, next));
  return findings;
}

function nearness(roundTripMs: number): Finding {
  const detail = `${formatDuration(roundTripMs)} for a statement`;
  if (roundTripMs <= ROUND_TRIP_MS_WISHED) return ok('postgres', detail);
  return warn('postgres', detail, 'run the gateway nearer to its database: calls with a budget wait for it');
}
