import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../config/load-config.ts';
import { PRESET_NAMES, presetOf } from '../../config/presets.ts';
import { configDraft, type DraftProvider } from './config-draft.ts';
import { ignoreDataDir } from './git-ignore.ts';

function load(text: string, env: Record<string, string> = {}) {
  return loadConfig({ path: 'leeward.yaml', required: true, env, readText: () => text });
}

describe('a draft', () => {
  test('for nothing at all is a valid file with a route that answers', () => {
    const { config } = load(configDraft([], './.leeward/schema.json'));
    expect(config.routes.get('writer')?.targets.map(({ provider }) => provider)).toEqual(['sim', 'sim']);
  });

  test('for every preset that has a variable is valid, and names the variable only', () => {
    const env: Record<string, string> = {};
    const providers = PRESET_NAMES.flatMap((name): DraftProvider[] => {
      const preset = presetOf(name);
      const [variable] = preset.keyVariables;
      if (variable === undefined) return [];
      env[variable] = 'sk-very-secret';
      if (preset.baseUrlVariable !== undefined) env[preset.baseUrlVariable.name] = 'https://here.example';
      return [{ name, variable, from: variable, model: 'm-1' }];
    });
    expect(providers.length).toBeGreaterThan(5);
    const text = configDraft(providers, 'schema.json');
    const { config, warnings } = load(text, env);
    expect([...config.providers.keys()]).toEqual(providers.map(({ name }) => name));
    expect(warnings).toEqual([]);
    expect(config.routes.get('writer')?.targets).toHaveLength(3);
    expect(text).not.toContain('sk-very-secret');
  });

  test('for a server on this machine needs no key', () => {
    const { config } = load(configDraft([{ name: 'ollama', from: 'http://127.0.0.1:11434', model: 'qwen3' }], 's'));
    expect(config.aliases.get('default')).toBe('ollama/qwen3');
  });

  test('names its schema in the first line, for editors', () => {
    expect(configDraft([], './x.json').split('\n')[0]).toBe('# yaml-language-server: $schema=./x.json');
  });
});

describe('the data directory', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'leeward-init-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const ignoring = (directory = root) => ignoreDataDir(directory, join(directory, '.leeward'));

  test('is left alone outside of a checkout', () => {
    expect(ignoring()).toBe('no-checkout');
  });

  test('is ignored once, below what stands there already', () => {
    mkdirSync(join(root, '.git'));
    writeFileSync(join(root, '.gitignore'), 'node_modules');
    expect([ignoring(), ignoring()]).toEqual(['added', 'already']);
    expect(readFileSync(join(root, '.gitignore'), 'utf8')).toBe(
      "node_modules\n# Leeward's keys, records and store\n.leeward/\n",
    );
  });

  test.each(['.leeward', '/app/.leeward/', 'app/.leeward'])('is known to be ignored by %j further up', (line) => {
    mkdirSync(join(root, '.git'));
    mkdirSync(join(root, 'app'));
    writeFileSync(join(root, '.gitignore'), `${line}\n`);
    expect(ignoring(join(root, 'app'))).toBe('already');
  });

  test('is not taken for ignored by a path that means another one', () => {
    mkdirSync(join(root, '.git'));
    mkdirSync(join(root, 'app'));
    writeFileSync(join(root, '.gitignore'), '/.leeward/\n');
    expect(ignoring(join(root, 'app'))).toBe('added');
  });

  test('elsewhere is nobody’s business here', () => {
    mkdirSync(join(root, '.git'));
    expect(ignoreDataDir(root, tmpdir())).toBe('outside');
  });
});
