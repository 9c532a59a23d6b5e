import { beforeAll, expect, test } from 'vitest';
import type { FaultRuleInput } from '../faults/rules.ts';
import { ask, ready } from '../testing.ts';
import { HELLO, respond, simulatorWith, streamed } from './testing.ts';

beforeAll(ready);

const look = ['look_harbor', 'sail_harbor'].map((name) => ({ type: 'function', name, parameters: { type: 'object' } }));

function withoutDeltas(names: readonly string[]): string[] {
  return names.filter((name, index) => !name.endsWith('.delta') || names[index - 1] !== name);
}

test('a stream has named events, numbered without gaps, and says in the end what a body says', () => {
  const body = respond(simulatorWith()).json;
  const { names, data } = streamed(simulatorWith());
  expect(withoutDeltas(names)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  expect(data.map(({ type }) => type)).toEqual(names);
  expect(data.map(({ sequence_number }) => sequence_number)).toEqual(data.map((_, index) => index));
  const deltas = data.filter(({ type }) => type === 'response.output_text.delta');
  expect(deltas.map(({ delta }) => delta).join('')).toBe(body.output[0].content[0].text);
  for (const { delta, obfuscation } of deltas) expect((delta.length + obfuscation.length) % 16).toBe(0);
  const said = ({ output, usage, status, service_tier }: typeof body) => ({
    text: output[0].content,
    usage,
    status,
    service_tier,
  });
  expect(said(data.at(-1).response)).toEqual(said(body));
  expect(data[0].response).toMatchObject({ status: 'in_progress', output: [], usage: null, service_tier: 'auto' });
});

test('obfuscation is left out for whoever does not want it', () => {
  const { text } = streamed(simulatorWith(), { stream_options: { include_obfuscation: false } });
  expect(text).not.toContain('obfuscation');
});

test('a thought is summed up in parts where a summary is wanted, and only counted where none is', () => {
  const settings = { model: 'sim-reasoner', include: ['reasoning.encrypted_content'] };
  const { names, data } = streamed(simulatorWith(), { ...settings, reasoning: { summary: 'detailed' } });
  expect(withoutDeltas(names).slice(2, 12)).toEqual([
    'response.output_item.added',
    ...[0, 1].flatMap(() => [
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
    ]),
    'response.output_item.done',
  ]);
  const [thought] = data.at(-1).response.output;
  expect(thought.summary).toHaveLength(2);
  const quiet = streamed(simulatorWith(), settings);
  expect(quiet.names).not.toContain('response.reasoning_summary_part.added');
  const { usage, output } = quiet.data.at(-1).response;
  expect(output[0]).toMatchObject({ summary: [], encrypted_content: expect.any(String) });
  expect(usage.output_tokens_details.reasoning_tokens).toBe(
    data.at(-1).response.usage.output_tokens_details.reasoning_tokens,
  );
});

test('more effort is more thought, and none is none', () => {
  const thoughts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'].map((effort) => {
    const { usage } = respond(simulatorWith(), { model: 'sim-reasoner', reasoning: { effort } }).json;
    return usage.output_tokens_details.reasoning_tokens;
  });
  expect(thoughts[0]).toBe(0);
  expect(thoughts).toEqual(thoughts.toSorted((one, other) => one - other));
  expect(new Set(thoughts).size).toBe(6);
});

test('parallel calls come one after the other, each with its arguments', () => {
  const { names, data } = streamed(simulatorWith(), { tools: look });
  const added = data.filter(({ type }) => type === 'response.output_item.added');
  expect(added).toMatchObject([
    { output_index: 0, item: { type: 'function_call', name: 'look_harbor', arguments: '', status: 'in_progress' } },
    { output_index: 1, item: { type: 'function_call', name: 'sail_harbor' } },
  ]);
  expect(names.filter((name) => name === 'response.function_call_arguments.done')).toHaveLength(2);
  expect(data.at(-1).response.output).toMatchObject([{ arguments: '{}', status: 'completed' }, { arguments: '{}' }]);
});

test('an answer that is cut off is incomplete, and so is its last item', () => {
  const one = simulatorWith();
  const { names, data } = streamed(one, { max_output_tokens: 16 });
  expect(names.at(-1)).toBe('response.incomplete');
  expect(data.at(-1).response).toMatchObject({
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
    completed_at: null,
    output: [{ status: 'incomplete' }],
    usage: { output_tokens: 16 },
  });
  expect(one.bill()[0]).toMatchObject({ completion_tokens: 16, outcome: 'complete' });
  const thinking = respond(simulatorWith(), { model: 'sim-reasoner', max_output_tokens: 16 }).json;
  expect(thinking.output.map(({ type }: { type: string }) => type)).toEqual(['reasoning']);
  const filtered = respond(simulatorWith(), { input: 'SIM_CONTENT_FILTER' }).json;
  expect(filtered).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'content_filter' } });
});

test('a refusal is a part of its own', () => {
  const { names, data } = streamed(simulatorWith(), { input: 'SIM_REFUSAL' });
  expect(withoutDeltas(names).slice(3, 6)).toEqual([
    'response.content_part.added',
    'response.refusal.delta',
    'response.refusal.done',
  ]);
  expect(data.at(-1).response.output).toMatchObject([{ content: [{ type: 'refusal', refusal: expect.any(String) }] }]);
});

