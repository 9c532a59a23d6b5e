import { describe, expect, test } from 'vitest';
import { messagesClient } from '../src/edge/anthropic/codec.ts';
import { geminiClient } from '../src/edge/gemini/codec.ts';
import { chatClient } from '../src/edge/openai/codec.ts';
import { responsesClient } from '../src/edge/responses/codec.ts';
import type { ClientCodec, ProviderCodec } from '../src/protocol/chat/codec.ts';
import { tableOf } from '../src/protocol/fidelity/tables.ts';
import { messagesProvider } from '../src/providers/anthropic/codec.ts';
import { geminiProvider } from '../src/providers/gemini/codec.ts';
import { chatProvider } from '../src/providers/openai/codec.ts';
import { responsesProvider } from '../src/providers/responses/codec.ts';
import { chatAnswer } from './support/fidelity/chat-answers.ts';
import { chatStream } from './support/fidelity/chat-stream.ts';
import { geminiAnswer } from './support/fidelity/gemini-answers.ts';
import { geminiStream } from './support/fidelity/gemini-stream.ts';
import { marksOf } from './support/fidelity/marks.ts';
import { messagesAnswer } from './support/fidelity/messages-answers.ts';
import { messagesStream } from './support/fidelity/messages-stream.ts';
import { responsesAnswer } from './support/fidelity/responses-answers.ts';
import { responsesStream } from './support/fidelity/responses-stream.ts';
import { touchedRows } from './support/fidelity/touched-rows.ts';

/** Of an answer, what the tables call lost does not reach the client, and all else does, streamed or not. */

interface Direction {
  readonly says: string;
  readonly client: ClientCodec;
  readonly provider: ProviderCodec;
  readonly answer: object;
  readonly events: readonly { readonly name?: string; readonly data: object }[];
}

const DIRECTIONS: readonly Direction[] = [
  {
    says: 'Messages to a Chat Completions client',
    client: chatClient,
    provider: messagesProvider,
    answer: messagesAnswer,
    events: messagesStream,
  },
  {
    says: 'Chat Completions to a Messages client',
    client: messagesClient,
    provider: chatProvider,
    answer: chatAnswer,
    events: chatStream,
  },
  {
    says: 'Responses to a Chat Completions client',
    client: chatClient,
    provider: responsesProvider,
    answer: responsesAnswer,
    events: responsesStream,
  },
  {
    says: 'Responses to a Messages client',
    client: messagesClient,
    provider: responsesProvider,
    answer: responsesAnswer,
    events: responsesStream,
  },
  {
    says: 'Chat Completions to a Responses client',
    client: responsesClient,
    provider: chatProvider,
    answer: chatAnswer,
    events: chatStream,
  },
  {
    says: 'Messages to a Responses client',
    client: responsesClient,
    provider: messagesProvider,
    answer: messagesAnswer,
    events: messagesStream,
  },
  {
    says: 'Gemini to a Chat Completions client',
    client: chatClient,
    provider: geminiProvider,
    answer: geminiAnswer,
    events: geminiStream,
  },
  {
    says: 'Gemini to a Responses client',
    client: responsesClient,
    provider: geminiProvider,
    answer: geminiAnswer,
    events: geminiStream,
  },
  {
    says: 'Gemini to a Messages client',
    client: messagesClient,
    provider: geminiProvider,
    answer: geminiAnswer,
    events: geminiStream,
  },
  {
    says: 'Chat Completions to a Gemini client',
    client: geminiClient,
    provider: chatProvider,
    answer: chatAnswer,
    events: chatStream,
  },
  {
    says: 'Responses to a Gemini client',
    client: geminiClient,
    provider: responsesProvider,
    answer: responsesAnswer,
    events: responsesStream,
  },
  {
    says: 'Messages to a Gemini client',
    client: geminiClient,
    provider: messagesProvider,
    answer: messagesAnswer,
    events: messagesStream,
  },
];

