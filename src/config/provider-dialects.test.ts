import { describe, expect, test } from 'vitest';
import type { ProviderConfig } from './config.ts';
import { effectiveConfig } from './effective-config.ts';
import { loadConfig } from './load-config.ts';

const load = (yaml: string) =>
  loadConfig({ path: 'leeward.yaml', required: true, env: { KEY: 'k' }, readText: () => `providers:\n${yaml}` });

function provider(fields: string): ProviderConfig {
  const found = load(`  it: { base_url: "http://127.0.0.1:1/v1", api_key: "\${env:KEY}", ${fields} }\n`);
  const made = found.config.providers.get('it');
  if (made === undefined) throw new Error('the provider is missing');
  return made;
}

describe('what a provider speaks', () => {
  test('is what its preset says', () => {
    expect(provider('preset: openai-compatible').dialects).toEqual([
      'openai-chat',
      'openai-completions',
      'openai-embeddings',
    ]);
    expect(provider('preset: anthropic')).toMatchObject({
      dialects: ['anthropic-messages'],
      authHeader: 'x-api-key',
      defaultHeaders: { 'anthropic-version': '2023-06-01' },
    });
  });

  test('is what the file says of a server that speaks Messages', () => {
    expect(provider('preset: openai-compatible, dialect: anthropic-messages')).toMatchObject({
      dialects: ['anthropic-messages'],
      authHeader: 'x-api-key',
      defaultHeaders: { 'anthropic-version': '2023-06-01' },
    });
  });

  test('may be several, and then the key travels as the preset has it', () => {
    const both = provider('preset: openrouter, dialect: [anthropic-messages, openai-chat, openai-chat]');
    expect(both).toMatchObject({ dialects: ['anthropic-messages', 'openai-chat'], authHeader: 'bearer' });
  });

  test('may be less than it could', () => {
    const one = provider('preset: openai-compatible, dialect: openai-chat');
    expect(one.dialects).toEqual(['openai-chat']);
    expect(one).not.toHaveProperty('defaultHeaders');
  });

  test('decides how a server wants its key of which nothing else is known', () => {
    expect(provider('preset: openai-compatible, dialect: gemini').authHeader).toBe('x-goog-api-key');
    expect(provider('preset: openai-compatible, dialect: [gemini, openai-chat]').authHeader).toBe('bearer');
  });

  test('is no other word', () => {
    expect(() => provider('preset: openai-compatible, dialect: converse')).toThrow(/dialect/);
    expect(() => provider('preset: openai-compatible, dialect: []')).toThrow(/dialect/);
  });
});

test('what a translated call may say is the preset’s, member by member where the file says more', () => {
  expect(provider('preset: openrouter').vocabulary).toEqual({
    cacheMarkers: 'cache_control',
    reasoningField: 'reasoning_details',
    endUserField: 'user',
  });
  expect(provider('preset: openai-compatible, vocabulary: { cache_markers: cache_control }').vocabulary).toEqual({
    endUserField: 'user',
    cacheMarkers: 'cache_control',
  });
});

test('the whole configuration shows what each provider speaks', () => {
  const { providers } = effectiveConfig(load(`  it: { preset: anthropic, api_key: "\${env:KEY}" }\n`));
  expect(providers['it']).toMatchObject({ dialect: ['anthropic-messages'] });
});
