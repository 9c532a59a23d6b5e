import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type FieldFate, kept, refused, warned } from '../src/protocol/fidelity/table.ts';
import { fidelityTables } from '../src/protocol/fidelity/tables.ts';
import type { Kinds } from '../src/protocol/fidelity/trie.ts';
import { uncovered, unfounded } from '../tools/fidelity/coverage.ts';
import { explainedChecks } from '../tools/fidelity/explained-checks.ts';
import { fidelityPages } from '../tools/fidelity/markdown.ts';
import { SdkTypes } from '../tools/fidelity/sdk-types.ts';

/** The tables speak of every field that the vendors' own SDK packages have, and the documentation says what the tables say. */

const sdk = new SdkTypes('sdk-roots.ts');
const samples = new SdkTypes('sample-roots.ts');
afterAll(() => {
  sdk.close();
  samples.close();
});

/** The vendors' types of what each dialect's clients say, and of what its providers answer. */
const TYPES: Readonly<
  Record<string, { request: readonly string[]; answer: readonly string[]; stream: readonly string[] }>
> = {
  'openai-chat': { request: ['ChatRequest'], answer: ['ChatAnswer'], stream: ['ChatStream'] },
  'anthropic-messages': {
    request: ['MessagesRequest', 'MessagesBetaRequest'],
    answer: ['MessagesAnswer', 'MessagesBetaAnswer'],
    stream: ['MessagesStream', 'MessagesBetaStream'],
  },
  'openai-responses': { request: ['ResponsesRequest'], answer: ['ResponsesAnswer'], stream: ['ResponsesStream'] },
  gemini: { request: ['GeminiRequest'], answer: ['GeminiAnswer'], stream: ['GeminiStream'] },
};

interface Side {
  readonly says: string;
  readonly rows: readonly FieldFate[];
  readonly told: Kinds | undefined;
  readonly types: readonly string[];
}

const sides: readonly Side[] = fidelityTables.flatMap((table) => {
  const { client, provider, request, answer } = table;
  const events = answer.filter((row) => /^stream\b/.test(row.field));
  const whole = answer.filter((row) => !/^stream\b/.test(row.field));
  return [
    { says: `a request of ${client}`, rows: request, told: table, types: TYPES[client]?.request ?? [] },
    { says: `an answer of ${provider}`, rows: whole, told: undefined, types: TYPES[provider]?.answer ?? [] },
    { says: `a stream of ${provider}`, rows: events, told: undefined, types: TYPES[provider]?.stream ?? [] },
  ];
});

describe.each(sides)('of $says', ({ rows, told, types }) => {
  const shapes = types.map((type) => sdk.shapeOf(type));

  test("each field of the vendor's types has a row", () => {
    expect(shapes.length).toBeGreaterThan(0);
    expect(shapes.flatMap((shape) => uncovered(shape, rows, told))).toEqual([]);
  });

  test("each row is a field of the vendor's types, or marked as an extension", () => {
    expect(rows.length).toBeGreaterThan(10);
    expect(unfounded(shapes, rows)).toEqual([]);
  });

  test('each row is needed: without it a field has none', () => {
    const needed = rows.filter((row) => row.extra !== true && !/\*(?:[\])]|$)/.test(row.field));
    const spare = needed.filter((row) => {
      const others = rows.filter((other) => other !== row);
      return shapes.every((shape) => uncovered(shape, others, told).length === 0);
    });
    // Rows of an object whose members have rows of their own say how it is put; those may go without a gap.
    const leaves = spare.filter((row) => !rows.some((other) => other !== row && other.field.startsWith(row.field)));
    expect(leaves.map((row) => row.field)).toEqual([]);
  });
});

describe('a field that no row speaks of is found', () => {
  const rows = [
    ...kept(['model', 'messages[].content', 'messages[].content[text].text', 'messages[user]', 'messages[assistant]']),
    ...kept(['messages[].content[sound].source(bytes).data', 'messages[].content[sound].source(url).url']),
    ...kept(['options.usage', 'metadata']),
    ...warned('seed', 'no seeds there'),
  ];

  test('when there is none, nothing is', () => {
    expect(uncovered(samples.shapeOf('Sample'), rows)).toEqual([]);
  });

  test('when its vendor has added it, at the top, within, or as another kind of object', () => {
    const found = [
      'voice',
      'messages[user].content[text].mark',
      'messages[user].content[film]',
      'messages[critic]',
      'options.padding',
    ];
    expect(uncovered(samples.shapeOf('Grown'), rows).sort()).toEqual(found.sort());
    expect(
      uncovered(samples.shapeOf('Grown'), [...rows, ...refused('messages[].content[*]', 'not known')]),
    ).toHaveLength(5);
  });

  test.each(rows.map((row) => row.field))('when the row %s is dropped', (field) => {
    const others = rows.filter((row) => row.field !== field);
    expect(uncovered(samples.shapeOf('Sample'), others).length).toBeGreaterThan(0);
  });

  test('and so is a row that speaks of no field', () => {
    const more = [...rows, ...kept(['voice', 'options.usage.loud', 'messages[user].name', 'messages[].content[film]'])];
    expect(unfounded([samples.shapeOf('Sample')], more)).toHaveLength(4);
    expect(unfounded([samples.shapeOf('Sample')], [...rows, ...kept('voice', { extra: true })])).toEqual([]);
  });

  test('where objects are told apart by which member they have', () => {
    const told = { toldBy: { parts: 'member' } } as const;
    const shape = samples.shapeOf('Parted');
    const known = [...kept(['parts[text].text', 'parts[text].mark', 'parts[call].call.name'])];
    const all = [...known, ...refused('parts[film]', 'no films there')];
    expect(uncovered(shape, all, told)).toEqual([]);
    expect(unfounded([shape], all)).toEqual([]);
    expect(uncovered(shape, [...known, ...refused('parts[*]', 'not known')], told)).toEqual(['parts[].film']);
    expect(uncovered(shape, all.slice(1), told)).toEqual(['parts[].text']);
    expect(unfounded([shape], kept(['parts[sound].sound', 'parts[call].call.loud']))).toHaveLength(2);
  });

  test('and a type that the compiler does not find is no empty type', () => {
    expect(() => samples.shapeOf('Missing')).toThrow('the compiler knows no type Missing');
  });
});

describe('the documentation: npm run make:fidelity', () => {
  const docs = join(import.meta.dirname, '../docs');
  const pages = fidelityPages(fidelityTables, explainedChecks);

  test.each(pages)('docs/$path is what the tables say', ({ path, text }) => {
    expect(readFileSync(join(docs, path), 'utf8')).toBe(text);
  });

  test('has a page for each direction, and no other one', () => {
    const below = readdirSync(join(docs, 'fidelity')).map((file) => `fidelity/${file}`);
    expect(['fidelity.md', ...below].sort()).toEqual(pages.map(({ path }) => path).sort());
    expect(pages).toHaveLength(fidelityTables.length + 1);
  });
});
