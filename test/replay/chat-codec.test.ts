import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chatClient } from '../../src/edge/openai/codec.ts';
import type { ChatAnswer, StreamEvent } from '../../src/protocol/chat/answer.ts';
import type { Loss, TargetTraits } from '../../src/protocol/chat/codec.ts';
import { chatProvider } from '../../src/providers/openai/codec.ts';
import { eventsOf } from '../support/chat/answer-events.ts';
import { collectedAnswer } from '../support/chat/collected-answer.ts';

/** Recorded provider traffic, outside the repository: skipped with a notice where it is absent. */
const FOLDER = process.env['LEEWARD_FIXTURES'] ?? join(import.meta.dirname, '../../../shared/fixtures');

interface Recording {
  readonly id: string;
  readonly url: string;
  readonly status: number;
  readonly stream: boolean;
  readonly request: string | null;
  readonly response: string;
}

type Json = Readonly<Record<string, unknown>>;

const index = join(FOLDER, 'index.json');
const recordings: Recording[] = existsSync(index)
  ? (JSON.parse(readFileSync(index, 'utf8')) as Recording[]).filter(
      ({ url, status, response }) =>
        /\/chat\/completions$/.test(url.split('?')[0] ?? '') && status === 200 && /\.(sse|json)$/.test(response),
    )
  : [];
const answers = recordings.filter(({ stream }) => !stream);
const streams = recordings.filter(({ stream }) => stream);
const asked = recordings.filter(({ request }) => request?.endsWith('.json'));

const describeRecorded = describe.runIf(recordings.length > 0);
if (recordings.length === 0) {
  // biome-ignore lint/suspicious/noSkippedTests: the recordings are not part of the repository; a stranger's clone passes without them
  test.skip(`no recordings in ${FOLDER}: set LEEWARD_FIXTURES to replay recorded traffic`, () => undefined);
}

function bytesOf({ id, response }: Recording): Buffer {
  return readFileSync(join(FOLDER, id, response));
}

function read(parts: readonly Buffer[]): StreamEvent[] {
  const reader = chatProvider.streamReader({ eventBytesMax: 1_000_000 });
  const events = parts.flatMap((part) => reader.push(part));
  events.push(...reader.finish());
  expect(reader.heldBytes).toBe(0);
  return events;
}

function identityOf({ id = 'none', model = 'none' }: ChatAnswer) {
  return { id, model, at: 0, usageWanted: true };
}

/** The delta members that say something, joined over the stream, read without any of our own code. */
function saidIn(bytes: Buffer): Record<string, string> {
  const said: Record<string, string> = {};
  for (const [, data = ''] of bytes.toString('utf8').matchAll(/^data: ?(\{.*\})\r?$/gm)) {
    const { choices } = JSON.parse(data) as { choices?: { index: number; delta?: Json }[] };
    for (const { index: choice, delta = {} } of choices ?? []) {
      const add = (name: string, text: unknown) => {
        if (typeof text === 'string' && text !== '')
          said[`${choice}.${name}`] = (said[`${choice}.${name}`] ?? '') + text;
      };
      add('content', delta['content']);
      add('refusal', delta['refusal']);
      add('reasoning', delta['reasoning_content'] ?? delta['reasoning']);
      for (const detail of (delta['reasoning_details'] ?? []) as Json[])
        add('seal', detail['signature'] ?? detail['data']);
      for (const call of (delta['tool_calls'] ?? []) as { index: number; id?: string; function?: Json }[]) {
        add(`${call.index}.id`, said[`${choice}.${call.index}.id`] === undefined ? call.id : undefined);
        add(`${call.index}.name`, call.function?.['name']);
        add(`${call.index}.arguments`, call.function?.['arguments']);
      }
    }
  }
  return said;
}

describeRecorded('recorded streams', () => {
  test.each(streams)('$id says the same when it is written again', (recording) => {
    const bytes = bytesOf(recording);
    const events = read([bytes]);
    const answer = collectedAnswer(events);
    const writer = chatClient.streamWriter(identityOf(answer));
    const written = Buffer.concat([...events.map((event) => writer.write(event)), writer.end()]);
    expect(saidIn(written)).toEqual(saidIn(bytes));
    expect(known(collectedAnswer(read([written])))).toEqual(known(answer));
  });

  test.each(streams)('$id gives the same events one byte at a time', (recording) => {
    const bytes = bytesOf(recording);
    expect(read([...bytes].map((_, at) => bytes.subarray(at, at + 1)))).toEqual(read([bytes]));
  });

  test.each([...streams].sort((one, other) => bytesOf(one).length - bytesOf(other).length).slice(0, 4))(
    '$id gives the same events cut in two at every byte',
    (recording) => {
      const bytes = bytesOf(recording);
      const whole = read([bytes]);
      for (let cut = 1; cut < bytes.length; cut++) {
        expect(read([bytes.subarray(0, cut), bytes.subarray(cut)]), `cut at byte ${cut}`).toEqual(whole);
      }
    },
  );
});

/** Without what belongs to one provider's chunks alone, and the price that only a provider can tell. */
function known({ rest: _, model: __, ...answer }: ChatAnswer): unknown {
  const { providerCostNanoUsd: ___, ...usage } = answer.usage ?? {};
  return { ...answer, usage, choices: answer.choices.map(({ rest: ____, ...choice }) => choice) };
}

describeRecorded('recorded answers', () => {
  test.runIf(answers.length > 0).each(answers)('$id is equal when it is written again', (recording) => {
    const recorded = JSON.parse(bytesOf(recording).toString('utf8')) as Json;
    const answer = chatProvider.readAnswer(bytesOf(recording));
    const written = JSON.parse(chatClient.writeAnswer(answer, identityOf(answer)).toString()) as Json;
    const { usage, ...more } = recorded;
    expect(written).toMatchObject(more);
    // Counts of nothing need not be told again; every count that is told is the recorded one.
    expect(usage).toMatchObject(written['usage'] as Json);
  });

  test('are told as streams and read back without loss', () => {
    for (const recording of answers) {
      const answer = chatProvider.readAnswer(bytesOf(recording));
      const writer = chatClient.streamWriter(identityOf(answer));
      const written = Buffer.concat([...eventsOf(answer).map((event) => writer.write(event)), writer.end()]);
      expect(known(collectedAnswer(read([written])))).toEqual(known(answer));
    }
  });
});

/** A target that takes everything the way this request says it. */
function traitsFor(request: Json): TargetTraits {
  return {
    model: String(request['model']),
    maxTokensField: 'max_completion_tokens' in request ? 'max_completion_tokens' : 'max_tokens',
    streamUsageOption: 'stream_options' in request,
    cacheMarkers: 'cache_control',
    ...('reasoning' in request ? { reasoningField: 'reasoning_details' } : {}),
  };
}

/** `null` is OpenAI's own word for what is absent. */
function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, member: unknown) => (member === null ? undefined : member)));
}

describeRecorded('recorded requests', () => {
  test.each(asked)('$id is sent as it was recorded, and nothing of it is lost', ({ id, request }) => {
    const recorded = JSON.parse(readFileSync(join(FOLDER, id, request ?? ''), 'utf8')) as Json;
    const losses: Loss[] = [];
    const written = chatProvider.writeCall(chatClient.readCall(recorded), traitsFor(recorded), losses);
    expect(losses).toEqual([]);
    expect(withoutNulls(written)).toEqual(withoutNulls(recorded));
  });
});