const HOSTED: readonly (readonly [object, readonly string[]])[] = [
  [{ type: 'web_search' }, ['web_search_call.in_progress', 'web_search_call.searching', 'web_search_call.completed']],
  [
    { type: 'web_search_preview' },
    ['web_search_call.in_progress', 'web_search_call.searching', 'web_search_call.completed'],
  ],
  [
    { type: 'file_search', vector_store_ids: ['vs_1'] },
    ['file_search_call.in_progress', 'file_search_call.searching', 'file_search_call.completed'],
  ],
  [
    { type: 'code_interpreter', container: { type: 'auto' } },
    [
      'code_interpreter_call.in_progress',
      'code_interpreter_call_code.delta',
      'code_interpreter_call_code.done',
      'code_interpreter_call.interpreting',
      'code_interpreter_call.completed',
    ],
  ],
  [
    { type: 'image_generation', partial_images: 1 },
    [
      'image_generation_call.in_progress',
      'image_generation_call.generating',
      'image_generation_call.partial_image',
      'image_generation_call.completed',
    ],
  ],
];

test.each(HOSTED)('%o runs, and its message comes after it', (tool, events) => {
  const { names, data } = streamed(simulatorWith(), { tools: [tool] });
  const done = names.indexOf('response.output_item.done');
  expect(withoutDeltas(names.slice(3, done))).toEqual(events.map((name) => `response.${name}`));
  const { output } = data.at(-1).response;
  expect(output).toMatchObject([{ status: 'completed' }, { type: 'message' }]);
  const told = data.filter(({ type }) => type === 'response.output_text.annotation.added');
  expect(told.map(({ annotation }) => annotation)).toEqual(output[1].content[0].annotations);
});

test('what is included of hosted tools is what was asked for', () => {
  const tools = [{ type: 'file_search', vector_store_ids: ['vs_1'] }];
  const bare = respond(simulatorWith(), { tools }).json.output[0];
  expect(bare.results).toBeNull();
  const full = respond(simulatorWith(), { tools, include: ['file_search_call.results'] }).json.output[0];
  expect(full.results).toMatchObject([{ filename: 'notes.md' }]);
  const cited = respond(simulatorWith(), { tools: [{ type: 'web_search' }] }).json.output[1].content[0];
  const [{ start_index, end_index }] = cited.annotations;
  expect(cited.text.slice(start_index, end_index)).toMatch(/^A page about Describe harbor/);
});

test('a server is asked once it is approved, and its tools are listed once', () => {
  const one = simulatorWith();
  const tools = [{ type: 'mcp', server_label: 'docs', server_url: 'https://docs.example' }];
  const first = respond(one, { tools }).json;
  expect(first.output).toMatchObject([{ type: 'mcp_list_tools' }, { type: 'mcp_approval_request', name: 'search' }]);
  const answer = { type: 'mcp_approval_response', approval_request_id: first.output[1].id, approve: true };
  const second = respond(one, { tools, previous_response_id: first.id, input: [answer] }).json;
  expect(second.output).toMatchObject([
    { type: 'mcp_call', arguments: first.output[1].arguments, approval_request_id: first.output[1].id },
    { type: 'message' },
  ]);
  const refused = respond(one, { tools, previous_response_id: first.id, input: [{ ...answer, approve: false }] }).json;
  expect(refused.output.map(({ type }: { type: string }) => type)).toEqual(['message']);
  const free = streamed(one, { tools: [{ ...tools[0], require_approval: 'never' }] });
  expect(free.names).toContain('response.mcp_call_arguments.done');
});

const WAITING = [
  ['shell', 'shell_call', [{ stdout: 'harbor', stderr: '', outcome: { type: 'exit', exit_code: 0 } }]],
  ['local_shell', 'local_shell_call', 'harbor'],
  ['apply_patch', 'apply_patch_call', 'done'],
  ['computer', 'computer_call', { type: 'computer_screenshot', image_url: 'data:image/png;base64,AAAA' }],
] as const;

test.each(WAITING)('%s is run by the client, whose output is read', (type, item, output) => {
  const one = simulatorWith();
  const first = respond(one, { tools: [{ type }] }).json;
  expect(first.output).toMatchObject([{ type: item, status: 'completed', call_id: expect.stringMatching(/^call_/) }]);
  const result = { type: `${item}_output`, call_id: first.output[0].call_id, output, status: 'completed' };
  const second = respond(one, { tools: [{ type }], previous_response_id: first.id, input: [result] });
  expect(second.json.output).toMatchObject([
    { type: 'message', content: [{ text: expect.stringMatching(/^The tool returned: /) }] },
  ]);
});

test('log probabilities of each piece are the same streamed and whole', () => {
  const wish = { include: ['message.output_text.logprobs'], top_logprobs: 2 };
  const [{ content }] = respond(simulatorWith(), wish).json.output;
  expect(content[0].logprobs[0].top_logprobs).toHaveLength(2);
  const { data } = streamed(simulatorWith(), wish);
  expect(data.flatMap(({ type, logprobs }) => (type.endsWith('.delta') ? logprobs : []))).toEqual(content[0].logprobs);
});

