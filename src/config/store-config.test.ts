import { expect, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import { effectiveConfig } from './effective-config.ts';
import { loadConfig } from './load-config.ts';
import { withoutRestart } from './restart-settings.ts';

const URL = 'postgres://leeward:hunter2@db.internal:5432/leeward';

const load = (text: string, env: Record<string, string> = {}) =>
  loadConfig({ path: 'leeward.yaml', required: true, env, found: [], readText: () => text });

function refusal(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

test('a server Postgres comes from the file or, through it, from the environment, and is shown nowhere', () => {
  expect(load('retention_days: 9').config.store).toEqual({});
  const loaded = load(`store: { database_url: "$\{env:PG}" }`, { PG: URL });
  expect(loaded.config.store.databaseUrl?.reveal()).toBe(URL);
  expect(effectiveConfig(loaded).store).toEqual({ database_url: '[secret]' });
  expect(JSON.stringify(loaded.config.store)).not.toContain('hunter2');
});

test.each(['mysql://u:hunter2@h/db', 'postgres://u:hunter2@h', 'hunter2'])(
  'what is no address of a server Postgres is refused without being repeated: %s',
  (url) => {
    const report = refusal(`store:\n  database_url: "${url}"\n`);
    expect(report).toContain('must be an address such as postgres://host:5432/database');
    expect(report).not.toContain('hunter2');
  },
);

test('another server waits for a restart', () => {
  const before = load(`store: { database_url: "${URL}" }`);
  const { kept, restartNeeded } = withoutRestart(before, load('retention_days: 90'));
  expect(restartNeeded).toEqual(['store.database_url']);
  expect(kept.config.store.databaseUrl?.reveal()).toBe(URL);
  expect(withoutRestart(before, load(`store: { database_url: "${URL}" }`)).restartNeeded).toEqual([]);
});
