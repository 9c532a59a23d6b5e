import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type Chunk, ready } from '../testing.ts';
import { respond, simulatorWith, streamed } from './testing.ts';

beforeAll(ready);

const TOOLS = [
  { type: 'function', name: 'look_harbor', parameters: { type: 'object', properties: { at: { type: 'string' } } } },
  { type: 'function', name: 'sail_harbor' },
  { type: 'custom', name: 'write_harbor' },
  { type: 'web_search' },
  { type: 'code_interpreter', container: { type: 'auto' } },
  { type: 'mcp', server_label: 'docs', require_approval: 'never' },
  { type: 'apply_patch' },
];

const asked = fc.record({
  model: fc.constantFrom('sim-small', 'sim-reasoner'),
  input: fc.constantFrom(
    'Describe the harbor',
    'Search the coast',
    'Run the code',
    'SIM_REFUSAL',
    'SIM_CONTENT_FILTER',
  ),
  tools: fc.subarray(TOOLS),
  parallel_tool_calls: fc.boolean(),
  max_output_tokens: fc.option(fc.integer({ min: 16, max: 200 }), { nil: null }),
  store: fc.boolean(),
  include: fc.subarray(['reasoning.encrypted_content', 'code_interpreter_call.outputs']),
  reasoning: fc.record({
    effort: fc.constantFrom(null, 'none', 'low', 'high'),
    summary: fc.constantFrom(null, 'auto', 'detailed'),
  }),
});

/** Where the text of a delta goes in its item. */
const TEXTS: Readonly<Record<string, (item: Chunk) => string>> = {
  'response.output_text.delta': (item) => item.content[0].text,
  'response.refusal.delta': (item) => item.content[0].refusal,
  'response.function_call_arguments.delta': (item) => item.arguments,
  'response.mcp_call_arguments.delta': (item) => item.arguments,
  'response.custom_tool_call_input.delta': (item) => item.input,
  'response.code_interpreter_call_code.delta': (item) => item.code,
  'response.reasoning_summary_text.delta': (item) => item.summary.map(({ text }: Chunk) => text).join(''),
};

test('whatever is asked for, a stream adds up to what a body says', () => {
  fc.assert(
    fc.property(asked, (body) => {
      const whole = respond(simulatorWith(), body);
      expect(whole.status).toBe(200);
      const { names, data } = streamed(simulatorWith(), body);
      expect(data.at(-1).response.output).toEqual(whole.json.output);
      expect(data.at(-1).response.usage).toEqual(whole.json.usage);
      const done = data.filter(({ type }) => type === 'response.output_item.done');
      expect(done.map(({ item }) => item)).toEqual(whole.json.output);
      expect(data.map(({ sequence_number }) => sequence_number)).toEqual(names.map((_, index) => index));
      for (const { item, output_index } of done) {
        for (const [type, textOf] of Object.entries(TEXTS)) {
          const parts = data.filter((event) => event.type === type && event.output_index === output_index);
          if (parts.length > 0) expect(parts.map(({ delta }) => delta).join('')).toBe(textOf(item));
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('an answer comes back as history, stored or not', () => {
  fc.assert(
    fc.property(asked, (body) => {
      const one = simulatorWith();
      const settings = { ...body, max_output_tokens: null, include: ['reasoning.encrypted_content'] };
      const { output } = respond(one, settings).json;
      const results = output.flatMap(({ type, call_id }: Chunk) =>
        call_id === undefined ? [] : [{ type: `${type}_output`, call_id, output: 'calm', ...statusOf(type) }],
      );
      const user = { role: 'user', content: body.input };
      const next = respond(one, { ...settings, input: [user, ...output, ...results, user] });
      expect(next.json.error ?? null).toBeNull();
    }),
    { numRuns: 100 },
  );
});

function statusOf(type: string): object {
  return type === 'apply_patch_call' ? { status: 'completed' } : {};
}

test('whatever JSON is sent, it is answered or refused, and the books are closed', () => {
  const one = simulatorWith();
  const item = fc.oneof(
    fc.jsonValue(),
    fc.record({ type: fc.constantFrom('message', 'reasoning', 'function_call', 'mcp_call'), id: fc.jsonValue() }),
    fc.record({ role: fc.constantFrom('user', 'assistant'), content: fc.jsonValue() }),
  );
  const body = fc.record({
    input: fc.oneof(fc.jsonValue(), fc.array(item)),
    tools: fc.jsonValue(),
    tool_choice: fc.jsonValue(),
    text: fc.jsonValue(),
    reasoning: fc.jsonValue(),
    metadata: fc.jsonValue(),
  });
  fc.assert(
    fc.property(body, (fields) => {
      const { status } = respond(one, fields);
      expect([200, 400, 404]).toContain(status);
    }),
    { numRuns: 300 },
  );
  expect(one.counts().active).toBe(0);
});
