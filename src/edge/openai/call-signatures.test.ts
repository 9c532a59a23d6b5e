import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../test/support/chat/answer-events.ts';
import type { ChatAnswer } from '../../protocol/chat/answer.ts';
import type { ChatCall } from '../../protocol/chat/call.ts';
import type { TargetTraits } from '../../protocol/chat/codec.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import { chatProvider } from '../../providers/openai/codec.ts';
import { chatClient } from './codec.ts';

const IDENTITY = { id: 'chatcmpl-7', model: 'm', at: 0, usageWanted: true };
const SIGNATURE = { value: 'c2ln', dialect: 'gemini' } as const;
const SIGNED: ContentPart = {
  type: 'tool-call',
  kind: 'function',
  id: 'call_1',
  name: 'add',
  arguments: '{"a":1}',
  signature: SIGNATURE,
};
const UNSIGNED: ContentPart = { type: 'tool-call', kind: 'function', id: 'call_2', name: 'now', arguments: '{}' };
const EXTRA = { google: { thought_signature: 'c2ln' } };

type Wire = Record<string, unknown>;

function answerOf(...parts: ContentPart[]): ChatAnswer {
  return { choices: [{ index: 0, parts, finish: { reason: 'tool-calls', said: 'tool_calls' } }] };
}

function wholeMessage(answer: ChatAnswer): Wire {
  const { choices } = JSON.parse(chatClient.writeAnswer(answer, IDENTITY).toString()) as {
    choices: [{ message: Wire }];
  };
  return choices[0].message;
}

function streamedCalls(answer: ChatAnswer): Wire[] {
  const writer = chatClient.streamWriter(IDENTITY);
  const text = Buffer.concat([...eventsOf(answer).map((event) => writer.write(event)), writer.end()]).toString();
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)) as { choices: { delta: { tool_calls?: Wire[] } }[] })
    .flatMap(({ choices }) => choices.flatMap(({ delta }) => delta.tool_calls ?? []));
}

function readBack(message: Wire): readonly ContentPart[] | undefined {
  return chatClient.readCall({ model: 'm', messages: [message] }).messages[0]?.parts;
}

describe("Gemini's signature of a call", () => {
  test('stands on its own call of a whole answer, and comes back from there', () => {
    const message = wholeMessage(answerOf(SIGNED, UNSIGNED));
    expect(message['tool_calls']).toMatchObject([{ id: 'call_1', extra_content: EXTRA }, { id: 'call_2' }]);
    expect(JSON.stringify(message).match(/c2ln/g)).toHaveLength(1);
    expect(readBack(message)).toEqual([SIGNED, UNSIGNED]);
  });

  test('stands in the first piece of its call in a stream, where clients look for it', () => {
    const pieces = streamedCalls(answerOf(SIGNED, UNSIGNED));
    expect(pieces[0]).toMatchObject({ index: 0, id: 'call_1', extra_content: EXTRA });
    expect(pieces.filter((piece) => 'extra_content' in piece)).toHaveLength(1);
  });

  test('that comes after its call has begun is told in a piece of its own', () => {
    const writer = chatClient.streamWriter(IDENTITY);
    const at = { choice: 0, part: 0 };
    const text = [
      writer.write({ type: 'tool-call-start', ...at, kind: 'function', id: 'c', name: 'f' }),
      writer.write({ type: 'arguments-delta', ...at, text: '{}' }),
      writer.write({ type: 'signature-add', ...at, signature: SIGNATURE }),
    ].join('');
    expect(text).toContain(
      '"tool_calls":[{"index":0,"function":{"arguments":""},"extra_content":{"google":{"thought_signature":"c2ln"}}}]',
    );
  });

  test('is found too in a sealed thought with the id of the call', () => {
    const detail = { type: 'reasoning.encrypted', format: 'google-gemini-v1', data: 'c2ln', id: 'call_1' };
    const { extra_content: _, ...call } = (wholeMessage(answerOf(SIGNED))['tool_calls'] as [Wire])[0];
    const message = { role: 'assistant', content: null, tool_calls: [call], reasoning_details: [detail] };
    expect(readBack(message)).toEqual([SIGNED]);
  });

  test('leaves what else a client has put beside it', () => {
    const google = { thought_signature: 'c2ln', other: 1 };
    const call = {
      id: 'call_1',
      type: 'function',
      function: { name: 'add', arguments: '' },
      extra_content: { google },
    };
    const [part] = readBack({ role: 'assistant', content: null, tool_calls: [call] }) ?? [];
    expect(part).toMatchObject({ signature: SIGNATURE, rest: { fields: { extra_content: { google: { other: 1 } } } } });
    expect(JSON.stringify(part).match(/c2ln/g)).toHaveLength(1);
  });
});

