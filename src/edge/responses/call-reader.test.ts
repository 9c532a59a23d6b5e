import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../kernel/errors.ts';
import { readCall } from './call-reader.ts';

function refusal(fields: Record<string, unknown>): { readonly param: string | undefined; readonly message: string } {
  try {
    readCall(fields);
  } catch (error) {
    if (error instanceof GatewayError) return { param: error.param, message: error.message };
    throw error;
  }
  throw new Error('it was not refused');
}

const asked = (more: Record<string, unknown>) => readCall({ model: 'm', input: 'x', ...more });

describe("what OpenAI's own API refuses is refused in its words", () => {
  test.each([
    [{ input: 'x' }, 'model', "Missing required parameter: 'model'."],
    [{ model: 'm' }, 'input', "Missing required parameter: 'input'."],
    [{ model: 'm', input: 7 }, 'input', "Invalid type for 'input'"],
    [{ model: 'm', input: ['x'] }, 'input[0]', "Invalid type for 'input[0]'"],
    [{ model: 'm', input: [{ content: 'x' }] }, 'input[0].role', "Missing required parameter: 'input[0].role'."],
    [{ model: 'm', input: [{ role: 'tool', content: 'x' }] }, 'input[0].role', "Invalid value for 'input[0].role'"],
    [{ model: 'm', input: [{ role: 'user' }] }, 'input[0].content', "Missing required parameter: 'input[0].content'."],
    [
      { model: 'm', input: [{ role: 'user', content: [{ type: 'input_text' }] }] },
      'input[0].content[0].text',
      "Invalid type for 'input[0].content[0].text'",
    ],
    [
      { model: 'm', input: [{ type: 'function_call_output', output: 'x' }] },
      'input[0].call_id',
      "Missing required parameter: 'input[0].call_id'.",
    ],
    [
      { model: 'm', input: [{ type: 'function_call_output', call_id: 'c' }] },
      'input[0].output',
      "Missing required parameter: 'input[0].output'.",
    ],
    [
      { model: 'm', input: [{ type: 'function_call', call_id: 'c' }] },
      'input[0].name',
      "Invalid type for 'input[0].name'",
    ],
    [{ model: 'm', input: 'x', instructions: [] }, 'instructions', "Invalid type for 'instructions'"],
    [{ model: 'm', input: 'x', tools: [{ type: 'function' }] }, 'tools[0].name', "Invalid type for 'tools[0].name'"],
    [{ model: 'm', input: 'x', tool_choice: 'any' }, 'tool_choice', "Invalid type for 'tool_choice'"],
    [{ model: 'm', input: 'x', temperature: 3 }, 'temperature', "Invalid 'temperature'"],
    [{ model: 'm', input: 'x', max_output_tokens: 1.5 }, 'max_output_tokens', "Invalid type for 'max_output_tokens'"],
    [
      { model: 'm', input: 'x', reasoning: { effort: 'huge' } },
      'reasoning.effort',
      "Invalid value for 'reasoning.effort'",
    ],
    [
      { model: 'm', input: 'x', text: { format: { type: 'json_schema', schema: {} } } },
      'text.format.name',
      "Missing required parameter: 'text.format.name'.",
    ],
    [{ model: 'm', input: 'x', metadata: { a: 1 } }, 'metadata.a', "Invalid type for 'metadata.a'"],
    [{ model: 'm', input: 'x', conversation: 7 }, 'conversation', "Invalid type for 'conversation'"],
  ])('%j', (fields, param, message) => {
    const refused = refusal(fields);
    expect(refused.param).toBe(param);
    expect(refused.message).toContain(message);
  });
});

