import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oddJson } from '../../../test/support/chat/odd-json.ts';
import { GatewayError } from '../../kernel/errors.ts';
import type { ChatAnswer } from '../../protocol/chat/answer.ts';
import { messagesProvider } from '../../providers/anthropic/codec.ts';
import { chatProvider } from '../../providers/openai/codec.ts';
import { isObject } from '../../providers/openai/wire.ts';
import { responsesClient } from './codec.ts';

const CONTENT = [
  { type: 'input_text', text: 't', prompt_cache_breakpoint: { mode: 'explicit' } },
  { type: 'input_image', image_url: 'data:image/png;base64,AA', detail: 'low' },
  { type: 'input_file', file_data: 'data:application/pdf;base64,AA', filename: 'n' },
];
const INPUT = [
  { type: 'message', role: 'developer', content: 's' },
  { role: 'user', content: CONTENT },
  {
    type: 'reasoning',
    id: 'rs_1',
    summary: [{ type: 'summary_text', text: 'h' }],
    encrypted_content: 'leeward-unsigned:anthropic-messages:signature~e30:s',
  },
  { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'leeward-unsigned:gemini:call:s' },
  {
    type: 'message',
    id: 'msg_1',
    role: 'assistant',
    status: 'completed',
    content: [
      { type: 'output_text', text: 't', annotations: [{ type: 'url_citation', url: 'u', title: 't', start_index: 0 }] },
      { type: 'refusal', refusal: 'no' },
    ],
  },
  { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}', namespace: 'n' },
  { type: 'custom_tool_call', call_id: 'b', name: 'g', input: 'x' },
  { type: 'function_call_output', call_id: 'a', output: CONTENT },
  { type: 'custom_tool_call_output', call_id: 'b', output: 'x' },
];
const REQUEST = {
  model: 'm',
  instructions: 'i',
  input: INPUT,
  tools: [
    { type: 'function', name: 'f', parameters: {}, strict: true },
    { type: 'custom', name: 'g', format: { type: 'text' } },
    { type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'f' }] },
    { type: 'web_search', filters: { allowed_domains: ['a'] }, user_location: { type: 'approximate', city: 'c' } },
  ],
  tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
  text: { format: { type: 'json_schema', name: 'n', schema: {} }, verbosity: 'low' },
  reasoning: { effort: 'low', summary: 'auto' },
  include: ['message.output_text.logprobs'],
  top_logprobs: 2,
  metadata: { a: 'b' },
  conversation: { id: 'c' },
  stream: true,
};
const TRAITS = { model: 'm', maxTokensField: 'max_tokens', streamUsageOption: true } as const;
const ANSWER: ChatAnswer = {
  choices: [
    {
      index: 0,
      parts: [
        { type: 'text', text: 'Hi' },
        { type: 'tool-call', kind: 'function', id: 'a', name: 'n__f', arguments: '{}' },
      ],
      finish: { reason: 'stop' },
    },
  ],
};

describe('whatever is odd in a request', () => {
  test('is understood or refused in our own words, by us or for a provider that cannot say it', () => {
    const seen = { understood: 0, refused: 0 };
    fc.assert(
      fc.property(oddJson(REQUEST).filter(isObject), (fields) => {
        try {
          const call = responsesClient.readCall(fields);
          JSON.stringify(chatProvider.writeCall(call, TRAITS, []));
          JSON.stringify(messagesProvider.writeCall(call, TRAITS, []));
          seen.understood++;
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
          seen.refused++;
        }
      }),
      { numRuns: 600 },
    );
    expect(Math.min(seen.understood, seen.refused)).toBeGreaterThan(10);
  });

  test('keeps no answer from repeating it', () => {
    fc.assert(
      fc.property(oddJson(REQUEST).filter(isObject), (echo) => {
        const identity = { id: 'resp_1', model: 'm', at: 0, usageWanted: true, echo };
        const written = JSON.parse(responsesClient.writeAnswer(ANSWER, identity).toString()) as Record<string, unknown>;
        expect(written).toMatchObject({ object: 'response', status: 'completed', output: [{}, { call_id: 'a' }] });
        expect(Array.isArray(written['tools'])).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
