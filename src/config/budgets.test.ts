import { expect, test } from 'vitest';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { effectiveConfig } from './effective-config.ts';
import { loadConfig } from './load-config.ts';

function loaded(text: string) {
  return loadConfig({ path: 'leeward.yaml', required: true, env: { CAP: '7.5' }, readText: () => text });
}

function load(text: string): Config {
  return loaded(text).config;
}

function report(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.report;
    throw error;
  }
  return '';
}

const hash = (digit: string) => `key_hash: "sha256:${digit.repeat(64)}"`;

test('a budget says whose calls it is for, its window and its limits, exactly', () => {
  const { budgets, money } = load(`
budgets:
  company: { per: month, time_zone: Europe/Berlin, hard: 5000, soft: "4000.000000001" }
  search: { scope: { project: proj_search }, per: day, hard: 0.1 }
  user: { scope: { key: app }, each: end_user, per: hour, hard: "\${env:CAP}" }
  other: { scope: { key: key_01abc }, per: week, soft: 1 }
  prepaid: { scope: { key: app }, credit: true, soft: "10", rates: { "openai/gpt-4o": "1.25", "sim/*": 0 } }
keys: { app: { ${hash('a')} } }
money: { charge: all_attempts }
`);
  expect(Object.fromEntries(budgets)).toEqual({
    company: {
      name: 'company',
      scope: { kind: 'organisation' },
      period: 'month',
      timeZone: 'Europe/Berlin',
      hardNanoUsd: 5_000_000_000_000n,
      softNanoUsd: 4_000_000_000_001n,
      credit: false,
    },
    search: {
      name: 'search',
      scope: { kind: 'project', id: 'proj_search' },
      period: 'day',
      timeZone: 'UTC',
      hardNanoUsd: 100_000_000n,
      credit: false,
    },
    user: {
      name: 'user',
      scope: { kind: 'key', id: 'file.app' },
      each: 'end_user',
      period: 'hour',
      timeZone: 'UTC',
      hardNanoUsd: 7_500_000_000n,
      credit: false,
    },
    other: {
      name: 'other',
      scope: { kind: 'key', id: 'key_01abc' },
      period: 'week',
      timeZone: 'UTC',
      softNanoUsd: 1_000_000_000n,
      credit: false,
    },
    prepaid: {
      name: 'prepaid',
      scope: { kind: 'key', id: 'file.app' },
      period: 'lifetime',
      timeZone: 'UTC',
      softNanoUsd: 10_000_000_000n,
      credit: true,
      rates: [
        { models: 'openai/gpt-4o', ratePpm: 1_250_000n },
        { models: 'sim/*', ratePpm: 0n },
      ],
    },
  });
  expect(money).toEqual({ charge: 'all_attempts' });
});

test('a key carries its own budgets in short', () => {
  const { budgets } = load(`
keys:
  app: { ${hash('a')}, budget: { per: day, hard: "5.00" } }
  web: { ${hash('b')}, budgets: [{ per: day, hard: 5 }, { per: hour, hard: 1, each: end_user }] }
`);
  expect([...budgets.keys()]).toEqual(['app:day', 'web:day', 'web:hour:end_user']);
  expect(budgets.get('web:hour:end_user')).toMatchObject({
    scope: { kind: 'key', id: 'file.web' },
    each: 'end_user',
    hardNanoUsd: 1_000_000_000n,
  });
});

test('what is in force is shown in the words of the file', () => {
  const { budgets, money } = effectiveConfig(
    loaded('budgets: { pool: { credit: true, rates: { "a/*": "1.2" } }, day: { per: day, hard: "5.50" } }'),
  );
  expect(budgets).toEqual({
    pool: {
      scope: 'organisation',
      each: null,
      per: 'lifetime',
      time_zone: 'UTC',
      hard: null,
      soft: null,
      credit: true,
      rates: { 'a/*': '1.2' },
      origin: 'file',
    },
    day: {
      scope: 'organisation',
      each: null,
      per: 'day',
      time_zone: 'UTC',
      hard: '5.5',
      soft: null,
      credit: false,
      origin: 'file',
    },
  });
  expect(money).toEqual({ currency: 'USD', charge: 'winner_only' });
});

test.each([
  ['{ per: day, hard: 0 }', 'hard must be US dollars above 0'],
  ['{ per: day, hard: -5 }', 'hard must be US dollars above 0'],
  ['{ per: day, hard: .nan }', 'hard must be US dollars above 0'],
  ['{ per: day, hard: .inf }', 'hard must be US dollars above 0'],
  ['{ per: day, hard: "5 EUR" }', 'hard must be US dollars above 0'],
  ['{ per: day, hard: "0.0000000001" }', 'at most 9 decimals'],
  ['{ per: day, hard: 1000000.000000001 }', 'must stand in quotes: a number of so many digits is not exact'],
  ['{ per: day, hard: 10000000000 }', 'at most a thousand million'],
  ['{ per: day, hard: true }', 'hard must be US dollars above 0'],
  ['{ per: fortnight, hard: 5 }', 'per must be'],
  ['{ hard: 5 }', 'per is missing'],
  ['{ per: day, time_zone: Europe/Berlim, hard: 5 }', 'time_zone must be a time zone such as Europe/Berlin or UTC'],
  ['{ per: day, time_zone: "+02:00", hard: 5 }', 'time_zone must be a time zone'],
  ['{ per: day, hard: 5, soft: 6 }', 'soft is above hard'],
  ['{ credit: true, per: month }', 'credit has no windows'],
  ['{ credit: true, hard: 5 }', 'credit has no cap but what was bought'],
  ['{ credit: true, each: task }', 'credit belongs to its whole scope'],
  ['{ per: day, hard: 5, scope: { key: nobody } }', 'there is no key "nobody" in this file'],
  ['{ per: day, hard: 5, scope: {} }', 'write scope: organisation'],
  ['{ per: day, hard: 5, scope: { key: a, project: b } }', 'write scope: organisation'],
  ['{ per: day, hard: 5, currency: EUR }', 'unknown key "currency"'],
  ['{ credit: true, rates: { "a/*": -1 } }', 'must be a factor from 0 to 1000'],
  ['{ credit: true, rates: { "a/*": "1.0000001" } }', 'with at most 6 decimals'],
])('a budget of %s is refused', (budget, message) => {
  expect(report(`budgets: { it: ${budget} }\n`)).toContain(message);
});

test('a currency that is not US dollars, and two budgets for one window, are refused', () => {
  expect(report('money: { currency: EUR }')).toContain('currency must be USD');
  expect(report(`keys: { a: { ${hash('a')}, budgets: [{ per: day, hard: 5 }, { per: day, hard: 6 }] } }`)).toContain(
    'two budgets for the same window',
  );
  expect(report(`keys: { a: { ${hash('a')}, budget: { per: day, hard: 5, soft: 6 } } }`)).toContain(
    'soft is above hard',
  );
});
