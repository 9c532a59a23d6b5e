import { describe, expect, test } from 'vitest';
import type { GatewayError } from '../../kernel/errors.ts';
import { chatProvider } from './codec.ts';

type Json = Readonly<Record<string, unknown>>;

function read(body: unknown) {
  return chatProvider.readAnswer(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
}

function answer(message: Json, more: Json = {}, beside: Json = {}) {
  const choice = { index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop', ...more };
  return read({ id: 'chatcmpl-1', model: 'm', choices: [choice], ...beside });
}

function partsOf(message: Json, beside: Json = {}) {
  return answer(message, {}, beside).choices[0]?.parts;
}

const own = (fields: Json) => ({ dialect: 'openai-chat', fields });

describe('what a message says', () => {
  test('thoughts come from the details, which alone are signed', () => {
    const details = [
      { type: 'reasoning.text', text: 'h', format: 'anthropic-claude-v1', index: 0 },
      { type: 'reasoning.text', text: 'm', format: 'anthropic-claude-v1', index: 0 },
      { type: 'reasoning.text', signature: 'c2ln', format: 'anthropic-claude-v1', index: 0 },
      { type: 'reasoning.encrypted', data: 'zzz', format: 'anthropic-claude-v1', index: 1 },
      { type: 'reasoning.summary', summary: 'short', format: 'openai-responses-v1', index: 2 },
    ];
    expect(partsOf({ content: 'Hi', reasoning: 'hm', reasoning_details: details })).toEqual([
      { type: 'reasoning', text: 'hm', signature: { value: 'c2ln', dialect: 'anthropic-messages' } },
      { type: 'redacted-reasoning', data: { value: 'zzz', dialect: 'anthropic-messages' } },
      { type: 'reasoning', text: 'short', summary: true, rest: own({ format: 'openai-responses-v1' }) },
      { type: 'text', text: 'Hi' },
    ]);
  });

  test.each(['reasoning_content', 'reasoning'])('thoughts stand under %s', (name) => {
    expect(partsOf({ content: 'Hi', [name]: 'hm' })).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'Hi' },
    ]);
  });

  test("Mistral's parts are thoughts, text and what only it knows", () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'Hi' },
      { type: 'reference', reference_ids: [1] },
    ];
    expect(partsOf({ content })).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'Hi' },
      { type: 'other', name: 'reference', source: own({ type: 'reference', reference_ids: [1] }) },
    ]);
  });

  test('tool calls keep their order, get an id where they have none, and their arguments are a text', () => {
    const calls = [
      { id: 'a', type: 'function', function: { name: 'f', arguments: '' } },
      { type: 'function', function: { name: 'g', arguments: { x: 1 } } },
      { id: 'c', type: 'custom', custom: { name: 'h', input: 'plain' } },
    ];
    const { parts, finish } = answer({ content: null, tool_calls: calls }).choices[0] ?? {};
    expect(parts).toEqual([
      { type: 'tool-call', kind: 'function', id: 'a', name: 'f', arguments: '' },
      { type: 'tool-call', kind: 'function', id: 'call_1_chatcmpl-1', name: 'g', arguments: '{"x":1}' },
      { type: 'tool-call', kind: 'custom', id: 'c', name: 'h', arguments: 'plain' },
    ]);
    expect(finish).toEqual({ reason: 'tool-calls', said: 'stop' });
  });

  test('the older call of one function is a tool call', () => {
    expect(partsOf({ content: null, function_call: { name: 'f', arguments: '{}' } })).toEqual([
      { type: 'tool-call', kind: 'function', id: 'call_0_chatcmpl-1', name: 'f', arguments: '{}' },
    ]);
  });

  test('a refusal is why the answer ended', () => {
    const { parts, finish } = answer({ content: null, refusal: 'No.' }).choices[0] ?? {};
    expect(parts).toEqual([{ type: 'refusal', text: 'No.' }]);
    expect(finish).toEqual({ reason: 'refusal', said: 'stop' });
  });

  test('pages that an answer read are cited by its text', () => {
    const results = [{ title: 'A', url: 'https://a.example', date: '2026-01-01' }];
    expect(partsOf({ content: 'Hi' }, { search_results: results, citations: ['https://a.example'] })).toEqual([
      {
        type: 'text',
        text: 'Hi',
        citations: [{ kind: 'web', url: 'https://a.example', title: 'A', source: own(results[0] ?? {}) }],
      },
    ]);
    expect(partsOf({ content: 'Hi' }, { citations: ['https://b.example'] })).toMatchObject([
      { citations: [{ kind: 'web', url: 'https://b.example' }] },
    ]);
  });

  test('what only one provider says is kept where it stood', () => {
    const { rest, choices } = answer(
      { content: 'Hi', executed_tools: [] },
      { content_filter_results: { hate: 1 }, logprobs: { tokens: ['H'], token_logprobs: [-1] } },
      { provider: 'X', prompt_filter_results: [] },
    );
    expect(rest).toEqual(own({ provider: 'X', prompt_filter_results: [] }));
    expect(choices[0]?.rest).toEqual(
      own({
        content_filter_results: { hate: 1 },
        logprobs: { tokens: ['H'], token_logprobs: [-1] },
        message: { executed_tools: [] },
      }),
    );
  });
});

describe('what is no answer', () => {
  test.each([
    ['<html>', 'its body is not complete JSON'],
    ['[]', 'its body is not a JSON object'],
    ['{}', 'its body has no `choices`'],
    ['{"choices":[]}', 'its body has no `choices`'],
    ['{"type":"message","role":"assistant","content":[]}', 'its body has no `choices`'],
    ['{"choices":[7]}', '`choices[0]` is not an object'],
    ['{"choices":[{"text":"Hi"}]}', '`choices[0].message` is not an object'],
    ['{"choices":[{"message":{}}]}', '`choices[0].message` is empty'],
    ['{"choices":[{"message":{"content":7}}]}', '`choices[0].message.content` is not a string or an array of parts'],
    ['{"choices":[{"message":{"tool_calls":[{"function":{}}]}}]}', '`choices[0].message.tool_calls[0].function.name`'],
  ])('%s is named', (body, named) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'upstream_error', retry: 'other-target' }));
    expect(() => read(body)).toThrow(named);
  });

  test.each([
    [{ message: 'slow down', code: 429 }, 'rate_limited'],
    [{ message: 'slow down', type: 'rate_limit_error' }, 'rate_limited'],
    [{ message: 'busy', code: 'overloaded' }, 'upstream_error'],
    [{ message: 'too long', code: 'context_length_exceeded' }, 'context_length_exceeded'],
    ['gone', 'upstream_error'],
  ])('an error in its place is what it is: %j', (error, code) => {
    expect(() => read({ error })).toThrow(expect.objectContaining({ code }) as GatewayError);
  });

  test.each([
    [{ error: { message: 'slow down', code: 429 } }, 'rate_limited'],
    [{ finish_reason: 'error' }, 'upstream_error'],
  ])('an answer that broke off is not taken for a whole one: %j', (more, code) => {
    expect(() => answer({ content: 'Hal' }, more)).toThrow(expect.objectContaining({ code }));
  });

  test('an error that quotes the prompt leaves it out of what logs may have', () => {
    const thrown = captured(() => read({ error: { message: 'secret prompt', code: 500 } }));
    expect(thrown.message).toContain('secret prompt');
    expect(thrown.summary).not.toContain('secret prompt');
  });
});

function captured(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    return error as GatewayError;
  }
  throw new Error('nothing was thrown');
}
