import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ConfigError } from './config-error.ts';
import { effectiveConfig } from './effective-config.ts';
import { loadConfig } from './load-config.ts';

const page = readFileSync(new URL('../../docs/routing.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
const refused = examples.filter((text) => text.includes('percent: 150'));
const accepted = examples.filter((text) => !refused.includes(text));

/** What an example leaves out, below it, so that its own lines keep their numbers. */
const PROVIDERS = `providers:
  openai: { api_key: "\${env:KEY}" }
  anthropic: { api_key: "\${env:KEY}" }
`;

function load(example: string) {
  const text = example.includes('providers:') ? example : `${example}${PROVIDERS}`;
  const env = { KEY: 'k', OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k' };
  return loadConfig({ path: 'leeward.yaml', required: true, env, readText: () => text });
}

test('every example of the page is accepted as it stands', () => {
  expect(accepted.length).toBeGreaterThanOrEqual(5);
  for (const example of accepted) expect(load(example).warnings).toEqual([]);
});

test('the page shows every policy with its default, and these are the defaults', () => {
  const [defaults = '', ...others] = accepted.filter((text) => text.includes('headroom:'));
  expect(others).toEqual([]);
  const empty = effectiveConfig(load(''));
  expect(parse(defaults).policies).toEqual(empty.policies);
  expect(load(defaults).config.policies).toEqual(load('').config.policies);
  expect(Object.keys(empty.policies).filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
});

test('what the page says is refused is refused in those words', () => {
  const [example = ''] = refused;
  const shown = /^\$ leeward config validate\n(.*?)^```$/ms.exec(page)?.[1] ?? '';
  const thrown = (() => {
    try {
      load(example);
    } catch (error) {
      return error;
    }
    return undefined;
  })();
  if (!(thrown instanceof ConfigError)) throw new Error('the example was accepted');
  expect(thrown.report.split('\n').filter((line) => line.startsWith('leeward.yaml:'))).toEqual(
    shown.trim().split('\n'),
  );
});

test('what holds on the route of the page is what the page says', () => {
  const [said = ''] = accepted.filter((text) => text.includes('first_token_target: 5s'));
  const route = load(said).config.routes.get('chat');
  expect(route?.targetPolicies?.get('openai')).toMatchObject({
    breaker: { consecutiveMax: 8, openMs: 60_000 },
    retryBudget: { percent: 10 },
  });
  expect(route?.targets[1]?.policies).not.toHaveProperty('concurrency');
  expect(route?.targets[1]?.timeouts).toEqual({ firstTokenMs: 20_000 });
});
