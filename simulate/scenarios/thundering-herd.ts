import { atMost, told } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { ALONE, answeredShare, profile, SDK, SECOND, setupOf } from './common.ts';

const HERD = 1_000;
const COMES = 5 * SECOND;
const BUCKET = 100;

export const thunderingHerd: Scenario = {
  name: 'thundering-herd',
  says: 'a thousand requests come at one instant at a target with room for two hundred: the others do not come back together',
  async run(stage) {
    const again: number[] = [];
    const report = await stage.simulate(
      setupOf(stage, {
        topology: ALONE,
        durationMs: 60 * SECOND,
        providers: [profile('one', { capacity: { concurrent: 100, queue: 100, whenFull: 429 } })],
        traffic: {
          ratePerSecond: () => 0,
          ratePerSecondMax: 0,
          bursts: [{ atMs: COMES, requests: HERD }],
          clients: SDK,
        },
        onAttempt({ attempt }, atMs) {
          if (attempt > 1) again.push(atMs);
        },
      }),
    );
    const { attempts, requests } = report.totals;
    return [
      atMost('attempts for each request', attempts / requests, 1.25, 'times'),
      atMost('busiest tenth of a second against the mean, of retries', crowding(again), 3, 'times'),
      told('retries', again.length, 'count'),
      told('requests answered', answeredShare(report), 'share'),
    ];
  },
};

/** The fullest bucket against the mean of those from the first to the last. */
function crowding(instants: readonly number[]): number {
  if (instants.length === 0) return 0;
  const buckets = new Map<number, number>();
  for (const atMs of instants) {
    const bucket = Math.floor(atMs / BUCKET);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }
  const span = Math.max(...buckets.keys()) - Math.min(...buckets.keys()) + 1;
  return (Math.max(...buckets.values()) * span) / instants.length;
}
