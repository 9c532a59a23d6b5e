import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProvider } from '@pydantic/genai-prices';
import { expect, onTestFinished, test } from 'vitest';
import { quote } from '../catalog/catalog.ts';
import { openCatalog, refreshedPath } from '../catalog/packaged.ts';
import { systemClock } from '../kernel/clock.ts';
import { refreshModels } from './refresh-models.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'leeward-refresh-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function serving(body: string, status = 200): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/data.json`;
}

/** What is published, with one price changed. */
function published(inputUsdPerMillion: number): string {
  const vendors = ['openai', 'mistral'].map((id) => findProvider({ providerId: id }));
  const document = JSON.parse(JSON.stringify(vendors)) as {
    models: { id: string; prices: Record<string, number> }[];
  }[];
  const mini = document[0]?.models.find(({ id }) => id === 'gpt-4o-mini');
  if (mini !== undefined) mini.prices['input_mtok'] = inputUsdPerMillion;
  return JSON.stringify(document);
}

function inputPrice(dataDir: string): bigint | undefined {
  const { catalog } = openCatalog(dataDir);
  const model = catalog.find(['openai'], 'gpt-4o-mini');
  return model && quote(model, { at: systemClock.now(), inputTokens: 1 })?.inputPicoUsd;
}

test('a newer list wins over the packaged one, with limits that it does not know taken from there', async () => {
  const dataDir = join(scratch(), 'not', 'yet');
  expect(inputPrice(dataDir)).toBe(150_000n);
  const from = await serving(published(0.123456));
  const done = await refreshModels({ dataDir, from }, systemClock);
  expect(done).toMatchObject({
    from,
    path: refreshedPath(dataDir),
    previousVersion: expect.stringMatching(/^genai-prices-0\.1\.8\+media-/),
  });
  expect(done.version).toMatch(/^genai-prices-\d{4}-\d{2}-\d{2}-[0-9a-f]{8}\+media-[\d-]+$/);
  const { catalog, origin } = openCatalog(dataDir);
  expect(origin).toBe('refreshed');
  expect(catalog.header.version).toBe(done.version);
  expect(inputPrice(dataDir)).toBe(123_456n);
  expect(catalog.find(['openai'], 'gpt-4o-mini')).toMatchObject({
    maxOutputTokens: 16_384,
    input: ['text', 'image'],
  });
  expect(readdirSync(dataDir)).toEqual(['models.json']);
});

test('a list of LiteLLM from a file is taken too', async () => {
  const dataDir = scratch();
  const models = Array.from({ length: 150 }, (_, index) => [
    `openai/m-${index}`,
    { litellm_provider: 'openai', mode: 'chat', input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 },
  ]);
  const file = join(dataDir, 'litellm.json');
  writeFileSync(file, JSON.stringify(Object.fromEntries(models)));
  const done = await refreshModels({ dataDir, from: file }, systemClock);
  expect(done.version).toMatch(/^litellm-/);
  expect(openCatalog(dataDir).catalog.find(['openai'], 'm-149')?.operation).toBe('chat');
});

test.each([
  ['no list', '{"hello":"world"}', 'neither'],
  ['a page', '<!doctype html>', 'not JSON'],
  ['half a list', published(1).slice(0, 5_000), 'not JSON'],
  ['too few models', JSON.stringify([findProvider({ providerId: 'cerebras' })]), 'fewer than 100'],
])('%s leaves the old catalogue in force and says so', async (_, body, why) => {
  const dataDir = scratch();
  await refreshModels({ dataDir, from: await serving(published(0.2)) }, systemClock);
  const before = readFileSync(refreshedPath(dataDir), 'utf8');
  const refreshing = refreshModels({ dataDir, from: await serving(body) }, systemClock);
  await expect(refreshing).rejects.toThrow(why);
  await expect(refreshing).rejects.toThrow('The catalogue in force stays as it is');
  expect(readFileSync(refreshedPath(dataDir), 'utf8')).toBe(before);
});

/** A port that was free a moment ago. */
async function deadAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return `http://127.0.0.1:${port}/data.json`;
}

test.each([
  ['a server that is not there', deadAddress, 'ECONNREFUSED'],
  ['a file that is not there', async () => '/nowhere/models.json', 'ENOENT'],
])('%s is told of by name, and nothing changes', async (_, place, why) => {
  const dataDir = scratch();
  const from = await place();
  const refreshing = refreshModels({ dataDir, from }, systemClock);
  await expect(refreshing).rejects.toThrow(why);
  await expect(refreshing).rejects.toThrow(from);
  expect(readdirSync(dataDir)).toEqual([]);
});

test('an answer that is no success is no list, whatever it holds', async () => {
  const dataDir = scratch();
  const refreshing = refreshModels({ dataDir, from: await serving(published(1), 503) }, systemClock);
  await expect(refreshing).rejects.toThrow('status 503');
  expect(readdirSync(dataDir)).toEqual([]);
});
