import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { plainYaml } from './plain-yaml.ts';
import { YamlSource } from './yaml-source.ts';

// Thousands of documents, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const SAMPLE = `# a comment
server:
  port: 5339   # another
  allowed_hosts: [a.example, "b.example"]
providers:
  openai: { api_key: "\${env:OPENAI_API_KEY}", timeouts: { connect: 5s } }
  local:
    preset: openai-compatible
    base_url: http://127.0.0.1:11434/v1
    headers:
      x-team: 'core # not a comment'
    credentials:
    - name: one
      api_key: \${env:ONE:-none}
      weight: 1.5
    - { name: two, api_key: "b" }
aliases:
routes:
  writer:
    targets:
      - openai/gpt-5
      - target: local/qwen3
        weight: 2
    attempts_max: 2
keys:
  app:
    key_hash: sha256:00ff
    expires_at: 2027-01-31T00:00:00Z
    scopes: []
log: { prompts: false, level: info }
`;

/** Raised by hand after a change of the parser: a hundred thousand take a minute. */
const RUNS = 2_000;

/** What the real parser makes of a text, or that it finds something wrong. */
function real(text: string): unknown {
  const source = new YamlSource(text);
  if (source.syntaxProblems().length > 0) return 'a problem';
  return source.toPlain();
}

test('reads what configurations are written in', () => {
  expect(plainYaml(SAMPLE)).toEqual(real(SAMPLE));
});

describe('leaves to the real parser', () => {
  test.each([
    ['an empty text', ''],
    ['a text that is no mapping', 'a'],
    ['a value over several lines', 'a: b\n  c\n'],
    ['a block of text', 'a: |\n  b\n'],
    ['an anchor', 'a: &x b\n'],
    ['a reference', 'a: *x\n'],
    ['a tag', 'a: !!str 1\n'],
    ['a key that is written twice', 'a: 1\na: 2\n'],
    ['a tab', 'a:\t1\n'],
    ['a document mark', '---\na: 1\n'],
    ['an escape', 'a: "\\n"\n'],
    ['a number in an odd spelling', 'a: 0x10\n'],
    ['a bracket that is not closed', 'a: [b\n'],
    ['a wrong indentation', 'a:\n   b: 1\n  c: 2\n'],
    ['a list in a list', 'a:\n  - - b\n'],
    ['a name of the prototype', '__proto__: 1\n'],
    ['nesting without end', `a: ${'['.repeat(100)}${']'.repeat(100)}\n`],
  ])('%s', (_, text) => {
    expect(plainYaml(text)).toBeUndefined();
  });
});

test('never reads a text otherwise than the real parser, whatever a slip of the finger makes of it', () => {
  const piece = fc.oneof(
    fc.constantFrom(' ', '  ', '\n', '\n  ', ':', ': ', '#', ' #', '- ', '-', '[', ']', '{', '}', ',', '"', "'", '$'),
    fc.constantFrom(
      '&a',
      '*a',
      '!',
      '|',
      '>',
      '?',
      '? ',
      '%',
      '@',
      '~',
      'null',
      'true',
      '0',
      '1e3',
      '.5',
      '0o7',
      '<<: ',
    ),
    fc.string({ minLength: 1, maxLength: 3 }),
  );
  const slip = fc.record({ at: fc.nat(SAMPLE.length), remove: fc.nat(4), put: piece });
  let plain = 0;
  fc.assert(
    fc.property(fc.array(slip, { minLength: 1, maxLength: 3 }), (slips) => {
      let text = SAMPLE;
      for (const { at, remove, put } of slips) text = text.slice(0, at) + put + text.slice(at + remove);
      const value = plainYaml(text);
      if (value === undefined) return;
      plain++;
      expect(value).toEqual(real(text));
    }),
    { numRuns: RUNS },
  );
  expect(plain).toBeGreaterThan(200);
});

test('never reads otherwise what the real writer writes', () => {
  const leaf = fc.oneof(
    { arbitrary: fc.string({ unit: fc.constantFrom(...'ab1.:/-_ #é'), maxLength: 8 }), weight: 1 },
    { arbitrary: fc.stringMatching(/^[a-z][a-z0-9/:.-]{0,8}[a-z]$/), weight: 6 },
    fc.nat(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('sim/sim-small', '2027-01-31', 'a: b', 'a #b', '- a', 'true', '1', '', ' a', '10m'),
  );
  const key = fc.oneof(
    { arbitrary: fc.stringMatching(/^[a-z][a-z0-9_./-]{0,8}$/), weight: 30 },
    { arbitrary: fc.constantFrom('null', 'true', '1', 'a b'), weight: 1 },
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
    ),
  }));
  let plain = 0;
  fc.assert(
    fc.property(fc.dictionary(key, tree, { minKeys: 1, maxKeys: 4 }), fc.boolean(), (document, inline) => {
      const text = stringify(document, inline ? { collectionStyle: 'flow', lineWidth: 0 } : { lineWidth: 0 });
      const value = plainYaml(text);
      if (value === undefined) return;
      plain++;
      expect(value).toEqual(real(text));
    }),
    { numRuns: RUNS },
  );
  expect(plain).toBeGreaterThan(100);
});
