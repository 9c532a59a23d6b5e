import { beforeAll, expect, test } from 'vitest';
import { ready } from '../testing.ts';
import { respond, simulatorWith } from './testing.ts';

beforeAll(ready);

const user = { role: 'user', content: 'Describe the harbor' };
const call = { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{}' };
const output = { type: 'function_call_output', call_id: 'call_1', output: 'blue' };
const look = { type: 'function', name: 'look', parameters: { type: 'object', properties: { at: { type: 'string' } } } };
const reasoner = { model: 'sim-reasoner' };

const REFUSED: readonly (readonly [string, object, object])[] = [
  [
    'an unknown field',
    { stop: 'x' },
    { message: "Unknown parameter: 'stop'.", param: 'stop', code: 'unknown_parameter' },
  ],
  ['no input', { input: undefined }, { code: 'missing_required_parameter' }],
  ['no model', { model: undefined }, { message: "Missing required parameter: 'model'." }],
  ['a model that is not there', { model: 'gone' }, { code: 'model_not_found', param: 'model' }],
  ['few tokens', { max_output_tokens: 5 }, { code: 'integer_below_min_value', param: 'max_output_tokens' }],
  ['an unknown include', { include: ['all'] }, { param: 'include[0]', code: 'invalid_value' }],
  ['a temperature of a reasoning model', { ...reasoner, temperature: 0.2 }, { code: 'unsupported_parameter' }],
  ['logprobs of one', { ...reasoner, include: ['message.output_text.logprobs'] }, { param: 'include' }],
  ['stream options without a stream', { stream_options: {} }, { param: 'stream_options' }],
  ['background that is not stored', { background: true, store: false }, { param: 'background' }],
  ['an unknown conversation', { conversation: 'conv_1' }, { code: 'conversation_not_found' }],
  ['an unknown prompt', { prompt: { id: 'pmpt_1' } }, { code: 'prompt_not_found' }],
  ['an unknown response before', { previous_response_id: 'resp_1' }, { code: 'previous_response_not_found' }],
  [
    'an output without its call',
    { input: [user, output] },
    { message: 'No tool call found for function call output with call_id call_1.', param: 'input' },
  ],
  ['a call without its output', { input: [user, call] }, { message: 'No tool output found for function call call_1.' }],
  ['an item of no type', { input: [{ content: 'x' }] }, { message: "Missing required parameter: 'input[0].type'." }],
  ['an item of an unknown type', { input: [{ type: 'thing' }] }, { param: 'input[0].type', code: 'invalid_value' }],
  [
    'an unknown field of an item',
    { input: [{ ...user, name: 'x' }] },
    { message: "Unknown parameter: 'input[0].name'." },
  ],
  [
    'an id of another kind',
    { input: [{ ...call, id: 'abc' }, output] },
    { message: "Invalid 'input[0].id': 'abc'. Expected an ID that begins with 'fc'." },
  ],
  ['an id that is too long', { input: [{ ...call, call_id: 'x'.repeat(65) }] }, { code: 'string_above_max_length' }],
  [
    'the same item twice',
    { input: [user, { ...call, id: 'fc_1' }, { ...call, id: 'fc_1' }, output] },
    { message: 'Duplicate item found with id fc_1. Remove duplicate items from your input and try again.' },
  ],
  [
    'an answer as a question',
    { input: [{ role: 'user', content: [{ type: 'output_text', text: 'x' }] }] },
    { param: 'input[0].content[0].type' },
  ],
  [
    'a question as an answer',
    { input: [{ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }] },
    { message: "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'." },
  ],
  [
    'a picture from nowhere',
    { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }] },
    { param: 'input[0].content[0].image_url' },
  ],
  [
    'a tool in the form of chat completions',
    { tools: [{ type: 'function', function: { name: 'look' } }] },
    { message: "Missing required parameter: 'tools[0].name'." },
  ],
  [
    'a strict tool with a loose schema',
    { tools: [{ ...look, strict: true }] },
    { code: 'invalid_function_parameters', param: 'tools[0].parameters' },
  ],
  ['a choice of no tool', { tools: [look], tool_choice: { type: 'function', name: 'see' } }, { param: 'tool_choice' }],
  [
    'a strict format with a loose schema',
    { text: { format: { type: 'json_schema', name: 'a', strict: true, schema: look.parameters } } },
    { code: 'invalid_json_schema' },
  ],
  ['JSON that nobody speaks of', { text: { format: { type: 'json_object' } } }, { param: 'input' }],
];

test.each(REFUSED)('%s is refused in the words of the API', (_what, body, error) => {
  const simulator = simulatorWith();
  const asked = respond(simulator, body);
  expect(asked.status).toBe(400);
  expect(asked.json.error).toMatchObject({ type: 'invalid_request_error', ...error });
  expect(simulator.bill()).toEqual([]);
});

