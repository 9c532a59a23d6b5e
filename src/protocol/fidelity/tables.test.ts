import { describe, expect, test } from 'vitest';
import { lossesOf } from './losses.ts';
import { fidelityTables, tableOf } from './tables.ts';
import { stepsOf, trieOf } from './trie.ts';

const chatToMessages = tableOf('openai-chat', 'anthropic-messages');
const messagesToChat = tableOf('anthropic-messages', 'openai-chat');
const responsesToChat = tableOf('openai-responses', 'openai-chat');
const responsesToMessages = tableOf('openai-responses', 'anthropic-messages');
if (chatToMessages === undefined || messagesToChat === undefined) throw new Error('a direction has no table');
if (responsesToChat === undefined || responsesToMessages === undefined) throw new Error('a direction has no table');

describe.each(fidelityTables)('the table $client to $provider', (table) => {
  test('names each place once, and in a form that can be read', () => {
    for (const rows of [table.request, table.answer]) {
      expect(rows.length).toBeGreaterThan(40);
      expect(() => trieOf(rows, table)).not.toThrow();
    }
  });

  test('gives each loss a reason that a header can carry, and says of each mapping how', () => {
    for (const row of [...table.request, ...table.answer]) {
      if (row.fate !== 'kept') expect(row.note, row.field).toBeTruthy();
      if (row.fate === 'warned' || row.fate === 'refused') expect(row.note, row.field).toMatch(/^[ -:<-~]{1,100}$/);
    }
  });
});

test('a dialect has no table for itself', () => {
  expect(tableOf('openai-chat', 'openai-chat')).toBeUndefined();
  expect(tableOf('openai-embeddings', 'anthropic-messages')).toBeUndefined();
});

test('a place that cannot be read is a fault of its table', () => {
  expect(stepsOf('a.b[].c[d].e(f).g')).toHaveLength(9);
  expect(() => stepsOf('a..b')).toThrow("no field's place: a..b at 1");
});

test('what OpenAI clients fill in as a matter of course is no loss toward Messages', () => {
  const fields = {
    model: 'claude',
    stream: true,
    stream_options: { include_usage: true },
    n: 1,
    logprobs: false,
    store: false,
    temperature: 0.7,
    presence_penalty: 0,
    frequency_penalty: 0,
    logit_bias: {},
    metadata: null,
    modalities: ['text'],
    service_tier: 'auto',
    parallel_tool_calls: true,
    tools: [
      { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true } },
    ],
    tool_choice: 'auto',
    response_format: { type: 'text' },
    messages: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x/y.png', detail: 'auto' } }] },
      {
        role: 'assistant',
        content: null,
        refusal: null,
        annotations: [],
        audio: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: 'ok' },
    ],
  };
  expect(lossesOf(chatToMessages, fields)).toEqual({ losses: [], more: 0 });
});

test('what a coding agent sends with each call is no loss toward Chat Completions', () => {
  const fields = {
    model: 'gpt',
    max_tokens: 32000,
    stream: true,
    metadata: { user_id: 'u' },
    system: [{ type: 'text', text: 'You are', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    thinking: { type: 'enabled', budget_tokens: 31999 },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    tools: [{ name: 'Read', description: 'd', input_schema: { type: 'object', properties: { seed: {} } } }],
    tool_choice: { type: 'auto', disable_parallel_tool_use: false },
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'leeward-unsigned' },
          { type: 'tool_use', id: 't', name: 'Read', input: { path: 'x' } },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'text', is_error: false }] },
    ],
  };
  expect(lossesOf(messagesToChat, fields)).toEqual({ losses: [], more: 0 });
});

