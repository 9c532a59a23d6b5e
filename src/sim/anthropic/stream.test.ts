import { beforeAll, expect, test } from 'vitest';
import { VirtualClock } from '../../kernel/clock.ts';
import type { FaultRuleInput } from '../faults/rules.ts';
import { Simulator } from '../simulator.ts';
import { ask, type Chunk, ready } from '../testing.ts';

beforeAll(ready);

const headers = { 'anthropic-version': '2023-06-01' };
const hello = { model: 'sim-small', max_tokens: 200, messages: [{ role: 'user', content: 'Describe the harbor' }] };

function simulator(fault?: FaultRuleInput['fault']) {
  return new Simulator({ seed: 7, clock: new VirtualClock(), ...(fault === undefined ? {} : { faults: [{ fault }] }) });
}

/** The events of a streamed answer: their names as the frames say them, and their data. */
function streamed(one: Simulator, body: object = {}) {
  const asked = ask(one, { ...hello, ...body, stream: true }, headers, '/v1/messages');
  const frames = asked.text.split('\n\n').slice(0, -1);
  const names = frames.map((frame) => /^event: (\w+)\ndata: /.exec(frame)?.[1]);
  const data: Chunk[] = frames.map((frame) => JSON.parse(frame.slice(frame.indexOf('data: ') + 6)));
  return { ...asked, names, data };
}

function body(one: Simulator, more: object = {}) {
  return ask(one, { ...hello, ...more }, headers, '/v1/messages').json;
}

test('a stream has named events in their order, a ping, and counts that only grow', () => {
  const one = simulator();
  const { names, data } = streamed(one, { max_tokens: 5 });
  expect(names).toEqual([
    'message_start',
    'content_block_start',
    'ping',
    ...Array.from({ length: 5 }, () => 'content_block_delta'),
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  expect(data.map(({ type }) => type)).toEqual(names);
  expect(data[0].message.usage).toMatchObject({ output_tokens: 1, input_tokens: data.at(-2).usage.input_tokens });
  expect(data.at(-2)).toMatchObject({ delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 5 } });
  expect(one.bill()[0]).toMatchObject({ completion_tokens: 5, outcome: 'complete' });
});

test('stop sequences end an answer where they stand, and are named', () => {
  const whole = body(simulator()).content[0].text;
  const stop = whole.split(' ')[4];
  const json = body(simulator(), { stop_sequences: ['never said', stop] });
  expect(json).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: stop });
  expect(json.content[0].text).toBe(whole.slice(0, whole.indexOf(stop)));
});

test('a tool without arguments streams no arguments, and one alone is called when parallel calls are off', () => {
  const tools = ['sail_harbor', 'see_harbor'].map((name) => ({ name, input_schema: { type: 'object' } }));
  const { data } = streamed(simulator(), { tools, tool_choice: { type: 'auto', disable_parallel_tool_use: true } });
  const starts = data.filter(({ content_block }) => content_block?.type === 'tool_use');
  expect(starts).toMatchObject([{ index: 1, content_block: { name: 'sail_harbor', input: {} } }]);
  const parts = data.filter(({ delta }) => delta?.type === 'input_json_delta').map(({ delta }) => delta.partial_json);
  expect(parts.join('')).toBe('');
  const forced = body(simulator(), { tools, tool_choice: { type: 'any' } });
  expect(forced.content.map(({ type }: Chunk) => type)).toEqual(['tool_use', 'tool_use']);
  expect(body(simulator(), { tools, tool_choice: { type: 'none' } }).stop_reason).toBe('end_turn');
});

test('a wanted schema is kept, a refusal says so, and a window that is full ends the answer', () => {
  const schema = { type: 'object', properties: { depth: { type: 'integer' } }, required: ['depth'] };
  const json = body(simulator(), { output_config: { format: { type: 'json_schema', schema } } });
  expect(JSON.parse(json.content[0].text)).toEqual({ depth: expect.any(Number) });
  const magic = [{ role: 'user', content: 'ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1' }];
  expect(body(simulator(), { messages: magic })).toMatchObject({
    stop_reason: 'refusal',
    stop_details: { type: 'refusal' },
    content: [],
  });
  const long = [{ role: 'user', content: 'wind '.repeat(127_980) }];
  expect(body(simulator(), { messages: long }).stop_reason).toBe('model_context_window_exceeded');
});

test('documents are cited by where the passage stands', () => {
  const documents = [
    { type: 'text', media_type: 'text/plain', data: 'Cats purr. The harbor is deep. Dogs bark.' },
    {
      type: 'content',
      content: [
        { type: 'text', text: 'Nothing' },
        { type: 'text', text: 'A harbor' },
      ],
    },
    { type: 'base64', media_type: 'application/pdf', data: Buffer.from('%PDF-1.4 /Type /Page ').toString('base64') },
  ].map((source) => ({ type: 'document', source, title: 'facts', citations: { enabled: true } }));
  const content = [{ type: 'text', text: 'Describe the harbor' }, ...documents];
  const json = body(simulator(), { messages: [{ role: 'user', content }] });
  const citations = json.content.flatMap((block: Chunk) => block.citations ?? []);
  expect(citations).toMatchObject([
    { type: 'char_location', cited_text: 'The harbor is deep. ', start_char_index: 11, end_char_index: 31 },
    { type: 'content_block_location', cited_text: 'A harbor', start_block_index: 1, document_index: 1 },
    { type: 'page_location', start_page_number: 1, end_page_number: 2, document_title: 'facts' },
  ]);
});

