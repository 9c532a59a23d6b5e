import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stream } from 'openai/core/streaming';
import type { Response as OpenAiResponse, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { describe, expect, test } from 'vitest';
import { responsesClient } from '../../src/edge/responses/codec.ts';
import type { ChatAnswer } from '../../src/protocol/chat/answer.ts';
import type { Loss } from '../../src/protocol/chat/codec.ts';
import { responsesProvider } from '../../src/providers/responses/codec.ts';
import { collectedAnswer } from '../support/chat/collected-answer.ts';
import { meaningOf } from '../support/responses-arbitrary.ts';
import { eventsOf, withoutPings } from '../support/responses-stream.ts';

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

const index = join(FOLDER, 'index.json');
const recordings: Recording[] = existsSync(index)
  ? (JSON.parse(readFileSync(index, 'utf8')) as Recording[]).filter(
      ({ url, status }) => /\/responses$/.test(url.split('?')[0] ?? '') && status === 200,
    )
  : [];
const failed = recordings.filter(({ id }) => id.endsWith('_failed'));
const answers = recordings.filter(({ stream }) => !stream);
const streams = recordings.filter((each) => each.stream && !failed.includes(each));
const asked = recordings.filter(({ request }) => request?.endsWith('.json'));

const describeRecorded = describe.runIf(recordings.length > 0);
if (recordings.length === 0) {
  // biome-ignore lint/suspicious/noSkippedTests: the recordings are not part of the repository; a stranger's clone passes without them
  test.skip(`no recordings in ${FOLDER}: set LEEWARD_FIXTURES to replay recorded traffic`, () => undefined);
}

/** Recorders that wrote one event a line kept no more than its data. */
function bytesOf({ id, response }: Recording): Buffer {
  const bytes = readFileSync(join(FOLDER, id, response));
  if (!response.endsWith('.jsonl')) return bytes;
  const lines = bytes.toString('utf8').split('\n').filter(Boolean);
  return Buffer.from(lines.map((line) => `data: ${line}\n\n`).join(''));
}

/** The whole answer as the official client reads it out of a stream. */
async function readByClient(bytes: Buffer): Promise<OpenAiResponse> {
  const stream = Stream.fromSSEResponse<ResponseStreamEvent>(
    new Response(new Uint8Array(bytes)),
    new AbortController(),
  );
  let whole: OpenAiResponse | undefined;
  for await (const event of stream) {
    if (event.type === 'response.completed' || event.type === 'response.incomplete') whole = event.response;
  }
  if (whole === undefined) throw new Error('the stream has no end');
  return whole;
}

interface Told {
  readonly text: string;
  readonly calls: readonly unknown[];
  readonly thoughts: readonly string[];
  readonly hosted: readonly string[];
  readonly usage: readonly (number | undefined)[];
}

/** What an answer tells, read without any of our own code. */
function toldBy({ output, usage }: OpenAiResponse): Told {
  const contents = output.flatMap((item) => (item.type === 'message' ? item.content : []));
  return {
    text: contents.map((part) => (part.type === 'refusal' ? part.refusal : part.text)).join(''),
    calls: output.flatMap((item) => {
      if (item.type === 'function_call') return [[item.call_id, item.name, item.arguments]];
      return item.type === 'custom_tool_call' ? [[item.call_id, item.name, item.input]] : [];
    }),
    thoughts: output.flatMap((item) => {
      if (item.type !== 'reasoning') return [];
      const text =
        item.content?.map((part) => part.text).join('') || item.summary.map((part) => part.text).join('\n\n');
      return text === '' ? [] : [text];
    }),
    hosted: output.flatMap(({ type }) => (/^(?:web_search|code_interpreter|file_search|mcp)/.test(type) ? [type] : [])),
    usage: [
      usage?.input_tokens,
      usage?.output_tokens,
      usage?.input_tokens_details?.cached_tokens,
      usage?.output_tokens_details?.reasoning_tokens,
    ],
  };
}

function toldIn({ choices, usage }: ChatAnswer): Told {
  const parts = choices[0]?.parts ?? [];
  return {
    text: parts.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join(''),
    calls: parts.flatMap((part) => (part.type === 'tool-call' ? [[part.id, part.name, part.arguments]] : [])),
    thoughts: parts.flatMap((part) => (part.type === 'reasoning' && part.text !== undefined ? [part.text] : [])),
    hosted: parts.flatMap((part) => (part.type === 'hosted-call' ? [String(part.source.fields['type'])] : [])),
    usage: [usage?.inputTokens, usage?.outputTokens, usage?.cachedInputTokens, usage?.reasoningTokens],
  };
}

describeRecorded('recorded answers', () => {
  test.runIf(answers.length > 0).each(answers)('$id is understood as its client understands it', (recording) => {
    const bytes = bytesOf(recording);
    const recorded = JSON.parse(bytes.toString('utf8')) as OpenAiResponse;
    expect(toldIn(responsesProvider.readAnswer(bytes))).toEqual(toldBy(recorded));
  });
});

describeRecorded('recorded streams', () => {
  test.runIf(streams.length > 0).each(streams)('$id is understood as its client understands it', async (recording) => {
    const bytes = bytesOf(recording);
    const answer = collectedAnswer(eventsOf([bytes]));
    const whole = await readByClient(bytes);
    expect(toldIn(answer)).toEqual(toldBy(whole));
    const { finish } = responsesProvider.readAnswer(Buffer.from(JSON.stringify(whole))).choices[0] ?? {};
    expect(answer.choices[0]?.finish).toEqual(finish);
  });

  test.runIf(streams.length > 0).each(streams)('$id gives the same events one byte at a time', (recording) => {
    const bytes = bytesOf(recording);
    const single = [...bytes].map((_, at) => bytes.subarray(at, at + 1));
    expect(withoutPings(eventsOf(single))).toEqual(withoutPings(eventsOf([bytes])));
  });

  test.runIf(failed.length > 0).each(failed)('$id fails before an answer starts', (recording) => {
    const events = withoutPings(eventsOf([bytesOf(recording)]));
    expect(events).toMatchObject([{ type: 'answer-error', error: { code: 'rate_limited', retry: 'other-target' } }]);
  });
});

describeRecorded('recorded requests', () => {
  test.runIf(asked.length > 0).each(asked)('$id is sent as it was recorded, and nothing of it is lost', (recording) => {
    const recorded = JSON.parse(readFileSync(join(FOLDER, recording.id, recording.request ?? ''), 'utf8')) as Json;
    const call = responsesClient.readCall(recorded);
    const losses: Loss[] = [];
    const traits = { model: call.model, maxTokensField: 'max_tokens', streamUsageOption: false } as const;
    const written = responsesProvider.writeCall(call, traits, losses);
    expect(losses.filter(({ reason }) => !/did not seal/.test(reason))).toEqual([]);
    expect(meaningOf(written)).toMatchObject(meaningOf(saidOurWay(recorded)) as object);
  });
});

type Json = Readonly<Record<string, unknown>>;

/** What of a history says nothing to another provider: whose results stand in the texts that follow them. */
const UNTOLD: ReadonlySet<unknown> = new Set(['web_search_call', 'mcp_list_tools']);

/** A thought that was kept at the provider, and is only named, cannot be sent without it. */
function isSendable(item: Json): boolean {
  if (UNTOLD.has(item['type'])) return false;
  return item['type'] !== 'reasoning' || typeof item['encrypted_content'] === 'string';
}

/** What the assistant is said to have said, without being an item of the provider's, is one text. */
function joined(items: readonly Json[]): Json[] {
  const written: Json[] = [];
  for (const item of items) {
    const last = written.at(-1);
    if (!isRetold(item)) written.push(item);
    else if (last !== undefined && isRetold(last)) {
      written[written.length - 1] = { ...last, content: textOf(last['content']) + textOf(item['content']) };
    } else written.push({ ...item, content: textOf(item['content']) });
  }
  return written;
}

function isRetold({ role, id }: Json): boolean {
  return role === 'assistant' && id === undefined;
}

function textOf(content: unknown): string {
  return typeof content === 'string' ? content : (content as Json[]).map(({ text }) => String(text)).join('');
}

/** Instructions that a client put first among its input are instructions; not to stream is what everybody does unasked. */
function saidOurWay({ stream, ...request }: Json): Json {
  const more = stream === true ? { stream } : {};
  if (!Array.isArray(request['input'])) return withoutEmptyLists({ ...request, ...more });
  const items = joined((request['input'] as Json[]).filter(isSendable));
  const [first, ...others] = items;
  if (first?.['role'] !== 'system' || request['instructions'] !== undefined) {
    return withoutEmptyLists({ ...request, ...more, input: items });
  }
  const { content } = first;
  const texts = typeof content === 'string' ? [content] : (content as Json[]).map(({ text }) => String(text));
  return withoutEmptyLists({ ...request, ...more, instructions: texts.join('\n\n'), input: others });
}

/** They say nothing. */
function withoutEmptyLists(value: Json): Json {
  const isEmpty = (member: unknown) => Array.isArray(member) && member.length === 0;
  return JSON.parse(JSON.stringify(value, (_, member: unknown) => (isEmpty(member) ? undefined : member))) as Json;
}
