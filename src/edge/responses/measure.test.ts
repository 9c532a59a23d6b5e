import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countTokens } from '../../tokens/token-worker.ts';
import { measureRequest } from './measure.ts';

type Fields = Readonly<Record<string, unknown>>;

function measured(fields: Fields) {
  return measureRequest(fields, Buffer.from(JSON.stringify(fields)));
}

function ownTokens(fields: Fields): number {
  const { texts, otherTokens } = measured(fields).prompt();
  return texts.reduce((sum, text) => sum + countTokens(text), otherTokens);
}

const ofPart = (part: object) => measured({ input: [{ role: 'user', content: [part] }] });
const ofItem = (item: object) => measured({ input: [item] });
const ofTool = (tool: object) => measured({ input: 'x', tools: [tool] });
const PICTURE = `data:image/png;base64,${'A'.repeat(9_000)}`;

describe('the bound on the input', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
    fc.constantFrom('👩‍👩‍👧🏽 日本語 𝕏', '.\u0000\u0001\u2028', '<|endoftext|>', '"\\"{}[]', 'ﷺ'.repeat(9)),
  );
  const numbers = fc.array(fc.constantFrom(1e20, 1e-6, -0, 7, 1.5, 123_456_789_012_345_680_000), { maxLength: 12 });
  const said = fc.oneof(text, fc.array(fc.record({ type: fc.constant('input_text'), text }), { maxLength: 3 }));
  const message = fc.record({ role: fc.constantFrom('user', 'developer', 'assistant'), content: said });
  const turn = fc.tuple(text, numbers, said).map(([thought, deep, output]) => [
    { type: 'reasoning', id: 'rs', summary: [{ type: 'summary_text', text: thought }] },
    { type: 'function_call', call_id: 'c', name: 'look', arguments: JSON.stringify({ deep }) },
    { type: 'function_call_output', call_id: 'c', output },
  ]);
  const request = fc.record(
    {
      instructions: text,
      input: fc.oneof(
        text,
        fc.tuple(fc.array(message, { maxLength: 3 }), turn).map(([messages, items]) => [...messages, ...items]),
      ),
      tools: fc.array(
        fc.record({
          type: fc.constant('function'),
          name: fc.constant('look'),
          description: text,
          parameters: fc.record({ type: fc.constant('object'), enum: numbers, title: text }),
        }),
        { maxLength: 2 },
      ),
      text: fc.record({ format: fc.record({ type: fc.constant('json_schema'), schema: fc.record({ title: text }) }) }),
    },
    { requiredKeys: ['input'] },
  );

  test('is never below what is counted, by the bytes as by their text', () => {
    fc.assert(
      fc.property(request, (fields) => {
        const { inputTokensMax, otherTokensMax, text: whole, unbounded, hostedTool } = measured(fields);
        expect({ unbounded, hostedTool }).toEqual({});
        const tokens = ownTokens(fields);
        expect(inputTokensMax).toBeGreaterThanOrEqual(tokens);
        expect(countTokens(whole()) + otherTokensMax).toBeGreaterThanOrEqual(tokens);
      }),
      { numRuns: 200 },
    );
  });

  test('takes a picture for the dearest one, whatever its bytes', () => {
    const plain = ofPart({ type: 'input_text', text: '' }).inputTokensMax;
    const { inputTokensMax, text: whole, unbounded } = ofPart({ type: 'input_image', image_url: PICTURE });
    expect(inputTokensMax).toBeGreaterThan(plain + 48_169);
    expect(inputTokensMax).toBeLessThan(plain + 60_000);
    expect(whole()).not.toContain('AAAA');
    expect(unbounded).toBeUndefined();
    const shot = ofItem({ type: 'computer_call_output', output: { type: 'computer_screenshot', image_url: PICTURE } });
    expect(shot.inputTokensMax).toBeGreaterThan(48_169);
    expect(shot.unbounded).toBeUndefined();
    const seen = ofItem({ type: 'function_call_output', output: [{ type: 'input_image', image_url: PICTURE }] });
    expect(seen.inputTokensMax).toBeGreaterThan(48_169);
  });

  test.each<[string, Fields]>([
    ['previous_response_id', { input: 'x', previous_response_id: 'resp_1' }],
    ['conversation', { input: 'x', conversation: 'conv_1' }],
    ['prompt', { prompt: { id: 'pmpt_1' } }],
    ['item_reference', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
    ['web_search_call', { input: [{ type: 'web_search_call', id: 'ws_1' }] }],
    ['compaction', { input: [{ type: 'compaction', encrypted_content: 'gAAA' }] }],
    ['brand_new', { input: [{ type: 'brand_new' }] }],
    ['input_image (file_id)', { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'f' }] }] }],
    ['input_file', { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] }],
    [
      'input_file (its pages)',
      { input: [{ role: 'user', content: [{ type: 'input_file', file_data: 'data:application/pdf;base64,AA' }] }] },
    ],
  ])('is none where %s may hold any amount', (field, fields) => {
    expect(measured(fields).unbounded).toBe(field);
  });
});

describe('a tool', () => {
  test.each([
    { type: 'web_search' },
    { type: 'web_search_preview' },
    { type: 'file_search', vector_store_ids: [] },
    { type: 'code_interpreter', container: { type: 'auto' } },
    { type: 'image_generation' },
    { type: 'mcp', server_label: 'x' },
    { type: 'brand_new' },
  ])('of the provider’s is one that it charges for as it likes: $type', (tool) => {
    expect(ofTool(tool).hostedTool).toBe(tool.type);
    expect(ofTool({ type: 'namespace', name: 'n', tools: [tool] }).hostedTool).toBe(tool.type);
  });

  test.each([
    { type: 'function', name: 'f' },
    { type: 'custom', name: 'c' },
    { type: 'local_shell' },
    { type: 'shell' },
    { type: 'shell', environment: { type: 'local' } },
    { type: 'apply_patch' },
    { type: 'computer_use_preview' },
    { type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'f' }] },
  ])('of the client’s is not: $type', (tool) => {
    expect(ofTool(tool).hostedTool).toBeUndefined();
  });

  test('that runs in a container of the provider’s is', () => {
    expect(ofTool({ type: 'shell', environment: { type: 'container_auto' } }).hostedTool).toBe('shell');
  });

  test('is not needed for paid work: a history that is summed up on the way is some, too', () => {
    expect(measured({ input: 'x', context_management: [{ type: 'compaction' }] }).hostedTool).toBe(
      'context_management',
    );
  });
});

test('the terms that a request asks for are told', () => {
  expect(measured({ input: 'x', service_tier: 'flex' }).serviceTier).toBe('flex');
  expect(measured({ input: 'x' }).serviceTier).toBeUndefined();
});
