import { describe, expect, test } from 'vitest';
import { responsesProvider } from './codec.ts';

type Json = Readonly<Record<string, unknown>>;

function read(body: unknown) {
  return responsesProvider.readAnswer(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
}

const item = (type: string, more: Json = {}) => ({ type, id: 'x_1', ...more });
const answer = (output: readonly Json[], more: Json = {}) => ({ id: 'resp_1', status: 'completed', output, ...more });
const partsOf = (...output: readonly Json[]) => read(answer(output)).choices[0]?.parts;

describe('items', () => {
  test.each([
    ['web_search_call', { action: { type: 'search', query: 'q' } }, 'web-search', '{"type":"search","query":"q"}'],
    ['file_search_call', { queries: ['q'] }, 'file-search', '{"queries":["q"]}'],
    ['code_interpreter_call', { code: '1+1', outputs: [] }, 'code-execution', '{"code":"1+1"}'],
    ['computer_call', { call_id: 'c', action: { type: 'wait' } }, 'computer', '{"type":"wait"}'],
    ['mcp_call', { name: 'roll', arguments: '{"n":1}', output: '4' }, 'mcp', '{"n":1}'],
    ['mcp_approval_request', { name: 'roll', arguments: '{}' }, 'mcp', '{}'],
    ['shell_call', { call_id: 'c', action: { commands: ['ls'] } }, 'shell', '{"commands":["ls"]}'],
    ['local_shell_call', { call_id: 'c', action: { type: 'exec' } }, 'shell', '{"type":"exec"}'],
    ['apply_patch_call', { operation: { type: 'delete_file' } }, 'text-editor', '{"operation":{"type":"delete_file"}}'],
    ['tool_search_call', { arguments: { query: 'q' } }, 'tool-search', '{"query":"q"}'],
    ['image_generation_call', { status: 'failed', result: null }, 'image-generation', ''],
  ])('%s is what a tool of the provider was asked, kept whole', (type, more, tool, asked) => {
    const whole = item(type, more);
    expect(partsOf(whole)).toMatchObject([
      { type: 'hosted-call', tool, arguments: asked, source: { dialect: 'openai-responses', fields: whole } },
    ]);
  });

  test.each([
    'shell_call_output',
    'computer_call_output',
    'apply_patch_call_output',
    'mcp_list_tools',
    'tool_search_output',
  ])('%s is what such a tool answered', (type) =>
    expect(partsOf(item(type, { call_id: 'c' }))).toMatchObject([{ type: 'hosted-result', callId: 'c' }]),
  );

  test.each(['compaction', 'additional_tools', 'what_comes_next'])('%s is kept as it came', (type) => {
    expect(partsOf(item(type, { a: 1 }))).toMatchObject([{ type: 'other', name: type, source: { fields: { a: 1 } } }]);
  });

  test('an empty text, and a thought of which nothing is shown, say nothing', () => {
    const empty = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: '', annotations: [] }] };
    expect(partsOf(empty, item('reasoning', { summary: [] }))).toEqual([]);
  });
});

describe('what is no answer', () => {
  test.each([
    ['<html>', 'its body is not complete JSON'],
    [[], 'its body is not a JSON object'],
    [{ choices: [] }, 'its body has no `output`'],
    [answer([], { status: 'in_progress' }), 'its status is `in_progress`'],
    [answer([item('function_call', { call_id: 'c' })]), '`output[0].name` is not a name'],
  ])('%j', (body, why) => {
    expect(() => read(body)).toThrow(`The provider's answer is none of the Responses API: ${why}.`);
  });

  test('an error in its place, and an answer that failed, are what they say', () => {
    const error = { code: 'rate_limit_exceeded', message: 'Slow down.' };
    const limited = expect.objectContaining({ code: 'rate_limited', retry: 'other-target' });
    expect(() => read({ error })).toThrow(limited as unknown as Error);
    expect(() => read(answer([], { status: 'failed', error }))).toThrow(limited as unknown as Error);
    expect(() => read(answer([], { status: 'cancelled' }))).toThrow(/was cancelled/);
  });
});
