import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GenerateContentResponse } from '@google/genai';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { collectedAnswer } from '../../../test/support/chat/collected-answer.ts';
import type { ChatAnswer, StreamEvent } from '../../protocol/chat/answer.ts';
import { readAnswer } from './answer-reader.ts';
import { GeminiStreamReader } from './stream-reader.ts';

/** Recorded provider traffic, outside the repository: skipped with a notice where it is absent. */
const FOLDER = process.env['LEEWARD_FIXTURES'] ?? join(import.meta.dirname, '../../../../shared/fixtures');

interface Recording {
  readonly id: string;
  readonly url: string;
  readonly status: number;
  readonly response: string;
}

const index = join(FOLDER, 'index.json');
const recordings: Recording[] = existsSync(index)
  ? (JSON.parse(readFileSync(index, 'utf8')) as Recording[]).filter(
      ({ url, status }) => /:(?:g|streamG)enerateContent/.test(url) && status === 200,
    )
  : [];
const answers = recordings.filter(({ response }) => response.endsWith('.json'));
const streams = recordings.filter(({ response }) => /\.(?:sse|jsonl)$/.test(response));

if (recordings.length === 0) {
  // biome-ignore lint/suspicious/noSkippedTests: the recordings are not part of the repository; a stranger's clone passes without them
  test.skip(`no recordings in ${FOLDER}: set LEEWARD_FIXTURES to read recorded traffic`, () => undefined);
}

/** What Google's own client reads. */
function theirs(body: object): GenerateContentResponse {
  return Object.assign(new GenerateContentResponse(), body);
}

function responsesIn(text: string): object[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/^data: ?/, ''))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as object);
}

function saidIn({ choices }: ChatAnswer): string {
  return (choices[0]?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function callsIn({ choices }: ChatAnswer): unknown[] {
  return (choices[0]?.parts ?? []).flatMap((part) =>
    part.type === 'tool-call' ? [{ name: part.name, args: JSON.parse(part.arguments) as unknown }] : [],
  );
}

function callsOf(response: GenerateContentResponse): unknown[] {
  return (response.functionCalls ?? []).flatMap(({ name, args = {} }) => (name === undefined ? [] : [{ name, args }]));
}

function read(chunks: readonly Buffer[]): StreamEvent[] {
  const reader = new GeminiStreamReader({ eventBytesMax: 16_000_000 });
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.finish()];
}

describe.runIf(recordings.length > 0)('recorded traffic of Google', () => {
  // Google's client warns of each part that is no text.
  beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined));
  afterAll(() => void vi.restoreAllMocks());

  test.each(answers)("$id is the answer that Google's client reads", ({ id, response }) => {
    const body = readFileSync(join(FOLDER, id, response));
    const ours = readAnswer(body);
    const own = theirs(JSON.parse(body.toString()) as object);
    expect(saidIn(ours)).toBe(own.text ?? '');
    expect(callsIn(ours)).toEqual(callsOf(own));
    expect(ours.model).toBe(own.modelVersion);
    expect(ours.usage?.inputTokens).toBeGreaterThan(0);
  });

  test.each(streams)("$id is the answer that Google's client reads, cut anywhere", ({ id, response }) => {
    const text = readFileSync(join(FOLDER, id, response), 'utf8');
    const own = responsesIn(text).map(theirs);
    const bytes = response.endsWith('.sse')
      ? Buffer.from(text)
      : Buffer.from(own.map((each) => `data: ${JSON.stringify(each)}\r\n\r\n`).join(''));
    const whole = read([bytes]);
    const ours = collectedAnswer(whole);
    expect(saidIn(ours)).toBe(own.map((each) => each.text ?? '').join(''));
    const partial = own.some((each) => each.functionCalls?.some(({ partialArgs }) => partialArgs !== undefined));
    if (partial) expect(callsIn(ours)).toHaveLength(own.flatMap(callsOf).length);
    else expect(callsIn(ours)).toEqual(own.flatMap(callsOf));
    expect(ours.usage?.outputTokens).toBeGreaterThan(0);
    const step = Math.max(1, Math.floor(bytes.length / 2_000));
    for (let at = 1; at < bytes.length; at += step) {
      expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
    }
  });
});
