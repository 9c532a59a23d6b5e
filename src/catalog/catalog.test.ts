import { expect, test } from 'vitest';
import { Catalog, quote } from './catalog.ts';
import { parseCatalogText, writeCatalogText } from './catalog-text.ts';
import { parseExactJson } from './exact-json.ts';
import { withLimits } from './model-limits.ts';
import { fromGenaiPrices, isGenaiPrices } from './sources/genai-prices.ts';
import { fromLitellmPrices, isLitellmPrices } from './sources/litellm.ts';

const HEADER = { version: 'test-1', madeAt: '2026-01-01T00:00:00Z', sources: [] };
const NOON = Date.UTC(2026, 5, 1, 12);

function genai(vendors: unknown): Catalog {
  const document = parseExactJson(JSON.stringify(vendors));
  if (!isGenaiPrices(document)) throw new Error('the sample is no list');
  return new Catalog(parseCatalogText(writeCatalogText(HEADER, fromGenaiPrices(document))));
}

const SAMPLE = [
  {
    id: 'acme',
    models: [
      {
        id: 'rocket',
        name: 'Rocket',
        match: { or: [{ equals: 'rocket' }, { equals: 'rocket-2026-01-31' }, { starts_with: 'rocket-mini-' }] },
        context_window: 128_000,
        prices: { input_mtok: 0.15, cache_read_mtok: 0.075, output_mtok: 0.6 },
      },
      {
        id: 'long',
        match: { regex: '^long-\\d{8}$' },
        prices: { input_mtok: { base: 1, tiers: [{ start: 200_000, price: 2 }] }, output_mtok: 5 },
      },
      { id: 'sings', match: { contains: 'sing' }, prices: { input_mtok: 1, output_mtok: 1, output_audio_mtok: 20 } },
      { id: 'free-text', match: { equals: 'free-text' }, prices: {} },
    ],
  },
  { id: 'other', models: [{ id: 'rocket', match: { equals: 'rocket' }, prices: { input_mtok: 9, output_mtok: 9 } }] },
];

test('a model is found by its id, another name, a beginning, a date and in the order of the vendors', () => {
  const catalog = genai(SAMPLE);
  const idOf = (name: string, vendors = ['acme']) => catalog.find(vendors, name)?.id;
  expect(idOf('rocket')).toBe('rocket');
  expect(idOf('Rocket')).toBe('rocket');
  expect(idOf('rocket-20260131')).toBe('rocket');
  expect(idOf('rocket-mini-large')).toBe('rocket');
  expect(idOf('long-20260131')).toBe('long');
  expect(idOf('long-beach')).toBeUndefined();
  expect(idOf('x'.repeat(300))).toBeUndefined();
  expect(catalog.find(['other', 'acme'], 'rocket')?.vendor).toBe('other');
  expect(catalog.find(['nobody'], 'rocket')).toBeUndefined();
});

test('prices are whole pico-USD, by the size of the input, and unknown stays unknown', () => {
  const catalog = genai(SAMPLE);
  const priceOf = (name: string, inputTokens = 1) => {
    const model = catalog.find(['acme'], name);
    return model && quote(model, { at: NOON, inputTokens });
  };
  expect(priceOf('rocket')).toEqual({
    inputPicoUsd: 150_000n,
    cachedInputPicoUsd: 75_000n,
    outputPicoUsd: 600_000n,
    alsoPriced: [],
  });
  expect(priceOf('long', 200_000)?.inputPicoUsd).toBe(1_000_000n);
  expect(priceOf('long', 200_001)?.inputPicoUsd).toBe(2_000_000n);
  expect(priceOf('sings')?.alsoPriced).toEqual(['outputAudio']);
  expect(priceOf('free-text')).toBeUndefined();
});

test('a price that begins on a day or holds at some hours is used then and not otherwise', () => {
  const catalog = genai([
    {
      id: 'acme',
      models: [
        {
          id: 'dated',
          match: { equals: 'dated' },
          prices: [
            { prices: { input_mtok: 1 } },
            { prices: { input_mtok: 2 }, constraint: { start_date: '2026-06-01' } },
          ],
        },
        {
          id: 'nightly',
          match: { equals: 'nightly' },
          prices: [
            { prices: { input_mtok: 1 } },
            { prices: { input_mtok: 2 }, constraint: { start_time: '00:30:00Z', end_time: '16:30:00Z' } },
            { prices: { input_mtok: 7 }, constraint: { moon: 'full' } },
          ],
        },
      ],
    },
  ]);
  const inputAt = (name: string, at: number) => {
    const model = catalog.find(['acme'], name);
    return model && quote(model, { at, inputTokens: 1 })?.inputPicoUsd;
  };
  expect(inputAt('dated', Date.UTC(2026, 4, 31, 23, 59))).toBe(1_000_000n);
  expect(inputAt('dated', Date.UTC(2026, 5, 1))).toBe(2_000_000n);
  expect(inputAt('nightly', NOON)).toBe(2_000_000n);
  expect(inputAt('nightly', Date.UTC(2026, 5, 1, 16, 30))).toBe(1_000_000n);
  expect(inputAt('nightly', Date.UTC(2026, 5, 1, 0, 29, 59))).toBe(1_000_000n);
});

