import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { only } from './harmless.ts';
import { LOSSES_MAX, lossesOf } from './losses.ts';
import { type FidelityTable, kept, mapped, refused, warned } from './table.ts';
import { fidelityTables } from './tables.ts';

const table: FidelityTable = {
  client: 'openai-chat',
  provider: 'anthropic-messages',
  request: [
    kept(['model', 'messages[].content', 'messages[].content[text].text', 'messages[user]', 'messages[assistant]']),
    warned('messages[].content[text].mark', 'no marks there'),
    mapped('messages[].content[image].source(url).url', 'somehow'),
    refused('messages[].content[image].source(file)', 'no files there'),
    refused('messages[].content[*]', 'an unknown part'),
    warned('messages[user].name', 'no names there'),
    mapped('tools[function].schema', 'a schema', { whole: true }),
    refused('tools[search_*]', 'no search there'),
    warned('seed', 'no seeds there'),
    warned('n', 'one answer', { harmless: only(1) }),
    kept('options.shown'),
  ].flat(),
  answer: [],
  untyped: { tools: 'function' },
};

const byMember: FidelityTable = {
  client: 'gemini',
  provider: 'openai-chat',
  request: [
    kept(['parts[text].text', 'parts[text].signature', 'parts[call].call.name']),
    warned('parts[text].mark', 'no marks on texts'),
    mapped('parts[call].call.args', 'arguments', { whole: true }),
    refused('parts[video]', 'no films there'),
    refused('parts[*]', 'an unknown part'),
    kept('tools[].functions[].name'),
    refused('tools[].*', 'an unknown tool'),
    kept('input'),
    kept(['input[message].role', 'input[message].text', 'input[item].id']),
  ].flat(),
  answer: [],
  untyped: { input: 'message' },
  toldBy: { parts: 'member' },
};

function messages(...content: unknown[]) {
  return { messages: [{ role: 'user', content }] };
}

