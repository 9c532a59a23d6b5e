import type { Clock } from '../../kernel/clock.ts';
import { formatDuration } from '../../observability/format.ts';
import type { ServerOptions } from '../../store/store.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** A call with a budget waits for two round trips: beyond this, callers notice. */
const ROUND_TRIP_MS_WISHED = 20;

/** The server Postgres that is to hold the store: reachable, new enough, near enough, and keeping what it confirms. */
export async function storeServerChecks(
  { url, source }: Pick<ServerOptions, 'url' | 'source'>,
  clock: Clock,
): Promise<Finding[]> {
  const { inspectServer } = await import('../../store/server/inspect-server.ts');
  const { shown, problem, version, roundTripMs, risks } = await inspectServer(url, source, clock);
  if (problem !== undefined) return [fail('postgres', `${shown}: ${problem}`, `correct ${source}, or the server`)];
  const findings: Finding[] = [ok('postgres', `${version} at ${shown} (from ${source})`)];
  if (roundTripMs !== undefined) findings.push(nearness(roundTripMs));
  for (const { what, next } of risks) findings.push(warn('postgres', what, next));
  return findings;
}

function nearness(roundTripMs: number): Finding {
  const detail = `${formatDuration(roundTripMs)} for a statement`;
  if (roundTripMs <= ROUND_TRIP_MS_WISHED) return ok('postgres', detail);
  return warn('postgres', detail, 'run the gateway nearer to its database: calls with a budget wait for it');
}