const IDENTITY = { id: 'id-of-ours', model: 'asked', at: 1_700_000_000_000, usageWanted: true };
/** Of an answer that the gateway gives a name of its own; counts are added up and numbers begin anew. */
const RENAMED = /^(stream\.)?(message\.|response\.)?(?:id|responseId)$/;
const A_TEXT = /mark-|bWFyay/;

describe.each(DIRECTIONS)('of $says', ({ client, provider, answer, events }) => {
  const rows = tableOf(client.dialect, provider.dialect)?.answer ?? [];
  const fields = events.map(({ data }) => ({ stream: data }));

  test('a whole answer loses what the table says, and nothing else', () => {
    const told = whole({ client, provider, answer });
    expect(marksOf(answer).length).toBeGreaterThan(10);
    expect(misjudged(rows, [answer], told)).toEqual([]);
  });

  test('a stream loses what the table says, and nothing else', () => {
    expect(fields.flatMap((event) => marksOf(event)).length).toBeGreaterThan(8);
    expect(misjudged(rows, fields, streamed({ client, provider, events }))).toEqual([]);
  });

  test('an answer that a codec cuts, or a row that is wrong, is found', () => {
    const told = whole({ client, provider, answer });
    expect(misjudged(rows, [answer], told.replaceAll('mark-text', ''))).toHaveLength(1);
    const turned = rows.map((row) => ({
      ...row,
      fate: row.fate === 'warned' ? ('mapped' as const) : ('warned' as const),
    }));
    expect(misjudged(turned, [answer], told).length).toBeGreaterThan(5);
  });
});

/** Places where a value arrives that the table calls lost, or does not arrive that it calls kept or mapped. */
function misjudged(rows: Parameters<typeof touchedRows>[0], said: readonly object[], told: string): string[] {
  return said.flatMap((each) =>
    marksOf(each)
      .filter(({ field, mark }) => A_TEXT.test(mark) && !RENAMED.test(field))
      .filter(({ field, mark }) => {
        const lost = [...touchedRows(rows, [only(each, field)])].some(({ fate }) => fate === 'warned');
        return lost === told.includes(mark);
      })
      .map(({ field, mark }) => `${field} (${mark})`),
  );
}

/** Of a value what leads to one place, with the kinds of the objects on the way. */
function only(value: unknown, field: string): object {
  const steps = field.split(/\.|\[(\d+)\]\.?/).filter((step) => step !== undefined && step !== '');
  return cut(value, steps) as object;
}

function cut(value: unknown, steps: readonly string[]): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (Array.isArray(value)) return [cut(value[Number(step)], rest)];
  const fields = value as Record<string, unknown>;
  const { type, role } = fields;
  return {
    ...(type === undefined ? {} : { type }),
    ...(role === undefined ? {} : { role }),
    [step]: cut(fields[step], rest),
  };
}

function whole({ client, provider, answer }: Pick<Direction, 'client' | 'provider' | 'answer'>): string {
  return spoken(client.writeAnswer(provider.readAnswer(Buffer.from(JSON.stringify(answer))), IDENTITY).toString());
}

/** What a client is told; seals in Gemini's form are base64, and are told as what is in them too. */
function spoken(told: string): string {
  const seals = [...told.matchAll(/"thoughtSignature":"([^"]+)"/g)].map(([, seal = '']) => seal);
  return [told, ...seals.map((seal) => Buffer.from(seal, 'base64').toString())].join('\n');
}

function streamed({ client, provider, events }: Pick<Direction, 'client' | 'provider' | 'events'>): string {
  const reader = provider.streamReader({ eventBytesMax: 100_000 });
  const writer = client.streamWriter(IDENTITY);
  const bytes = events.map(
    ({ name, data }) => `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`,
  );
  const end = provider.dialect === 'openai-chat' ? 'data: [DONE]\n\n' : '';
  const read = [...reader.push(Buffer.from(`${bytes.join('')}${end}`)), ...reader.finish()];
  expect(read.at(-1)?.type).toBe('answer-end');
  return spoken(Buffer.concat([...read.map((event) => writer.write(event)), writer.end()]).toString());
}
