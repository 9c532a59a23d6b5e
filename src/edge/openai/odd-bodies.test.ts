import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oddJson } from '../../../test/support/chat/odd-json.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { chatProvider } from '../../providers/openai/codec.ts';
import { isObject } from '../../providers/openai/wire.ts';
import { chatClient } from './codec.ts';

const DETAILS = [
  { type: 'reasoning.text', text: 'h', signature: 's', format: 'anthropic-claude-v1', index: 0, id: 'r' },
  { type: 'reasoning.encrypted', data: 'd', format: 'f', index: 1 },
  { type: 'reasoning.summary', summary: 's', index: 2 },
];
const CALLS = [
  { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
  { index: 1, id: 'b', type: 'custom', custom: { name: 'g', input: 'x' } },
];
const CONTENT = [
  { type: 'text', text: 't', cache_control: { type: 'ephemeral', ttl: '5m' } },
  { type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } },
  { type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } },
  { type: 'file', file: { file_data: 'AA', filename: 'n' } },
  { type: 'thinking', thinking: [{ type: 'text', text: 'x' }] },
];
const SAID = {
  role: 'assistant',
  content: CONTENT,
  refusal: 'no',
  reasoning: 'h',
  reasoning_details: DETAILS,
  annotations: [{ type: 'url_citation', url_citation: { url: 'u', title: 't', start_index: 0, end_index: 1 } }],
  images: [{ type: 'image_url', image_url: { url: 'u' } }],
  audio: { id: 'i', data: 'AA', transcript: 't', expires_at: 1 },
  tool_calls: CALLS,
  function_call: { name: 'f', arguments: '{}' },
};
const TOKEN = { token: 't', logprob: -1, bytes: [1], top_logprobs: [{ token: 'u', logprob: -2, bytes: null }] };
const ENDED = { index: 0, finish_reason: 'stop', logprobs: { content: [TOKEN], refusal: [TOKEN] } };
const BESIDE = {
  id: 'i',
  created: 1,
  model: 'm',
  service_tier: 'default',
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, prompt_tokens_details: { cached_tokens: 1 } },
  search_results: [{ url: 'u', title: 't' }],
  citations: ['u'],
};
const REQUEST = {
  model: 'm',
  stream: true,
  messages: [
    { role: 'system', content: 's' },
    { role: 'user', content: CONTENT, name: 'n' },
    SAID,
    { role: 'tool', tool_call_id: 'a', content: CONTENT },
    { role: 'function', name: 'f', content: 'x' },
  ],
  tools: [
    { type: 'function', function: { name: 'f', parameters: {}, strict: true }, cache_control: { type: 'ephemeral' } },
    { type: 'custom', custom: { name: 'g', format: { type: 'text' } } },
  ],
  tool_choice: {
    type: 'allowed_tools',
    allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
  },
  response_format: { type: 'json_schema', json_schema: { name: 'n', schema: {} } },
  web_search_options: {
    search_context_size: 'low',
    user_location: { type: 'approximate', approximate: { city: 'c' } },
  },
  reasoning: { effort: 'low', max_tokens: 5, enabled: true },
  stop: ['x'],
  logit_bias: { 1: 2 },
  metadata: { a: 'b' },
  modalities: ['text'],
  prediction: { type: 'content', content: 'x' },
  stream_options: { include_usage: true },
};
const IDENTITY = { id: 'chatcmpl-1', model: 'm', at: 0, usageWanted: true };
const TRAITS = {
  model: 'm',
  maxTokensField: 'max_tokens',
  streamUsageOption: true,
  reasoningField: 'reasoning',
} as const;

/** Does something with odd input. A refusal in our own words is right, anything else thrown is a fault of ours. */
class Outcomes {
  understood = 0;
  refused = 0;

  of(run: () => void): void {
    try {
      run();
      this.understood++;
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayError);
      this.refused++;
    }
  }

  /** Both happened: a test that only ever sees one of them shows nothing. */
  [Symbol.dispose](): void {
    expect(Math.min(this.understood, this.refused)).toBeGreaterThan(10);
  }
}

describe('whatever is odd in a body is understood or refused', () => {
  test('of a request', () => {
    using outcomes = new Outcomes();
    fc.assert(
      fc.property(oddJson(REQUEST).filter(isObject), (fields) => {
        outcomes.of(() => {
          const call = chatClient.readCall(fields);
          JSON.stringify(chatProvider.writeCall(call, TRAITS, []));
        });
      }),
      { numRuns: 500 },
    );
  });

  test('of an answer', () => {
    using outcomes = new Outcomes();
    fc.assert(
      fc.property(oddJson({ ...BESIDE, choices: [{ ...ENDED, message: SAID }] }), (body) => {
        outcomes.of(() => {
          chatClient.writeAnswer(chatProvider.readAnswer(Buffer.from(JSON.stringify(body))), IDENTITY);
        });
      }),
      { numRuns: 500 },
    );
  });

  test('of a stream', () => {
    using outcomes = new Outcomes();
    const chunk = oddJson({ ...BESIDE, choices: [{ ...ENDED, delta: SAID }] });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 4 }), (chunks) => {
        outcomes.of(() => {
          const reader = chatProvider.streamReader({ eventBytesMax: 100_000 });
          const writer = chatClient.streamWriter(IDENTITY);
          const text = `${chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}data: [DONE]\n\n`;
          for (const event of [...reader.push(Buffer.from(text)), ...reader.finish()]) writer.write(event);
          writer.end();
        });
      }),
      { numRuns: 500 },
    );
  });
});
