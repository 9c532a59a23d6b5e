import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packagedCatalog, VENDORS } from '../../tools/make-catalog.ts';
import { quote } from './catalog.ts';
import { writeCatalogText } from './catalog-text.ts';
import { openCatalog, refreshedPath } from './packaged.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'leeward-catalog-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('the packaged file is what its tool makes', () => {
  const packaged = readFileSync(new URL('../../assets/models.json', import.meta.url), 'utf8');
  expect(packaged === packagedCatalog(), 'run node tools/make-catalog.ts').toBe(true);
});

test('the packaged catalogue has five hundred models and more of every vendor that is asked for', () => {
  const { catalog, origin } = openCatalog(scratch());
  expect(origin).toBe('packaged');
  expect(catalog.vendors).toEqual(expect.arrayContaining(VENDORS));
  const models = catalog.vendors.flatMap((vendor) => catalog.models(vendor));
  expect(models.length).toBeGreaterThan(500);
  expect(models.filter(({ prices }) => prices.length > 0).length).toBeGreaterThan(500);
  expect(new Set(models.map(({ vendor, id }) => `${vendor}/${id}`)).size).toBe(models.length);
});

test('well-known models have their well-known facts', () => {
  const { catalog } = openCatalog(scratch());
  const mini = catalog.find(['openai'], 'gpt-4o-mini');
  expect(mini).toMatchObject({ operation: 'chat', contextWindow: 128_000, maxOutputTokens: 16_384 });
  expect(mini && quote(mini, { at: Date.UTC(2026, 10, 1), inputTokens: 1 })).toMatchObject({
    inputPicoUsd: 150_000n,
    cachedInputPicoUsd: 75_000n,
    outputPicoUsd: 600_000n,
  });
  expect(catalog.find(['openai'], 'text-embedding-3-small')?.operation).toBe('embed');
  expect(catalog.find(['openai'], 'whisper-1')?.operation).toBe('transcribe');
  expect(catalog.find(['azure', 'openai'], 'gpt-4o-mini')?.vendor).toBe('openai');
});

test('what is not sold by the token, tiers and batches are in the packaged file beside the tokens', () => {
  const { catalog } = openCatalog(scratch());
  const pricesOf = (vendor: string, name: string) => catalog.find([vendor], name)?.prices.at(-1);
  expect(pricesOf('openai', 'dall-e-3')?.quantities?.['images:1024x1792:hd']).toMatchObject({
    picoUsd: 120_000_000_000n,
  });
  expect(pricesOf('openai', 'whisper-1')?.quantities?.['transcription-seconds']).toMatchObject({
    picoUsd: 100_000_000n,
    per: 1n,
  });
  expect(pricesOf('groq', 'whisper-large-v3')?.quantities?.['transcription-seconds']).toMatchObject({ per: 3n });
  expect(pricesOf('perplexity', 'sonar')).toMatchObject({ perRequest: { picoUsd: 12_000_000_000n } });
  expect(pricesOf('anthropic', 'claude-haiku-4-5')).toMatchObject({
    tokens: { cacheWrite: { picoUsd: 1_250_000n }, cacheWrite1h: { picoUsd: 2_000_000n } },
    quantities: { 'web-searches': { picoUsd: 10_000_000_000n } },
    terms: { batch: { times: { numerator: 1n, denominator: 2n } } },
  });
  expect(pricesOf('openai', 'gpt-5')?.terms?.['priority']?.tokens?.output).toMatchObject({ picoUsd: 20_000_000n });
});

test('the first look costs a call no more than a few milliseconds', () => {
  const folder = scratch();
  const times = Array.from({ length: 9 }, () => {
    const before = performance.now();
    openCatalog(folder).catalog.find(['openai'], 'gpt-4o-mini');
    return performance.now() - before;
  }).sort((one, other) => one - other);
  expect(times[4]).toBeLessThan(10);
});

test('a refreshed catalogue wins, and a damaged one is told of and passed over', () => {
  const folder = scratch();
  const header = { version: 'newer', madeAt: '2026-11-01T00:00:00Z', sources: [] };
  writeFileSync(refreshedPath(folder), writeCatalogText(header, []));
  expect(openCatalog(folder)).toMatchObject({ origin: 'refreshed', catalog: { header } });
  writeFileSync(refreshedPath(folder), 'half a li');
  const opened = openCatalog(folder);
  expect(opened.origin).toBe('packaged');
  expect(opened.problem).toContain('first line');
  expect(existsSync(refreshedPath(folder))).toBe(true);
});