test('what is right about the same things is taken', () => {
  const input = [
    { role: 'developer', content: 'Be brief.' },
    {
      ...user,
      content: [
        { type: 'input_text', text: 'Describe' },
        { type: 'input_image', file_id: 'file-1', detail: 'low' },
      ],
    },
    {
      type: 'message',
      role: 'assistant',
      id: 'msg_1',
      content: [{ type: 'output_text', text: 'Well,', annotations: [] }],
    },
    { ...call, id: 'fc_1' },
    { ...output, output: [{ type: 'input_text', text: 'blue' }] },
  ];
  const strict = { ...look.parameters, required: ['at'], additionalProperties: false };
  const body = {
    input,
    tools: [{ ...look, strict: true, parameters: strict }],
    temperature: 0.2,
    max_output_tokens: 16,
  };
  expect(respond(simulatorWith(), body)).toMatchObject({ status: 200, json: { status: 'incomplete' } });
  expect(respond(simulatorWith(), { ...reasoner, temperature: 0.2, reasoning: { effort: 'none' } }).status).toBe(200);
  expect(respond(simulatorWith(), { ...reasoner, temperature: 1 }).status).toBe(200);
});

test('a thought comes back as it was, to whom it came from, and with what it led to', () => {
  const settings = { ...reasoner, store: false, tools: [look] };
  const thought = respond(simulatorWith(), settings).json.output[0];
  const told = (first: object, seed = 7) => {
    const input = [user, first, { ...call, call_id: 'call_1' }, output];
    return respond(simulatorWith(undefined, seed), { ...settings, input });
  };
  expect(told(thought).status).toBe(200);
  const { id: _id, ...nameless } = thought;
  expect(told(nameless).status).toBe(200);
  const sealed: string = thought.encrypted_content;
  const mixed = { ...thought, encrypted_content: `${sealed.slice(0, -3)}AAA` };
  for (const wrong of [told(mixed), told(thought, 8), told({ ...thought, id: 'rs_other' })]) {
    expect(wrong.json.error).toMatchObject({ code: 'invalid_encrypted_content' });
  }
  const { encrypted_content: _sealed, ...bare } = thought;
  expect(told(bare)).toMatchObject({ status: 404, json: { error: { param: 'input' } } });
  const alone = respond(simulatorWith(), { ...settings, input: [user, thought, user] });
  expect(alone.json.error.message).toBe(
    `Item '${thought.id}' of type 'reasoning' was provided without its required following item.`,
  );
});

test('what is stored can be referred to, and what is not cannot', () => {
  const simulator = simulatorWith();
  const stored = respond(simulator, reasoner).json;
  const references = stored.output.map(({ id }: { id: string }) => ({ type: 'item_reference', id }));
  expect(respond(simulator, { ...reasoner, input: [user, ...references, user] }).status).toBe(200);
  simulator.reset();
  const gone = respond(simulator, { ...reasoner, input: [user, ...references] });
  expect(gone.status).toBe(404);
  expect(gone.json.error.message).toContain(`Item with id '${stored.output[0].id}' not found.`);
  const unstored = respond(simulator, { store: false }).json;
  expect(respond(simulator, { previous_response_id: unstored.id }).json.error.code).toBe('previous_response_not_found');
});

test('what a stored thought led to does not come back without it', () => {
  const simulator = simulatorWith();
  const [thought, called] = respond(simulator, { ...reasoner, tools: [look] }).json.output;
  const result = { ...output, call_id: called.call_id };
  const alone = respond(simulator, { ...reasoner, tools: [look], input: [user, called, result] });
  expect(alone.json.error.message).toBe(
    `Item '${called.id}' of type 'function_call' was provided without its required 'reasoning' item: '${thought.id}'.`,
  );
  const { id: _id, ...nameless } = called;
  for (const input of [
    [user, thought, called, result],
    [user, nameless, result],
  ]) {
    expect(respond(simulator, { ...reasoner, tools: [look], input }).status).toBe(200);
  }
});

test('wrong methods, paths and bodies are refused as everywhere in the API', () => {
  const simulator = simulatorWith();
  expect(respond(simulator, {}, '/resp_1').status).toBe(404);
  const answer = simulator.handle({ method: 'GET', path: '/v1/responses', headers: {}, body: new Uint8Array(0) });
  expect(answer.status).toBe(405);
  answer.call.settle('error');
  const broken = simulator.handle({ method: 'POST', path: '/v1/responses', headers: {}, body: Buffer.from('{') });
  expect(broken.status).toBe(400);
  broken.call.settle('error');
  expect(simulator.counts().active).toBe(0);
});
