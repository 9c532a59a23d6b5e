import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cutAt, eventsOf, withoutPings } from '../../../test/support/messages-stream.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import { geminiProvider } from '../../providers/gemini/codec.ts';
import { geminiClient } from './codec.ts';
import { gemini, geminiStream } from './dialects.ts';
import { withCamelNames } from './field-names.ts';
import { GeminiStreamGate } from './stream-gate.ts';

/** Recorded provider traffic, outside the repository: skipped with a notice where it is absent. */
const FOLDER = process.env['LEEWARD_FIXTURES'] ?? join(import.meta.dirname, '../../../../shared/fixtures');
const IDENTITY = { id: 'ours', model: 'asked-for', at: 0, usageWanted: true };
const EVENT_BYTES_MAX = 16 * 1024 * 1024;
/** A longer stream is cut at this many places, not at every byte. */
const CUTS_MAX = 2_000;

type Wire = Record<string, unknown>;

interface Recording {
  readonly id: string;
  readonly url: string;
  readonly status: number;
  readonly request: string | null;
  readonly response: string;
}

const index = join(FOLDER, 'index.json');
const recordings: Recording[] = existsSync(index)
  ? (JSON.parse(readFileSync(index, 'utf8')) as Recording[]).filter(
      ({ url, status }) => /:(?:generateContent|streamGenerateContent)(?:\?|$)/.test(url) && status === 200,
    )
  : [];
const answers = recordings.filter(({ response }) => response.endsWith('.json'));
const streams = recordings.filter(({ response }) => response.endsWith('.sse'));
const requests = recordings.filter(({ request }) => request?.endsWith('.json') === true);

if (recordings.length === 0) {
  // biome-ignore lint/suspicious/noSkippedTests: the recordings are not part of the repository; a stranger's clone passes without them
  test.skip(`no recordings in ${FOLDER}: set LEEWARD_FIXTURES to read recorded traffic`, () => undefined);
}

const bytesOf = ({ id, response }: Recording) => readFileSync(join(FOLDER, id, response));
const reader = () => geminiProvider.streamReader({ eventBytesMax: EVENT_BYTES_MAX });
const modelIn = (url: string) => /models\/([^:?]+):/.exec(url)?.[1] ?? 'm';

describe.runIf(recordings.length > 0)('recorded traffic of Gemini', () => {
  test.each(answers)('$id is read and written back to the same answer', (recording) => {
    const answer = JSON.parse(bytesOf(recording).toString()) as Wire;
    const again = geminiClient.writeAnswer(geminiProvider.readAnswer(bytesOf(recording)), IDENTITY);
    expect(meaningOf(JSON.parse(again.toString()) as Wire)).toMatchObject(meaningOf(answer));
    expect(gemini.readAnswer(bytesOf(recording)).usage).toBeDefined();
  });

  test.each(streams)('$id is read, and written back to a stream that reads the same', (recording) => {
    const events = eventsOf([bytesOf(recording)], reader());
    expect(events.at(-1)).toEqual({ type: 'answer-end' });
    const start = events.find(({ type }) => type === 'answer-start') as { readonly id?: string } | undefined;
    const writer = geminiClient.streamWriter({ ...IDENTITY, id: start?.id ?? IDENTITY.id });
    const again = Buffer.concat([...events.map((event) => writer.write(event)), writer.end()]);
    // The tier stands with the counts, which come last here.
    const read = (all: typeof events) =>
      withoutPings(all).flatMap((event): unknown[] => {
        if (event.type !== 'answer-start') return event.type === 'usage-update' ? [] : [event];
        const { serviceTier: _, ...others } = event;
        return [others];
      });
    expect(read(eventsOf([again], reader()))).toMatchObject(read(events));
  });

  test.each(streams)('$id passes natively as it came, wherever it is cut', (recording) => {
    const bytes = bytesOf(recording);
    const step = Math.max(1, Math.floor(bytes.length / CUTS_MAX));
    for (let cut = 1; cut < bytes.length; cut += step) {
      const gate = new GeminiStreamGate({ dropUsage: false, eventBytesMax: EVENT_BYTES_MAX }, 'sse');
      const passed = cutAt(bytes, [cut]).flatMap((piece) => gate.push(piece) ?? []);
      const { bytes: rest, complete } = gate.finish();
      const out = Buffer.concat(rest === undefined ? passed : [...passed, rest]);
      if (!complete || !out.equals(bytes)) expect.fail(`cut at byte ${cut}`);
    }
  });

  test.each(requests)(
    '$id has a request that goes on as it came, and is read and written back to the same one',
    (recording) => {
      const body = readFileSync(join(FOLDER, recording.id, recording.request ?? ''));
      const dialect = recording.response.endsWith('.sse') ? geminiStream : gemini;
      const model = modelIn(recording.url);
      const native = dialect.parse(body, { param: model, query: 'alt=sse' });
      const sent = native.encode({ model, streamUsageOption: false, maxTokensField: 'max_tokens' });
      expect(sent.bytes.equals(body)).toBe(true);
      const losses: Loss[] = [];
      const traits: TargetTraits = { model, maxTokensField: 'max_tokens', streamUsageOption: false };
      const call = { ...geminiClient.readCall(native.fields), client: 'gemini' } as const;
      const again = geminiProvider.writeCall(call, traits, losses);
      expect(requestMeaning(again)).toEqual(requestMeaning(JSON.parse(body.toString()) as Wire));
    },
  );
});

