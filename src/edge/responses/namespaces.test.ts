import { expect, test } from 'vitest';
import type { ChatAnswer, StreamEvent } from '../../protocol/chat/answer.ts';
import { responsesClient } from './codec.ts';
import { flatTools, ToolNames } from './namespaces.ts';

const TOOLS = [
  { type: 'function', name: 'close', parameters: {} },
  {
    type: 'namespace',
    name: 'crm',
    description: 'customers',
    tools: [
      { type: 'function', name: 'find', parameters: { title: 'p' } },
      { type: 'function', name: 'close' },
      { type: 'custom', name: 'note' },
    ],
  },
];

const IDENTITY = { id: 'resp_1', model: 'm', at: 0, usageWanted: true, echo: { tools: TOOLS } };

test('tools of a namespace are told by their joined names, in their order', () => {
  const { tools } = responsesClient.readCall({ model: 'm', input: 'x', tools: TOOLS });
  expect(tools).toEqual([
    { type: 'function', name: 'close', parameters: {} },
    { type: 'function', name: 'crm__find', parameters: { title: 'p' } },
    { type: 'function', name: 'crm__close' },
    { type: 'custom', name: 'crm__note' },
  ]);
});

test('a call of the history means the tool of its namespace', () => {
  const call = { type: 'function_call', call_id: 'c', namespace: 'crm', name: 'find', arguments: '{}' };
  const { messages } = responsesClient.readCall({ model: 'm', input: [call], tools: TOOLS });
  expect(messages[0]?.parts).toMatchObject([{ type: 'tool-call', id: 'c', name: 'crm__find' }]);
  expect(messages[0]?.parts[0]?.rest).toBeUndefined();
});

test.each([
  ['a tool of a namespace', { type: 'function', name: 'find' }, { type: 'tool', name: 'crm__find' }],
  ['a tool that stands outside too', { type: 'function', name: 'close' }, { type: 'tool', name: 'close' }],
  [
    'some of both',
    {
      type: 'allowed_tools',
      mode: 'required',
      tools: [
        { type: 'custom', name: 'note' },
        { type: 'function', name: 'close' },
      ],
    },
    { type: 'allowed', names: ['crm__note', 'close'], required: true },
  ],
])('a choice of %s is one of what is told', (_which, choice, meant) => {
  const { toolChoice } = responsesClient.readCall({ model: 'm', input: 'x', tools: TOOLS, tool_choice: choice });
  expect(toolChoice).toEqual(meant);
});

test('the client reads a call in its own words, whole and streamed', () => {
  const part = (name: string, kind: 'function' | 'custom') =>
    ({ type: 'tool-call', kind, id: 'c', name, arguments: '{}' }) as const;
  const parts = [part('crm__find', 'function'), part('crm__note', 'custom'), part('close', 'function')];
  const finish = { reason: 'tool-calls' } as const;
  const answer: ChatAnswer = { choices: [{ index: 0, parts, finish }] };
  const whole = JSON.parse(responsesClient.writeAnswer(answer, IDENTITY).toString()) as { output: unknown };
  const named = [
    { type: 'function_call', name: 'find', namespace: 'crm' },
    { type: 'custom_tool_call', name: 'note', namespace: 'crm' },
    { type: 'function_call', name: 'close' },
  ];
  expect(whole.output).toMatchObject(named);
  expect(JSON.stringify(whole.output)).not.toContain('__');

  const writer = responsesClient.streamWriter(IDENTITY);
  const events: StreamEvent[] = [
    ...parts.map((content, at): StreamEvent => ({ type: 'part-add', choice: 0, part: at, content })),
    { type: 'choice-finish', choice: 0, finish },
  ];
  const text = Buffer.concat([...events.map((event) => writer.write(event)), writer.end()]).toString();
  const lines = text.split('\n').filter((line) => line.startsWith('data: '));
  const told = lines.map((line) => JSON.parse(line.slice(6)) as { type: string; item?: unknown });
  for (const type of ['response.output_item.added', 'response.output_item.done']) {
    expect(told.filter((event) => event.type === type).map(({ item }) => item)).toMatchObject(named);
  }
  expect(text).not.toContain('__');
});

test.each([
  undefined,
  null,
  'tools',
  [null, 1, {}],
  [{ type: 'namespace' }],
  [{ type: 'namespace', name: 'n', tools: 1 }],
])('tools that are none have no other names: %j', (tools) => {
  expect(new ToolNames(tools).apart('n__x')).toEqual({ name: 'n__x' });
  expect(new ToolNames(tools).joined('x')).toBe('x');
  if (Array.isArray(tools)) expect(() => flatTools(tools)).not.toThrow();
});