test("Gemini's signature of a text makes no thought, whole or streamed", () => {
  const signed = answerOf({ type: 'text', text: 'Hi', signature: SIGNATURE });
  expect(JSON.stringify(wholeMessage(signed))).not.toContain('c2ln');
  const writer = chatClient.streamWriter(IDENTITY);
  writer.write({ type: 'text-start', choice: 0, part: 0 });
  expect(writer.write({ type: 'signature-add', choice: 0, part: 0, signature: SIGNATURE })).toHaveLength(0);
});

describe('a provider of this dialect', () => {
  const sent = (more: Partial<TargetTraits>, ...parts: ContentPart[]) => {
    const traits: TargetTraits = { model: 'm', maxTokensField: 'max_tokens', streamUsageOption: false, ...more };
    const call: ChatCall = { model: 'm', stream: false, sampling: {}, messages: [{ role: 'assistant', parts }] };
    return JSON.stringify(chatProvider.writeCall(call, traits, []));
  };

  test('gets the signature back where its model is one of Gemini', () => {
    expect(sent({ model: 'google/gemini-3-pro' }, SIGNED)).toContain(`"extra_content":${JSON.stringify(EXTRA)}`);
  });

  test('gets it as a sealed thought where it takes thoughts back in that form', () => {
    const body = sent({ model: 'google/gemini-3-pro', reasoningField: 'reasoning_details' }, SIGNED);
    expect(body).toContain('"data":"c2ln"');
    expect(body).toContain('"format":"google-gemini-v1"');
    expect(body).not.toContain('extra_content');
  });

  test('gets none of a model that is not', () => {
    expect(sent({ model: 'gpt-5.2' }, SIGNED)).not.toContain('c2ln');
  });
});

describe("what OpenAI's own API sealed", () => {
  const thought: ContentPart = {
    type: 'reasoning',
    id: 'rs_1',
    encrypted: { value: 'gAAA', dialect: 'openai-responses' },
  };

  test('comes back as what it was, and is known as nothing that another provider had sealed', () => {
    const message = wholeMessage(answerOf(thought));
    expect(message['reasoning_details']).toMatchObject([
      { type: 'reasoning.encrypted', format: 'openai-responses-v1' },
    ]);
    expect(readBack(message)).toEqual([thought]);
    const routed = { type: 'reasoning.encrypted', format: 'openai-responses-v1', data: 'gBBB', id: 'rs_1' };
    const [theirs] = readBack({ role: 'assistant', content: 'x', reasoning_details: [routed] }) ?? [];
    expect(theirs).toMatchObject({ encrypted: { value: 'gBBB', dialect: 'openai-chat' } });
  });

  test('is not sent to a provider that could not read it; its words are', () => {
    const traits: TargetTraits = {
      model: 'm',
      maxTokensField: 'max_tokens',
      streamUsageOption: false,
      reasoningField: 'reasoning_details',
    };
    const parts: ContentPart[] = [thought, { ...thought, text: 'hm', summary: true }];
    const losses: { field: string }[] = [];
    const call: ChatCall = { model: 'm', stream: false, sampling: {}, messages: [{ role: 'assistant', parts }] };
    const body = JSON.stringify(chatProvider.writeCall(call, traits, losses as never));
    expect(body).not.toContain('gAAA');
    expect(body).toContain('"summary":"hm"');
    expect(losses).toHaveLength(1);
  });
});
