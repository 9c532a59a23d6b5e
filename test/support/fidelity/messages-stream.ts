import { messagesAnswer } from './messages-answers.ts';

interface Event {
  readonly name: string;
  readonly data: object;
}

function event(type: string, fields: object): Event {
  return { name: type, data: { type, ...fields } };
}

function block(index: number, content: object, ...deltas: object[]): Event[] {
  return [
    event('content_block_start', { index, content_block: content }),
    ...deltas.map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ];
}

const citation = (name: string) => ({
  type: 'web_search_result_location',
  url: `https://mark-${name}.example`,
  title: `mark-${name}`,
  cited_text: '',
  encrypted_index: '',
});

/** The events of a streamed Messages answer with values that stand nowhere else. */
export const messagesStream: readonly Event[] = [
  event('message_start', {
    message: {
      ...messagesAnswer,
      id: 'msg_1',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 11, output_tokens: 1 },
    },
  }),
  ...block(
    0,
    { type: 'thinking', thinking: '', signature: '' },
    { type: 'thinking_delta', thinking: 'mark-thought' },
    { type: 'signature_delta', signature: 'mark-signature' },
  ),
  ...block(1, { type: 'redacted_thinking', data: 'mark-sealed' }),
  ...block(
    2,
    { type: 'text', text: '', citations: null },
    { type: 'text_delta', text: 'mark-text' },
    { type: 'citations_delta', citation: citation('cited') },
  ),
  ...block(
    3,
    { type: 'tool_use', id: 'toolu_1', name: 'mark-tool', input: {}, caller: { type: 'direct' } },
    { type: 'input_json_delta', partial_json: '{"a":"mark-argument"}' },
  ),
  event('message_delta', {
    delta: { stop_reason: 'tool_use', stop_sequence: 'mark-sequence', stop_details: null, container: null },
    usage: { output_tokens: 7 },
  }),
  event('message_stop', {}),
];
