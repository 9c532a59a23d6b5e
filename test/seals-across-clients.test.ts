import { describe, expect, test } from 'vitest';
import { messagesClient } from '../src/edge/anthropic/codec.ts';
import { geminiClient } from '../src/edge/gemini/codec.ts';
import { chatClient } from '../src/edge/openai/codec.ts';
import { responsesClient } from '../src/edge/responses/codec.ts';
import type { ChatAnswer } from '../src/protocol/chat/answer.ts';
import type { ClientCodec } from '../src/protocol/chat/codec.ts';
import type { ContentPart, Signature } from '../src/protocol/chat/content.ts';
import { overlappingEvents } from './support/responses/arbitrary-answer.ts';

/** What a model's maker signed or sealed comes back to it, whichever dialect the client keeps its conversation in. */

type Wire = Record<string, unknown>;

interface Client {
  readonly codec: ClientCodec;
  /** The request in which the client sends an answer back, the whole one or what its streams said last. */
  again(answer: Wire): Wire;
  /** A stream as the whole answer that the dialect's official client makes of it. */
  collected(events: readonly Wire[]): Wire;
}

const CLIENTS: readonly Client[] = [
  {
    codec: responsesClient,
    again: ({ output }) => ({ model: 'm', input: output }),
    collected: (events) => events.at(-1)?.['response'] as Wire,
  },
  {
    codec: messagesClient,
    again: ({ content }) => ({ model: 'm', max_tokens: 9, messages: [{ role: 'assistant', content }] }),
    collected: (events) => ({ content: collectedBlocks(events) }),
  },
  {
    codec: chatClient,
    again: ({ choices }) => ({ model: 'm', messages: [(choices as [Wire])[0]['message']] }),
    collected: (events) => ({ choices: [{ message: collectedMessage(events) }] }),
  },
  {
    codec: geminiClient,
    again: ({ candidates }) => ({ model: 'm', contents: [(candidates as [Wire])[0]['content']] }),
    collected: (events) => ({ candidates: [{ content: { role: 'model', parts: events.flatMap(geminiParts) } }] }),
  },
];

const IDENTITY = { id: 'resp_1', model: 'm', at: 0, usageWanted: true };

function call(id: string, signature?: Signature): ContentPart {
  const plain = { type: 'tool-call', kind: 'function', id, name: 'add', arguments: '{"a":1}' } as const;
  return signature === undefined ? plain : { ...plain, signature };
}

const CASES: readonly (readonly [string, readonly ContentPart[]])[] = [
  [
    "Anthropic's thoughts",
    [
      { type: 'reasoning', text: 'hm', signature: { value: 'c2ln', dialect: 'anthropic-messages' } },
      { type: 'redacted-reasoning', data: { value: 'c2VhbA', dialect: 'anthropic-messages' } },
      call('toolu_1'),
    ],
  ],
  [
    "OpenAI's thought",
    [
      { type: 'reasoning', id: 'rs_1', summary: true, encrypted: { value: 'gAAA', dialect: 'openai-responses' } },
      call('call_1'),
    ],
  ],
  [
    "Gemini's calls, of which each may have one",
    [
      { type: 'reasoning', text: 'hm', signature: { value: 'AAAA', dialect: 'gemini' } },
      call('call_1', { value: 'BBBB', dialect: 'gemini' }),
      call('call_2'),
      call('call_3', { value: 'CCCC', dialect: 'gemini' }),
    ],
  ],
];

/** Each seal with what it stands on. */
function sealsOf(parts: readonly ContentPart[]): string[] {
  return parts.flatMap((part) => {
    const seal =
      part.type === 'redacted-reasoning'
        ? part.data
        : part.type === 'reasoning'
          ? (part.signature ?? part.encrypted)
          : part.type === 'tool-call'
            ? part.signature
            : undefined;
    const on = part.type === 'tool-call' ? part.id : 'a thought';
    return seal === undefined ? [] : [`${seal.dialect} ${seal.value} on ${on}`];
  });
}

function answerOf(parts: readonly ContentPart[]): ChatAnswer {
  return { id: 'x', model: 'm', choices: [{ index: 0, parts, finish: { reason: 'tool-calls' } }] };
}

describe.each(CLIENTS)('a client of $codec.dialect', ({ codec, again, collected }) => {
  const sentBack = (answer: Wire) => codec.readCall(again(answer)).messages.flatMap(({ parts }) => parts);

  test.each(CASES)('sends back the seals of %s, read as a whole', (_, parts) => {
    const answer = JSON.parse(codec.writeAnswer(answerOf(parts), IDENTITY).toString()) as Wire;
    expect(sealsOf(sentBack(answer))).toEqual(sealsOf(parts));
  });

  test.each(CASES)('sends back the seals of %s, read as a stream', (_, parts) => {
    const writer = codec.streamWriter(IDENTITY);
    const written = overlappingEvents(answerOf(parts), 2).map((event) => writer.write(event));
    const text = Buffer.concat([...written, writer.end()]).toString();
    const data = text.split(/\r?\n/).filter((line) => line.startsWith('data: {'));
    const events = data.map((line) => JSON.parse(line.slice('data: '.length)) as Wire);
    expect(sealsOf(sentBack(collected(events)))).toEqual(sealsOf(parts));
  });
});

function collectedBlocks(events: readonly Wire[]): Wire[] {
  const blocks: Wire[] = [];
  let input = '';
  for (const event of events) {
    const delta = event['delta'] as Wire | undefined;
    const block = blocks.at(-1);
    if (event['type'] === 'content_block_start') blocks.push({ ...(event['content_block'] as Wire) });
    else if (event['type'] === 'content_block_stop' && block?.['type'] === 'tool_use') {
      block['input'] = JSON.parse(input);
      input = '';
    } else if (block !== undefined && delta?.['type'] === 'input_json_delta') input += String(delta['partial_json']);
    else if (block !== undefined && delta?.['type'] === 'thinking_delta') {
      block['thinking'] = `${String(block['thinking'])}${String(delta['thinking'])}`;
    } else if (block !== undefined && delta?.['type'] === 'signature_delta') block['signature'] = delta['signature'];
  }
  return blocks;
}

/** Calls by their index, details as they came. */
function collectedMessage(events: readonly Wire[]): Wire {
  const calls: Wire[] = [];
  const details: unknown[] = [];
  for (const { choices } of events) {
    for (const { delta } of choices as { delta: { tool_calls?: Wire[]; reasoning_details?: unknown[] } }[]) {
      details.push(...(delta.reasoning_details ?? []));
      for (const { index, function: body, ...piece } of delta.tool_calls ?? []) {
        const at = Number(index);
        const before = (calls[at]?.['function'] ?? {}) as Wire;
        const given = `${String(before['arguments'] ?? '')}${String((body as Wire | undefined)?.['arguments'] ?? '')}`;
        calls[at] = { ...calls[at], ...piece, function: { ...before, ...(body as Wire), arguments: given } };
      }
    }
  }
  return { role: 'assistant', content: null, tool_calls: calls, reasoning_details: details };
}

function geminiParts({ candidates }: Wire): Wire[] {
  const [candidate] = (candidates ?? []) as { content?: { parts?: Wire[] } }[];
  return candidate?.content?.parts ?? [];
}