test('a long prompt is cached, by the books as by the usage', () => {
  const one = simulatorWith();
  const more = { instructions: 'The harbor is deep and blue. '.repeat(300) };
  expect(respond(one, more).json.usage.input_tokens_details.cached_tokens).toBe(0);
  const { usage } = respond(one, more).json;
  expect(usage.input_tokens_details.cached_tokens).toBeGreaterThan(1_000);
  expect(one.bill()[1]).toMatchObject({
    prompt_tokens: usage.input_tokens,
    cached_tokens: usage.input_tokens_details.cached_tokens,
  });
});

test('an error within a stream is said twice, in the stream of numbers, and the bill has what was made', () => {
  const one = simulatorWith({ kind: 'error-event', afterEvents: 8, status: 429 });
  const { names, data } = streamed(one);
  expect(names.slice(-2)).toEqual(['error', 'response.failed']);
  expect(data.map(({ sequence_number }) => sequence_number)).toEqual(data.map((_, index) => index));
  expect(data.at(-2).error).toMatchObject({ code: 'rate_limit_exceeded', message: expect.any(String) });
  expect(data.at(-1).response).toMatchObject({ id: data[0].response.id, status: 'failed', usage: null });
  expect(data.at(-1).response.error).toEqual({
    code: data.at(-2).error.code,
    message: data.at(-2).error.message,
  });
  expect(one.bill()[0]).toMatchObject({ outcome: 'error', completion_tokens: 4 });
});

test('usage stands where the fault wants it, and says what the fault wants', () => {
  const usageIn = (kind: object) => {
    const { names, data } = streamed(simulatorWith(kind as never));
    return names.flatMap((name, index) => (data[index].response?.usage ? [name] : []));
  };
  expect(usageIn({ kind: 'no-usage' })).toEqual([]);
  expect(usageIn({ kind: 'usage', place: 'twice' })).toEqual(['response.in_progress', 'response.completed']);
  expect(usageIn({ kind: 'usage', place: 'after-done' })).toEqual(['response.in_progress']);
  const { text } = respond(simulatorWith({ kind: 'bad-usage', form: 'negative' }));
  expect(text).toContain('"input_tokens":-5');
  expect(streamed(simulatorWith({ kind: 'no-done' })).names.at(-1)).toBe('response.output_item.done');
});

test('an overrun is honestly billed, and statuses are said in the words of the API', () => {
  const one = simulatorWith({ kind: 'overrun', tokens: 10 });
  expect(respond(one, { max_output_tokens: 20 }).json.usage.output_tokens).toBe(30);
  const limited = respond(simulatorWith({ kind: 'status', code: 429 }));
  expect(limited).toMatchObject({ status: 429, json: { error: { code: 'rate_limit_exceeded' } } });
});

/** The first events of a stream that need not end. */
function beginning(fault: FaultRuleInput['fault'], count: number): string[] {
  const one = simulatorWith(fault);
  const body = Buffer.from(JSON.stringify({ ...HELLO, stream: true }));
  const { steps, call } = one.handle({ method: 'POST', path: '/v1/responses', headers: {}, body });
  const texts: string[] = [];
  for (const step of steps) {
    if (step.kind === 'bytes') texts.push(Buffer.from(step.bytes).toString());
    if (texts.length >= count) break;
  }
  call.settle('cancelled');
  expect(one.counts().active).toBe(0);
  return texts;
}

test('a stream without end goes on in its own events, or says only that it is there', () => {
  const tokens = beginning({ kind: 'endless', of: 'tokens', intervalMs: 1 }, 300);
  expect(tokens).toHaveLength(300);
  expect(tokens.at(-1)).toMatch(/^event: response.output_text.delta\ndata: .*"sequence_number":299}\n\n$/);
  expect(beginning({ kind: 'endless', of: 'pings', intervalMs: 1 }, 300).at(-1)).toBe(': ping\n\n');
  const huge = beginning({ kind: 'huge-event', afterEvents: 5, bytes: 70_000 }, 6).at(-1) ?? '';
  expect(JSON.parse(huge.slice(huge.indexOf('{')))).toMatchObject({ delta: 'x'.repeat(70_000) });
});

test('the same seed and the same requests give the same bytes', () => {
  const twice = [1, 2].map(() => {
    const one = simulatorWith();
    return [respond(one, { tools: look }).text, streamed(one, { model: 'sim-reasoner' }).text];
  });
  expect(twice[0]).toEqual(twice[1]);
});

test('what is kept is bounded, and the oldest goes first', () => {
  const one = simulatorWith();
  const first = respond(one).json.id;
  for (let count = 0; count < 1_000; count++) respond(one, { max_output_tokens: 16, input: `Say ${count}` });
  expect(ask(one, undefined, {}, `/v1/responses/${first}`).status).toBe(404);
  const last = respond(one, HELLO).json.id;
  expect(ask(one, undefined, {}, `/v1/responses/${last}`).json.id).toBe(last);
});