test('what a coding agent sends with each call loses no more than what OpenAI alone runs', () => {
  const fields = {
    model: 'gpt',
    stream: true,
    store: false,
    include: ['reasoning.encrypted_content'],
    instructions: 'You are',
    prompt_cache_key: 'k',
    client_metadata: { session_id: 's' },
    parallel_tool_calls: true,
    reasoning: { summary: 'auto' },
    tool_choice: 'auto',
    tools: [
      { type: 'function', name: 'exec_command', description: 'd', strict: false, parameters: { type: 'object' } },
      {
        type: 'namespace',
        name: 'agents',
        description: 'Tools for agents.',
        tools: [{ type: 'function', name: 'spawn', description: 'd', strict: false, parameters: {} }],
      },
      { type: 'web_search', external_web_access: false },
    ],
    input: [
      { type: 'message', id: 'msg_1', role: 'developer', content: [{ type: 'input_text', text: 'rules' }] },
      { type: 'message', id: 'msg_2', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'leeward-unsigned' },
      { type: 'function_call', call_id: 'c', name: 'spawn', namespace: 'agents', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'ok' },
    ],
  };
  const namespace = { field: 'tools[1].description', reason: 'tools of this dialect stand in no namespaces' };
  expect(lossesOf(responsesToChat, fields)).toEqual({
    losses: [namespace, { field: 'tools[2]', reason: 'this provider does not run this tool' }],
    more: 0,
  });
  expect(lossesOf(responsesToMessages, fields)).toEqual({
    losses: [
      { field: 'prompt_cache_key', reason: 'the Messages dialect has no such setting' },
      namespace,
      {
        field: 'tools[2].external_web_access',
        reason: 'this provider knows no offline search: the tool is left out',
      },
    ],
    more: 0,
  });
});

test('what OpenAI clients of Responses fill in as a matter of course is no loss anywhere', () => {
  const fields = {
    model: 'm',
    input: 'hi',
    background: false,
    truncation: 'disabled',
    previous_response_id: null,
    store: true,
    temperature: 1,
    text: { format: { type: 'text' }, verbosity: 'medium' },
    reasoning: { effort: null, summary: null },
    service_tier: 'auto',
    tools: [],
    metadata: {},
    stream_options: { include_obfuscation: false },
  };
  for (const table of fidelityTables) {
    if (table.client === 'openai-responses') expect(lossesOf(table, fields)).toEqual({ losses: [], more: 0 });
  }
});

test('of a Responses request, what other providers cannot read keeps it from them', () => {
  const asked = (fields: object) =>
    [responsesToChat, responsesToMessages].map((each) => lossesOf(each, { ...fields }).refused?.field);
  expect(asked({ background: true })).toEqual(['background', 'background']);
  expect(asked({ previous_response_id: 'resp_1' })).toEqual(['previous_response_id', 'previous_response_id']);
  expect(asked({ tools: [{ type: 'mcp', server_label: 's' }] })).toEqual(['tools[0]', 'tools[0]']);
  expect(asked({ input: [{ type: 'item_reference', id: 'rs_1' }] })).toEqual(['input[0]', 'input[0]']);
  expect(asked({ input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] })).toEqual([
    'input[0].content[0].file_id',
    'input[0].content[0].file_id',
  ]);
  expect(asked({ input: [{ type: 'hologram' }] })).toEqual(['input[0]', 'input[0]']);
});

test('a tool that the search of a client found is told, and no longer kept for later', () => {
  const fields = {
    tools: [{ name: 'TaskCreate', input_schema: {}, defer_loading: true }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 't', content: [{ type: 'tool_reference', tool_name: 'TaskCreate' }] },
        ],
      },
    ],
  };
  expect(lossesOf(messagesToChat, fields)).toEqual({
    losses: [{ field: 'tools[0].defer_loading', reason: 'the tool is told at once' }],
    more: 0,
  });
});

test('content that cannot be sent keeps a request from its provider, preferences do not', () => {
  const voice = { modalities: ['text', 'audio'], audio: { format: 'wav', voice: 'ash' } };
  expect(lossesOf(chatToMessages, voice).refused?.field).toBe('modalities');
  expect(lossesOf(chatToMessages, { seed: 1, n: 3 })).toMatchObject({ losses: [{ field: 'seed' }, { field: 'n' }] });
  expect(lossesOf(messagesToChat, { tools: [{ type: 'web_search_20260318', name: 'web_search' }] }).refused).toEqual({
    field: 'tools[0]',
    reason: 'this provider does not run this tool',
  });
  expect(lossesOf(messagesToChat, { top_k: 5, speed: 'fast' })).toMatchObject({
    losses: [{ field: 'top_k' }, { field: 'speed' }],
  });
});
