import { expect, test } from 'vitest';
import { seededRandom } from '../kernel/random.ts';
import { WeatherNow } from './weather-now.ts';

test('conditions hold from their beginning until before their end, for their model alone', () => {
  const weather = new WeatherNow([
    { kind: 'outage', fromMs: 100, untilMs: 200, share: 1, failure: 'reset', model: 'm' },
    { kind: 'latency', fromMs: 50, untilMs: 250, times: 3 },
    { kind: 'latency', fromMs: 150, untilMs: 300, times: 2 },
    { kind: 'capacity', fromMs: 200, untilMs: 300, concurrent: 5 },
  ]);
  const random = seededRandom(1);
  const fate = (atMs: number, model = 'm') => weather.fate(atMs, model, random);
  expect(fate(0)).toEqual({ kind: 'served', latencyTimes: 1 });
  expect(fate(99)).toEqual({ kind: 'served', latencyTimes: 3 });
  expect(fate(100)).toEqual({ kind: 'fails', failure: 'reset' });
  expect(fate(199, 'other')).toEqual({ kind: 'served', latencyTimes: 6 });
  expect(weather.capacity(199, 9)).toBe(9);
  expect(fate(200)).toEqual({ kind: 'served', latencyTimes: 6 });
  expect(weather.capacity(200, 9)).toBe(5);
  expect(fate(250)).toEqual({ kind: 'served', latencyTimes: 2 });
  expect(fate(300)).toEqual({ kind: 'served', latencyTimes: 1 });
});

test('a share of requests meets what befalls a share', () => {
  const weather = new WeatherNow([{ kind: 'throttle', fromMs: 0, untilMs: 1, share: 0.25, retryAfterMs: 7 }]);
  const random = seededRandom(2);
  const fates = Array.from({ length: 4_000 }, () => weather.fate(0, 'm', random).kind);
  const throttled = fates.filter((kind) => kind === 'throttled').length / fates.length;
  expect(throttled).toBeGreaterThan(0.22);
  expect(throttled).toBeLessThan(0.28);
});