test('a price that no whole pico-USD can hold is kept exactly, as a price for many units', () => {
  const catalog = genai([
    {
      id: 'acme',
      models: [{ id: 'm', match: { equals: 'm' }, prices: { input_mtok: 0.08333333333333334, output_mtok: 1 } }],
    },
  ]);
  const [model] = catalog.models('acme');
  expect(model && quote(model, { at: NOON, inputTokens: 1 })).toEqual({ outputPicoUsd: 1_000_000n, alsoPriced: [] });
  const { picoUsd = 0n, per = 0n } = model?.prices[0]?.tokens.input ?? {};
  expect(picoUsd * 10n ** 17n).toBe(8_333_333_333_333_334n * 1_000_000n * per);
});

test("LiteLLM's list gives the same facts: exponents, tiers, windows, modes and days of deprecation", () => {
  const document = parseExactJson(`{
    "sample_spec": {"litellm_provider": "one of"},
    "xai/rocket": {"litellm_provider": "xai", "mode": "chat", "max_input_tokens": 256000, "max_output_tokens": 8192,
      "input_cost_per_token": 1.5e-07, "output_cost_per_token": 6E-7, "cache_read_input_token_cost": 7.5e-08,
      "input_cost_per_token_above_200k_tokens": 3e-07, "supports_vision": true, "deprecation_date": "2026-12-31"},
    "rocket-voice": {"litellm_provider": "openai", "mode": "audio_speech", "input_cost_per_character": 1.5e-05}
  }`);
  if (!isLitellmPrices(document)) throw new Error('the sample is no list');
  const catalog = new Catalog(parseCatalogText(writeCatalogText(HEADER, fromLitellmPrices(document))));
  const rocket = catalog.find(['x-ai'], 'rocket');
  expect(rocket).toMatchObject({
    operation: 'chat',
    contextWindow: 256_000,
    maxOutputTokens: 8_192,
    input: ['text', 'image'],
    deprecatedAt: '2026-12-31',
  });
  expect(rocket && quote(rocket, { at: NOON, inputTokens: 200_001 })).toEqual({
    inputPicoUsd: 300_000n,
    cachedInputPicoUsd: 75_000n,
    outputPicoUsd: 600_000n,
    alsoPriced: [],
  });
  const voice = catalog.find(['openai'], 'rocket-voice');
  expect(voice?.operation).toBe('speech');
  expect(voice && quote(voice, { at: NOON, inputTokens: 1 })).toEqual({ alsoPriced: ['speech-characters'] });
  expect(catalog.vendors).toEqual(['openai', 'x-ai']);
});

test('limits of another list join the model they name, and add the models that only they know', () => {
  const document = parseExactJson(JSON.stringify(SAMPLE));
  if (!isGenaiPrices(document)) throw new Error('the sample is no list');
  const models = withLimits(fromGenaiPrices(document), {
    acme: {
      rocket: { context: 1, output: 16_384, in: ['text', 'image', 'smell'] },
      'rocket-mini-large': { output: 99 },
      comet: { context: 32_000, output: -1 },
    },
  });
  const find = (id: string) => models.find((model) => model.vendor === 'acme' && model.id === id);
  expect(find('rocket')).toMatchObject({ contextWindow: 128_000, maxOutputTokens: 16_384, input: ['text', 'image'] });
  expect(find('comet')).toMatchObject({ contextWindow: 32_000, prices: [] });
  expect(find('comet')?.maxOutputTokens).toBeUndefined();
  expect(find('rocket-mini-large')).toBeUndefined();
});

test('what is written is read again the same', () => {
  const catalog = genai(SAMPLE);
  const models = catalog.vendors.flatMap((vendor) => [...catalog.models(vendor)]);
  const again = parseCatalogText(writeCatalogText(catalog.header, models));
  expect(again.header).toEqual(HEADER);
  expect(again.vendors.flatMap((vendor) => again.read(vendor))).toEqual(models);
});

test.each([
  ['', 'first line'],
  ['{"format":3,"version":"x","madeAt":"x","sources":[],"vendors":{\n}}', 'first line'],
  ['{"format":1,"madeAt":"x","sources":[],"vendors":{\n}}', 'lacks its version'],
  ['<!doctype html>\n', 'first line'],
])('text that is no catalogue is refused with the way out: %s', (text, why) => {
  expect(() => parseCatalogText(text)).toThrow(why);
  expect(() => parseCatalogText(text)).toThrow('leeward models refresh');
});

test.each([
  ['"acme":[{"id":"m","prices":[{"input":"0.15"}]}]', 'whole pico-USD'],
  ['"acme":[{"id":"m","prices":[{"input":150000}]}]', 'whole pico-USD'],
  ['"acme":[{"name":"m"}]', 'has no id'],
  ['"acme":[{"id":"m"', 'not JSON'],
])('a damaged line is found when it is read: %s', (line, why) => {
  const head = JSON.stringify({ format: 1, ...HEADER }).slice(0, -1);
  const text = parseCatalogText(`${head},"vendors":{\n${line}\n}}\n`);
  expect(() => text.read('acme')).toThrow(why);
});
