import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { type MeasuredTarget, WeatherMetrics } from './weather-metrics.ts';

async function scrape(registry: Registry): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('a scrape reads what targets there are then: credentials add up, made-up models are one', async () => {
  const registry = new Registry();
  let targets: MeasuredTarget[] = [
    { provider: 'openai', model: 'gpt', inFlight: 2, concurrencyLimit: 20, firstTokenP95Ms: 400 },
    {
      provider: 'openai',
      model: 'gpt',
      inFlight: 1,
      concurrencyLimit: 10,
      firstTokenP95Ms: 1_500,
      closure: { kind: 'cool-down' },
      breaker: { openings: 2 },
      slow: { openings: 0 },
      retries: { allowed: 5, refused: 1 },
    },
    { provider: 'openai', model: 'made-up-1', inFlight: 1 },
    { provider: 'openai', model: 'made-up-2', inFlight: 1, closure: { kind: 'breaker' } },
  ];
  new WeatherMetrics(registry, { targets: () => targets, knows: (_, model) => model === 'gpt' });
  const first = await scrape(registry);
  expect(first).toEqual([
    'leeward_target_closed{provider="openai",model="gpt",kind="cool-down"} 1',
    'leeward_target_closed{provider="openai",model="other",kind="breaker"} 1',
    'leeward_target_in_flight{provider="openai",model="gpt"} 3',
    'leeward_target_in_flight{provider="openai",model="other"} 2',
    'leeward_target_concurrency_limit{provider="openai",model="gpt"} 30',
    'leeward_target_first_token_p95_seconds{provider="openai",model="gpt"} 1.5',
    'leeward_breaker_openings_total{provider="openai",model="gpt",kind="failures"} 2',
    'leeward_breaker_openings_total{provider="openai",model="gpt",kind="slow"} 0',
    'leeward_retries_total{provider="openai",model="gpt",result="allowed"} 5',
    'leeward_retries_total{provider="openai",model="gpt",result="refused"} 1',
  ]);
  expect(await scrape(registry)).toEqual(first);
  targets = [{ provider: 'openai', model: 'gpt', inFlight: 0 }];
  expect(await scrape(registry)).toEqual(['leeward_target_in_flight{provider="openai",model="gpt"} 0']);
});
