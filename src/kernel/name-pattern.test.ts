import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitsModel, fitsName, isNamePattern } from './name-pattern.ts';

test.each([
  ['openai/gpt-4o', 'openai', 'gpt-4o', true],
  ['openai/gpt-4o', 'openai', 'gpt-4o-mini', false],
  ['openai/gpt-4o', 'azure', 'gpt-4o', false],
  ['openai/*', 'openai', 'gpt-4o', true],
  ['openai/*', 'openrouter', 'openai/gpt-4o', false],
  ['*', 'openrouter', 'openai/gpt-4o', true],
  ['*/gpt-4o', 'openrouter', 'openai/gpt-4o', true],
  ['gpt-4o', 'openai', 'gpt-4o', true],
  ['gpt-4o', 'openrouter', 'openai/gpt-4o', false],
  ['gpt-*-mini', 'openai', 'gpt-4o-mini', true],
  ['gpt-*-mini', 'openai', 'gpt-4o-minimal', false],
  ['OpenAI/GPT-*', 'openai', 'gpt-4o', true],
  ['openai/gpt-4o', 'openai', 'GPT-4o', true],
  ['gpt.4o', 'openai', 'gpt-4o', false],
])('%s on %s/%s: %s', (pattern, provider, model, fits) => {
  expect(fitsModel(pattern, provider, model)).toBe(fits);
});

test('a star stands for any characters, as in a regular expression', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '/'), maxLength: 12 });
  fc.assert(
    fc.property(letters, fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 }), (pattern, name) => {
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 's').test(name);
      expect(fitsName(pattern, name)).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});

test('many stars on a long name take no long time', () => {
  const started = performance.now();
  expect(fitsName(`${'*a'.repeat(127)}b`, 'a'.repeat(4_000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(200);
});

test('a pattern is printable, not empty and not endless', () => {
  expect(isNamePattern('openai/*')).toBe(true);
  for (const text of ['', 'a b', 'a\n', 'ä', 'x'.repeat(257)]) expect(isNamePattern(text)).toBe(false);
});
