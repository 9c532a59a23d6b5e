import type { House } from './house.ts';
import { ask, askJson } from './http-json.ts';
import { descriptors, forgetPeak, memory } from './proc.ts';
import { comesTrue } from './waiting.ts';

const MIB = 2 ** 20;
const SETTLE_MS = 4_000;
/** What V8 may keep of a row's garbage, and what one row may need on top of it, unless it says otherwise. */
const GROWTH_MIB_MAX = 64;

/** The house before a row. */
export interface Baseline {
  readonly files: number;
  readonly rssBytes: number;
  readonly attempts: number;
  readonly calls: number;
}

/** The house after a row, and what is not as it was. */
export interface Aftermath {
  readonly problems: readonly string[];
  /** Ends of attempts and of calls that were counted since. */
  readonly attempts: number;
  readonly calls: number;
  /** What the provider says it served: the simulator's books, or the requests the raw upstream read. */
  readonly provider: string;
  readonly peakMiB: number;
  readonly text: string;
}

export async function takeBaseline(house: House): Promise<Baseline> {
  const { pid } = house.gateway;
  await house.warm();
  await askJson(`${house.simUrl}/sim/reset`, { method: 'POST' });
  house.raw.seen.splice(0);
  const metrics = await readMetrics(house);
  forgetPeak(pid);
  return {
    files: descriptors(pid, house.dataDir).files.length,
    rssBytes: memory(pid).rssBytes,
    attempts: metrics.attempts,
    calls: metrics.calls,
  };
}

/**
 * Waits until everything a row opened is closed again, and says what is not.
 * Connections are counted in the kernel's tables, calls in the gateway's
 * metrics, and what the provider still serves in the provider's own books.
 */
export async function backToBaseline(
  house: House,
  before: Baseline,
  growthMiBMax = GROWTH_MIB_MAX,
): Promise<Aftermath> {
  const { gateway, dataDir, relay, raw } = house;
  if (gateway.dead) return dead(`the gateway died:\n${gateway.lines.slice(-5).join('\n')}`);
  const problems: string[] = [];
  const idle = await comesTrue(async () => {
    const { running, bodyBytes } = await readMetrics(house);
    return running === 0 && bodyBytes === 0 && (await house.simCounts()).active === 0;
  }, SETTLE_MS);
  const metrics = await readMetrics(house);
  const counts = await house.simCounts();
  if (!idle) {
    problems.push(
      `still at work: ${metrics.running} exchanges, ${metrics.bodyBytes} body bytes, ${counts.active} calls at the provider`,
    );
  }
  // What is left now may only be a pool of idle connections, which both sides may close at any time.
  const pooled = relay.connections;
  if (pooled > 1) problems.push(`${pooled} connections to the provider are open after the row`);
  relay.closeAll();
  const closed = await comesTrue(() => descriptors(gateway.pid, dataDir).connections.length === 0, SETTLE_MS);
  const { connections, files } = descriptors(gateway.pid, dataDir);
  if (!closed) problems.push(`${connections.length} connections stay open: ${placesOf(house, connections)}`);
  if (raw.sockets.size > 0) problems.push(`${raw.sockets.size} connections to the raw upstream stay open`);
  if (files.length !== before.files)
    problems.push(`${files.length} open files instead of ${before.files}: ${files.join(', ')}`);
  const { peakBytes } = memory(gateway.pid);
  const peakMiB = Math.max(0, (peakBytes - before.rssBytes) / MIB);
  if (peakMiB > growthMiBMax) problems.push(`memory grew by ${peakMiB.toFixed(0)} MiB, allowed are ${growthMiBMax}`);
  const { status } = await ask(`${house.url}/readyz`);
  if (status !== 200) problems.push(`/readyz answers ${status}`);
  return {
    problems,
    attempts: metrics.attempts - before.attempts,
    calls: metrics.calls - before.calls,
    provider: servedBy(counts, raw.seen.length),
    peakMiB,
    text: problems.length === 0 ? `back, +${peakMiB.toFixed(0)} MiB` : 'not back',
  };
}

interface Metrics {
  readonly running: number;
  readonly bodyBytes: number;
  readonly attempts: number;
  readonly calls: number;
}

export async function readMetrics(house: House): Promise<Metrics> {
  const { text } = await ask(`${house.url}/metrics`, { bearer: house.adminToken });
  const sum = (name: string) => {
    let total = 0;
    for (const line of text.split('\n')) {
      if (line.startsWith(`${name} `) || line.startsWith(`${name}{`))
        total += Number(line.slice(line.lastIndexOf(' ')));
    }
    return total;
  };
  return {
    running: sum('leeward_exchanges_running'),
    bodyBytes: sum('leeward_body_bytes_in_flight'),
    attempts: sum('leeward_attempts_total'),
    calls: sum('leeward_calls_total'),
  };
}

function dead(problem: string): Aftermath {
  return { problems: [problem], attempts: 0, calls: 0, provider: '-', peakMiB: 0, text: 'dead' };
}

function servedBy(counts: Awaited<ReturnType<House['simCounts']>>, rawRequests: number): string {
  const outcomes = (['complete', 'cut', 'cancelled', 'error'] as const).filter((outcome) => counts[outcome] > 0);
  const parts = outcomes.map((outcome) => `${counts[outcome]} ${outcome}`);
  if (rawRequests > 0) parts.push(`${rawRequests} raw`);
  return parts.length === 0 ? '-' : parts.join(', ');
}

function placesOf(house: House, connections: ReturnType<typeof descriptors>['connections']): string {
  return connections
    .slice(0, 5)
    .map(({ state, localPort, remotePort }) => {
      const side = localPort === house.port ? 'a client' : `upstream ${remotePort}`;
      return `${side} in state ${state}`;
    })
    .join(', ');
}
