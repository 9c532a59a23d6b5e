import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { effectiveConfig } from './effective-config.ts';
import { loadConfig } from './load-config.ts';

function load(yaml: string) {
  return loadConfig({ path: '/x/leeward.yaml', required: true, env: {}, readText: () => yaml });
}

const PROVIDER =
  'providers:\n  acme:\n    preset: openai-compatible\n    base_url: https://acme.example/v1\n    prices:\n      m:\n';

test('a price may say everything that a model charges for', () => {
  const loaded = load(`${PROVIDER}        input_usd_per_million: "1.25"
        output_usd_per_million: "10"
        cache_write_1h_usd_per_million: "2.5"
        per_request_usd: "0.005"
        quantities: { web-searches: "0.01", "images:1024x1024:high": "0.167" }
        long_context: { above_input_tokens: 200000, input_usd_per_million: "2.5", output_usd_per_million: "15" }
        service_tiers: { batch: { times: "0.5" }, priority: { input_usd_per_million: "2.5", output_usd_per_million: "20" } }
`);
  const price = loaded.config.providers.get('acme')?.prices.get('m');
  expect(price).toMatchObject({ inputPicoUsd: 1_250_000n, outputPicoUsd: 10_000_000n });
  expect(price?.more?.prices).toMatchObject({
    tokens: {
      input: { picoUsd: 1_250_000n, tiers: [{ aboveInputTokens: 200_000, picoUsd: 2_500_000n }] },
      cacheWrite1h: { picoUsd: 2_500_000n, tiers: [] },
    },
    quantities: { 'images:1024x1024:high': { picoUsd: 167_000_000_000n } },
    perRequest: { picoUsd: 5_000_000_000n },
    terms: { batch: { times: { numerator: 500_000n } }, priority: { tokens: { output: { picoUsd: 20_000_000n } } } },
  });
  expect(effectiveConfig(loaded).providers['acme']).toMatchObject({
    prices: {
      m: {
        input_usd_per_million: '1.25',
        cache_write_1h_usd_per_million: '2.5',
        per_request_usd: '0.005',
        quantities: { 'web-searches': '0.01' },
        service_tiers: { batch: { times: '0.5' }, priority: { output_usd_per_million: '20' } },
      },
    },
  });
});

test('the example of the documentation is a configuration', () => {
  const page = readFileSync(new URL('../../docs/pricing.md', import.meta.url), 'utf8');
  const { config } = load(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
  expect([...(config.providers.get('acme')?.prices.keys() ?? [])]).toEqual(['big-model', 'speaker']);
  expect(config.prices).toHaveLength(2);
});

test('agreements hold by organisation, by pattern and from a day on', () => {
  const loaded = load(`prices:
  - organisation: default
    models: ["openai/*"]
    from: 2026-12-01T00:00:00Z
    times: "0.85"
  - models: ["acme/tts"]
    price: { quantities: { speech-characters: "0.000015" } }
`);
  expect(loaded.config.prices).toMatchObject([
    {
      organisation: 'default',
      models: ['openai/*'],
      fromAt: Date.UTC(2026, 11, 1),
      times: { numerator: 850_000n, denominator: 1_000_000n },
    },
    {
      models: ['acme/tts'],
      price: { more: { prices: { quantities: { 'speech-characters': { picoUsd: 15_000_000n } } } } },
    },
  ]);
  expect(effectiveConfig(loaded).prices).toEqual([
    { organisation: 'default', models: ['openai/*'], from: '2026-12-01T00:00:00.000Z', times: '0.85' },
    {
      organisation: null,
      models: ['acme/tts'],
      from: null,
      price: { quantities: { 'speech-characters': '0.000015' } },
    },
  ]);
});

test.each([
  [`${PROVIDER}        input_usd_per_million: "1"\n`, 'input_usd_per_million and output_usd_per_million'],
  [`${PROVIDER}        quantities: { pears: "1" }\n`, 'must be a quantity'],
  [`${PROVIDER}        quantities: { pages: 0.1 }\n`, 'in quotes'],
  [`${PROVIDER}        input_usd_per_million: "1"\n        output_usd_per_million: "-1"\n`, 'US dollars in digits'],
  [`${PROVIDER}        per_request_usd: "0.0000000000001"\n`, 'at most 12 decimals'],
  ['prices:\n  - models: ["*"]\n', 'either a price or a factor'],
  ['prices:\n  - models: []\n    times: "1"\n', 'models'],
])('a price that cannot be one is refused with the reason: %s', (yaml, why) => {
  expect(() => load(yaml)).toThrow(why);
});