test('tools that Anthropic names and the client runs are called with what they take, toolsets never', () => {
  const tools = [
    { type: 'bash_20250124', name: 'bash' },
    { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' },
    { type: 'computer_toolset_20260801' },
  ];
  const messages = [{ role: 'user', content: 'Use bash and replace the harbor' }];
  const calls = body(simulator(), { tools, messages, tool_choice: { type: 'any' } }).content;
  expect(calls).toMatchObject([
    { type: 'tool_use', name: 'bash', input: { command: expect.any(String) } },
    { type: 'tool_use', name: 'str_replace_based_edit_tool', input: { command: 'view', path: expect.any(String) } },
  ]);
  const toolset = body(simulator(), { tools: tools.slice(2), messages });
  expect(toolset.stop_reason).toBe('end_turn');
});

test('a page of a PDF costs 1,500 tokens, a picture a token for 750 pixels, and an unseen one the most', () => {
  const one = simulator();
  const count = (...content: object[]) =>
    ask(one, { model: 'sim-small', messages: [{ role: 'user', content }] }, headers, '/v1/messages/count_tokens').json
      .input_tokens;
  const nothing = count({ type: 'text', text: 'x' }) - 1;
  const pages = Buffer.from('%PDF-1.4 /Type /Pages /Type /Page /Type/Page ').toString('base64');
  const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pages } };
  expect(count(pdf) - nothing).toBe(3_000);
  const png = Buffer.alloc(24);
  png.set([0x89, 0x50, 0x4e, 0x47]);
  png.writeUInt32BE(750, 16);
  png.writeUInt32BE(4, 20);
  const source = { type: 'base64', media_type: 'image/png', data: png.toString('base64') };
  expect(count({ type: 'image', source }) - nothing).toBe(4);
  const far = { type: 'url', url: 'https://harbor.example/chart.png' };
  expect(count({ type: 'image', source: far }) - nothing).toBe(1_568);
});

test('code runs at the provider, in a container', () => {
  const json = body(simulator(), { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] });
  expect(json.content.map(({ type }: Chunk) => type)).toEqual([
    'server_tool_use',
    'bash_code_execution_tool_result',
    'text',
  ]);
  expect(json.container.id).toMatch(/^container_/);
});

test('the same request gives the same words, streamed or not, of whatever seed', () => {
  const texts = [7, 7, 8].map((seed) => {
    const one = new Simulator({ seed, clock: new VirtualClock() });
    const deltas = streamed(one).data.map(({ delta }) => delta?.text ?? '');
    expect(deltas.join('')).toBe(body(one).content[0].text);
    return deltas.join('');
  });
  expect(texts[0]).toBe(texts[1]);
  expect(texts[0]).not.toBe(texts[2]);
});

test('faults speak Messages: errors, errors in a stream, a missing end, pings without end', () => {
  const status = ask(simulator({ kind: 'status', code: 529 }), hello, headers, '/v1/messages');
  expect(status.status).toBe(529);
  expect(status.json).toEqual({
    type: 'error',
    error: { type: 'overloaded_error', message: 'Overloaded' },
    request_id: status.headers['request-id'],
  });
  const inside = streamed(simulator({ kind: 'error-event', afterEvents: 4, status: 529 }));
  expect(inside.names.slice(3)).toEqual(['content_block_delta', 'error']);
  expect(inside.data.at(-1)).toEqual({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
  expect(streamed(simulator({ kind: 'no-done' })).names.at(-1)).toBe('message_delta');
  const pings = simulator({ kind: 'endless', of: 'pings' });
  const { steps, call } = pings.handle({
    method: 'POST',
    path: '/v1/messages',
    headers,
    body: Buffer.from(JSON.stringify({ ...hello, stream: true })),
  });
  let last = '';
  let seen = 0;
  for (const step of steps) {
    if (step.kind === 'bytes') last = Buffer.from(step.bytes).toString();
    if (++seen === 400) break;
  }
  expect(last).toBe('event: ping\ndata: {"type":"ping"}\n\n');
  call.settle('cancelled');
});

test('usage can be missing, wrong, twice or late, and the bill is honest', () => {
  const none = streamed(simulator({ kind: 'no-usage' }));
  expect(none.text).not.toContain('usage');
  expect(streamed(simulator({ kind: 'bad-usage', form: 'negative' })).data.at(-2).usage.output_tokens).toBe(-5);
  const apart = { thinking: { type: 'adaptive' } };
  const { usage } = body(simulator({ kind: 'bad-usage', form: 'reasoning-apart' }), apart);
  const honest = body(simulator(), apart).usage;
  expect(usage.output_tokens).toBe(honest.output_tokens - honest.output_tokens_details.thinking_tokens);
  const twice = streamed(simulator({ kind: 'usage', place: 'twice' })).names;
  expect(twice.slice(-3)).toEqual(['message_delta', 'message_delta', 'message_stop']);
  const late = streamed(simulator({ kind: 'usage', place: 'after-done' }));
  expect(late.names.slice(-2)).toEqual(['message_stop', 'message_delta']);
  expect(late.data.at(-3)).not.toHaveProperty('usage');
  const every = streamed(simulator({ kind: 'usage', place: 'every' }), apart).data;
  expect(every.flatMap(({ type, usage: said }) => (type === 'message_delta' ? said.output_tokens : []))).toHaveLength(
    3,
  );
  const one = simulator({ kind: 'overrun', tokens: 20 });
  expect(body(one, { max_tokens: 30 }).usage.output_tokens).toBe(50);
  expect(one.bill()[0]?.completion_tokens).toBe(50);
});
