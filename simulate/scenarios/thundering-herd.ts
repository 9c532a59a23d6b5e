import { atLeast, atMost, told } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { targetWithout } from '../topology.ts';
import { ALONE, answeredShare, outage, profile, SDK, SECOND, setupOf } from './common.ts';

const HERD = 1_000;
const COMES = 5 * SECOND;
const HERD_COMES = {
  durationMs: 60 * SECOND,
  traffic: { ratePerSecond: () => 0, ratePerSecondMax: 0, bursts: [{ atMs: COMES, requests: HERD }], clients: SDK },
};
/** The first wait is a random part of 250 ms. */
const BUCKET = 25;

export const thunderingHerd: Scenario = {
  name: 'thundering-herd',
  says: 'a thousand requests come at one instant: what is tried again is little, and does not come together',
  async run(stage) {
    const full = await stage.simulate(
      setupOf(stage, {
        ...HERD_COMES,
        topology: ALONE,
        providers: [profile('one', { capacity: { concurrent: 100, queue: 100, whenFull: 429 } })],
      }),
    );
    const again: number[] = [];
    await stage.simulate(
      setupOf(stage, {
        ...HERD_COMES,
        // A breaker would let nobody try again.
        topology: { ...ALONE, target: targetWithout('breaker') },
        providers: [profile('one', { conditions: [outage(0, COMES + 2, 'refuse')] })],
        onAttempt({ attempt }, atMs) {
          if (attempt > 1) again.push(atMs);
        },
      }),
    );
    const { attempts, requests } = full.totals;
    return [
      atMost('a target with room for 200: attempts for each request', attempts / requests, 1.25, 'times'),
      told('a target with room for 200: requests answered', answeredShare(full), 'share'),
      atLeast('one that refused for an instant: retries', again.length, HERD / 10, 'count'),
      atMost('their busiest fortieth of a second against the mean', crowding(again), 3, 'times'),
    ];
  },
};

/** The fullest bucket against the mean of all, from the herd's instant to the last retry. */
function crowding(instants: readonly number[]): number {
  const buckets = new Map<number, number>();
  for (const atMs of instants) {
    const bucket = Math.floor((atMs - COMES) / BUCKET);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }
  return (Math.max(0, ...buckets.values()) * (Math.max(0, ...buckets.keys()) + 1)) / Math.max(1, instants.length);
}
