import { expect, test } from 'vitest';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load-config.ts';

function load(text: string): Config {
  return loadConfig({ path: 'leeward.yaml', required: true, env: {}, readText: () => text }).config;
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

test('a key names its parent and what it may reach', () => {
  const { keys, server } = load(`
server: { trusted_proxies: [10.0.0.0/8] }
keys:
  team: { ${hash('a')}, allow: { models: ["openai/*"], addresses: [192.0.2.0/24] } }
  intern: { ${hash('b')}, parent: team, allow: { routes: [direct, writer], priority_max: low } }
`);
  expect(keys.get('team')).toMatchObject({ allow: { models: ['openai/*'], addresses: ['192.0.2.0/24'] } });
  expect(keys.get('intern')).toMatchObject({
    parent: 'team',
    allow: { routes: ['direct', 'writer'], priorityMax: 'low' },
  });
  expect(server.trustedProxies).toEqual(['10.0.0.0/8']);
});

test.each([
  [
    `intern: { ${hash('a')}, parent: tean }\n  team: { ${hash('b')} }`,
    'there is no key "tean" in this file, did you mean "team"?',
  ],
  [`one: { ${hash('a')}, parent: two }\n  two: { ${hash('b')}, parent: one }`, 'would be a sub-key of itself'],
  [`team: { ${hash('a')}, project: p }\n  intern: { ${hash('b')}, parent: team, project: q }`, "its parent's project"],
  [`team: { ${hash('a')}, allow: { models: [] } }`, 'models needs at least 1 entry'],
  [`team: { ${hash('a')}, allow: { models: ["a b"] } }`, 'must be a model such as openai/gpt-4o'],
  [
    `team: { ${hash('a')}, allow: { addresses: [10.0.0.0/33] } }`,
    'must be an IP address or a range such as 10.0.0.0/8',
  ],
  [`team: { ${hash('a')}, allow: { model: [x] } }`, 'unknown key "model"'],
])('keys: %s is refused', (keys, message) => {
  expect(report(`keys:\n  ${keys}\n`)).toContain(message);
});

test('more levels than anybody can follow are refused', () => {
  const lines = Array.from({ length: 11 }, (_, level) => {
    const parent = level === 0 ? '' : `, parent: k${level - 1}`;
    return `  k${level}: { key_hash: "sha256:${level.toString(16).padStart(64, '0')}"${parent} }`;
  });
  expect(report(`keys:\n${lines.slice(0, 9).join('\n')}\n`)).toBe('');
  expect(report(`keys:\n${lines.join('\n')}\n`)).toContain('"k9" stands below more than 8 keys');
});