describe('input', () => {
  test('instructions come first, and a text is what the user says', () => {
    expect(asked({ instructions: 'Be brief.' }).messages).toEqual([
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', text: 'x' }] },
    ]);
  });

  test('items of one turn are one message, and so are the results of its calls', () => {
    const { messages } = readCall({
      model: 'm',
      input: [
        { role: 'user', content: 'Weather?' },
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'c2VhbA' },
        { role: 'assistant', content: 'I look.' },
        { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{}' },
        { type: 'custom_tool_call', call_id: 'c2', name: 'run', input: 'now' },
        { type: 'function_call_output', call_id: 'c1', output: 'sun' },
        { type: 'custom_tool_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'ran' }] },
        { role: 'user', content: 'And?' },
      ],
    });
    expect(messages.map(({ role, parts }) => [role, ...parts.map(({ type }) => type)])).toEqual([
      ['user', 'text'],
      ['assistant', 'reasoning', 'text', 'tool-call', 'tool-call'],
      ['user', 'tool-result', 'tool-result'],
      ['user', 'text'],
    ]);
    expect(messages[1]?.parts[0]).toEqual({
      type: 'reasoning',
      id: 'rs_1',
      text: 'hm',
      summary: true,
      encrypted: { value: 'c2VhbA', dialect: 'openai-responses' },
    });
  });

  test('what a client did with a tool that its model knows by heart is said by the user', () => {
    const item = { type: 'local_shell_call_output', id: 'x', output: 'ok' };
    const [message] = readCall({ model: 'm', input: [item] }).messages;
    expect(message).toMatchObject({ role: 'user', parts: [{ type: 'hosted-result', source: { fields: item } }] });
  });

  test('a reference to an item needs no type, and is kept', () => {
    const [message] = readCall({ model: 'm', input: [{ id: 'msg_1' }] }).messages;
    expect(message?.parts).toMatchObject([{ type: 'other', name: 'item_reference' }]);
  });

  test('may be left out where the conversation lies elsewhere', () => {
    const { messages, conversation } = readCall({ model: 'm', previous_response_id: 'resp_1' });
    expect([messages, conversation]).toEqual([[], { previousId: 'resp_1' }]);
  });
});

describe('a mark of ours', () => {
  const thought = (seal: string) => ({
    type: 'reasoning',
    id: 'rs_x_0',
    summary: [{ type: 'summary_text', text: 'hm' }],
    encrypted_content: seal,
  });
  const parts = (...items: unknown[]) => readCall({ model: 'm', input: items }).messages[0]?.parts;

  test('without anything behind it leaves the thought alone, and nothing of one without words', () => {
    expect(parts(thought('leeward-unsigned'))).toEqual([{ type: 'reasoning', text: 'hm' }]);
    expect(readCall({ model: 'm', input: [{ ...thought('leeward-unsigned'), summary: [] }] }).messages).toEqual([]);
  });

  test('of a call belongs to the next call of its turn, and to none of another turn', () => {
    const sign = { ...thought('leeward-unsigned:gemini:call:sig'), summary: [] };
    const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };
    const signature = { value: 'sig', dialect: 'gemini' };
    expect(parts(sign, { role: 'assistant', content: 'so' }, call)).toMatchObject([{ type: 'text' }, { signature }]);
    const later = readCall({ model: 'm', input: [sign, { role: 'user', content: 'x' }, call] }).messages;
    expect(later.at(-1)?.parts[0]).not.toHaveProperty('signature');
  });
});

describe('settings', () => {
  test('have the names of the centre', () => {
    const call = asked({
      stream: true,
      text: { format: { type: 'json_schema', name: 'a', schema: {}, strict: true }, verbosity: 'low' },
      reasoning: { effort: 'high', summary: 'auto' },
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
      max_output_tokens: 9,
      prompt_cache_key: 'k',
      user: 'u',
      safety_identifier: 's',
      service_tier: 'flex',
      metadata: { a: 'b' },
      store: false,
      conversation: { id: 'conv_1' },
      truncation: 'auto',
    });
    expect(call).toMatchObject({
      stream: true,
      responseFormat: { type: 'json-schema', name: 'a', schema: {}, strict: true },
      verbosity: 'low',
      reasoning: { effort: 'high', show: 'summary' },
      sampling: { logprobs: 0 },
      outputTokensMax: 9,
      cacheKey: 'k',
      endUser: 'u',
      safetyIdentifier: 's',
      serviceTier: 'flex',
      metadata: { a: 'b' },
      conversation: { store: false, id: 'conv_1' },
      rest: { fields: { include: ['reasoning.encrypted_content'], truncation: 'auto' } },
    });
    expect(call.reasoning).not.toHaveProperty('rest');
  });

  test('tools of the provider are told apart, with what several vendors know of a search', () => {
    const { tools, toolChoice } = asked({
      tools: [
        {
          type: 'web_search_preview',
          search_context_size: 'low',
          filters: { allowed_domains: ['a.b'] },
          user_location: { type: 'approximate', city: 'Oslo' },
        },
        { type: 'code_interpreter', container: { type: 'auto' } },
        { type: 'zz' },
      ],
      tool_choice: { type: 'web_search_preview' },
    });
    expect(tools).toMatchObject([
      { tool: 'web-search', contextSize: 'low', allowedDomains: ['a.b'], userLocation: { city: 'Oslo' } },
      { tool: 'code-execution' },
      { tool: 'other' },
    ]);
    expect(toolChoice).toEqual({ type: 'tool', name: 'web_search' });
  });

  test('a search that is to stay offline, and one among tools, are left out', () => {
    const online = { type: 'web_search', external_web_access: true };
    const tools = [{ ...online, external_web_access: false }, { type: 'tool_search' }, { type: 'zz' }, online];
    expect(asked({ tools }).tools).toMatchObject([{ tool: 'other' }, { tool: 'web-search' }]);
    expect(asked({ tools: tools.slice(0, 2) }).tools).toBeUndefined();
  });
});