describe('what a request loses', () => {
  test('is nothing where all of it is kept or mapped', () => {
    const fields = {
      model: 'm',
      ...messages({ type: 'text', text: 'hi' }, { type: 'image', source: { type: 'url', url: 'x' } }),
      options: { shown: true },
    };
    expect(lossesOf(table, fields)).toEqual({ losses: [], more: 0 });
  });

  test('is named by its place in the request, in its order, with the reason of the table', () => {
    const part = { type: 'text', text: 'hi', mark: { a: 1 } };
    expect(lossesOf(table, { ...messages({ type: 'text', text: 'hi' }, part), seed: 7 }).losses).toEqual([
      { field: 'messages[0].content[1].mark', reason: 'no marks there' },
      { field: 'seed', reason: 'no seeds there' },
    ]);
  });

  test('is nothing where a field is there and says nothing', () => {
    for (const seed of [null, undefined, []]) expect(lossesOf(table, { seed }).losses).toEqual([]);
    expect(lossesOf(table, { n: 1 }).losses).toEqual([]);
    expect(lossesOf(table, { n: 2 }).losses).toEqual([{ field: 'n', reason: 'one answer' }]);
  });

  test('is what stands in no row, wherever it stands', () => {
    const fields = {
      foo: 1,
      bar: null,
      options: { shown: true, hidden: 0 },
      ...messages({ type: 'text', text: '', x: false }),
    };
    expect(lossesOf(table, fields).losses.map((loss) => `${loss.field}: ${loss.reason}`)).toEqual([
      'foo: not known to this gateway',
      'options.hidden: not known to this gateway',
      'messages[0].content[0].x: not known to this gateway',
    ]);
  });

  test('is looked for in a kind of object by the rows of that kind alone', () => {
    const fields = { messages: [{ role: 'user', name: 'u' }, { role: 'assistant', name: 'a' }, { role: 'tool' }] };
    expect(lossesOf(table, fields).losses).toEqual([
      { field: 'messages[0].name', reason: 'no names there' },
      { field: 'messages[1].name', reason: 'not known to this gateway' },
      { field: 'messages[2]', reason: 'its role is not known to this gateway' },
    ]);
  });

  test('is looked for where objects are told apart by their members, in all that they have', () => {
    const parts = [
      { text: 'hi', signature: 's', mark: 1 },
      { call: { name: 'f', args: { a: 1 }, odd: 1 }, mark: 1 },
      { text: 'hi', call: { name: 'f' }, signature: null },
      { text: null, hologram: {} },
    ];
    expect(lossesOf(byMember, { parts: parts.slice(0, 3) })).toEqual({
      losses: [
        { field: 'parts[0].mark', reason: 'no marks on texts' },
        { field: 'parts[1].call.odd', reason: 'not known to this gateway' },
        { field: 'parts[1].mark', reason: 'not known to this gateway' },
      ],
      more: 0,
    });
    expect(lossesOf(byMember, { parts }).refused).toEqual({ field: 'parts[3]', reason: 'an unknown part' });
    expect(lossesOf(byMember, { parts: [{ video: {} }] }).refused?.reason).toBe('no films there');
  });

  test('is any member that is not named where a row says so', () => {
    expect(lossesOf(byMember, { tools: [{ functions: [{ name: 'f' }] }] }).losses).toEqual([]);
    expect(lossesOf(byMember, { tools: [{ functions: [{ name: 'f' }], search: {} }] }).refused).toEqual({
      field: 'tools[0].search',
      reason: 'an unknown tool',
    });
  });

  test('is looked for in objects that do not say their kind as in those that are usual there', () => {
    const input = [{ role: 'user', text: 'hi' }, { type: 'item', role: 'user' }, { type: 'other' }];
    expect(lossesOf(byMember, { input }).losses).toEqual([
      { field: 'input[1].role', reason: 'not known to this gateway' },
      { field: 'input[2]', reason: 'its type is not known to this gateway' },
    ]);
    expect(lossesOf(byMember, { input: 'a text' })).toEqual({ losses: [], more: 0 });
  });

  test('is not looked for in what travels as a whole', () => {
    expect(lossesOf(table, { tools: [{ schema: { seed: 1, foo: [{ bar: 2 }] } }] }).losses).toEqual([]);
    expect(lossesOf(table, { tools: [{ type: 'function', schema: {}, foo: 1 }] }).losses).toHaveLength(1);
  });

  test('keeps the request from the provider where a row says so, for the first such field', () => {
    const file = { type: 'image', source: { type: 'file', file_id: 'f' } };
    expect(lossesOf(table, { ...messages(file), tools: [{ type: 'search_2' }] }).refused).toEqual({
      field: 'messages[0].content[0].source',
      reason: 'no files there',
    });
    expect(lossesOf(table, { tools: [{ type: 'search_2' }] }).refused?.field).toBe('tools[0]');
    expect(lossesOf(table, messages({ type: 'hologram' })).refused?.reason).toBe('an unknown part');
    expect(lossesOf(table, messages({ text: 'no type' })).refused?.reason).toBe('an unknown part');
  });

  test('is named up to a bound, and counted beyond it', () => {
    const fields = Object.fromEntries(Array.from({ length: LOSSES_MAX + 9 }, (_, i) => [`x${i}`, 1]));
    const found = lossesOf(table, { ...fields, tools: [{ type: 'search_1' }] });
    expect(found.losses).toHaveLength(LOSSES_MAX);
    expect(found.more).toBe(9);
    expect(found.refused?.field).toBe('tools[0]');
  });

  test('is named so that a header can carry it, whatever the client calls it', () => {
    const found = lossesOf(table, { 'a;b\r\nc': 1, 'ä"x': 1, ['y'.repeat(100)]: 1, 'p.q': 1, p: { q: 1 } });
    for (const { field } of found.losses) expect(field).toMatch(/^[ -:<-~]{1,160}$/);
    expect(found.losses.map((loss) => loss.field).slice(3)).toEqual(['["p.q"]', 'p']);
  });
});

/** Requests in which the dialects' own words stand in places that fit and in others. */
const words = [
  ...['messages', 'content', 'role', 'type', 'text', 'tools', 'source', 'user', 'tool_use', 'cache_control'],
  ...['input', 'message', 'input_text', 'function_call_output', 'output', 'namespace', 'parts', 'functionCall'],
];
const odd = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom<unknown>(null, 0, 1, true, '', ...words),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...words), fc.string()), tie('value'), { maxKeys: 5 }),
  ),
})).value;

test.each(fidelityTables)('whatever stands in a request of $client, the walk ends and names no field twice', (each) => {
  fc.assert(
    fc.property(fc.dictionary(fc.oneof(fc.constantFrom(...words), fc.string()), odd, { maxKeys: 6 }), (fields) => {
      const found = lossesOf(each, fields);
      const names = found.losses.map((loss) => loss.field);
      expect(new Set(names).size).toBe(names.length);
      expect(names.length).toBeLessThanOrEqual(LOSSES_MAX);
      for (const { field, reason } of found.losses) expect(`${field}: ${reason}`).toMatch(/^[ -:<-~]+$/);
    }),
    { numRuns: 300 },
  );
});