/** What an answer says: a grounding that was told is told again, an empty text nothing. */
function meaningOf(answer: Wire): Wire {
  const candidates = (answer['candidates'] as Wire[] | undefined)?.map(({ content, ...more }) => {
    const { parts = [] } = (content ?? {}) as { parts?: Wire[] };
    return { index: 0, ...more, parts: joined(parts) };
  });
  // A time has seconds alone elsewhere.
  const { responseId: _, createTime: __, ...others } = answer;
  return { ...others, ...(candidates === undefined ? {} : { candidates }) };
}

function joined(parts: readonly Wire[]): Wire[] {
  const merged: Wire[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    const bare = ({ text, thought: _, ...more }: Wire) => typeof text === 'string' && Object.keys(more).length === 0;
    if (last !== undefined && bare(last) && bare(part) && last['thought'] === part['thought']) {
      merged[merged.length - 1] = { ...last, text: `${String(last['text'])}${String(part['text'])}` };
    } else if (part['text'] !== '' || part['thoughtSignature'] !== undefined) merged.push(part);
  }
  return merged;
}

const UNSAID = new Set(['tools', 'toolConfig', 'generationConfig', 'systemInstruction', 'contents', 'model']);

/** What a request says, but for how: schemas of Google's own become JSON Schema, turns of one side one turn. */
function requestMeaning(given: Wire): Wire {
  const request = withCamelNames(given) as Wire;
  const contents: { role: unknown; parts: Wire[] }[] = [];
  for (const { role = 'user', parts = [] } of request['contents'] as Wire[]) {
    const side = role === 'model' ? 'model' : 'user';
    const said = (parts as Wire[]).filter((part) => part['text'] !== '').map(withoutSignature);
    if (said.length === 0) continue;
    if (contents.at(-1)?.role === side) contents.at(-1)?.parts.push(...said);
    else contents.push({ role: side, parts: said });
  }
  const joinedContents = contents.map(({ role, parts }) => ({ role, parts: role === 'model' ? joined(parts) : parts }));
  const others = Object.fromEntries(Object.entries(request).filter(([name]) => !UNSAID.has(name)));
  const instruction = (request['systemInstruction'] as { parts: Wire[] } | undefined)?.parts.filter(
    (part) => part['text'] !== '',
  );
  return { ...others, contents: joinedContents, ...(instruction?.length ? { systemInstruction: instruction } : {}) };
}

/** A placeholder is added where the model checks, and stays out of what is said. */
function withoutSignature({ thoughtSignature, ...part }: Wire): Wire {
  return thoughtSignature === 'skip_thought_signature_validator'
    ? part
    : { ...part, ...(thoughtSignature === undefined ? {} : { thoughtSignature }) };
}
