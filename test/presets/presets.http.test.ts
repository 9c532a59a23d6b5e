import OpenAI, { APIError } from 'openai';
import { describe, expect, test } from 'vitest';
import { type PresetName, presetOf } from '../../src/config/presets.ts';
import { answerBytes, httpChunk, LAST_CHUNK, RawUpstream, STREAM_HEAD } from '../support/raw-upstream.ts';
import { presetGateway } from './preset-gateway.ts';
import { type PresetRecording, presetRecordings, recordedUsage } from './recordings.ts';

const recordings = presetRecordings();

const describeRecorded = describe.runIf(recordings.length > 0);
if (recordings.length === 0) {
  // biome-ignore lint/suspicious/noSkippedTests: the recordings are not part of the repository; a stranger's clone passes without them
  test.skip('no recordings: set LEEWARD_FIXTURES to replay recorded traffic', () => undefined);
}

const KEY = 'sk-preset-canary-0123456789';

function replayOf({ stream, status, contentType, response }: PresetRecording): Promise<RawUpstream> {
  return RawUpstream.start((socket) => {
    if (stream) socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(response), Buffer.from(LAST_CHUNK)]));
    else socket.write(answerBytes(status, contentType, response));
  });
}

/** What the SDK gives its caller: the events, the answer, or the error. */
async function seenBy(baseURL: string, apiKey: string, body: Record<string, unknown>): Promise<unknown> {
  const client = new OpenAI({ apiKey, baseURL, maxRetries: 0 });
  try {
    const answer: unknown = await client.chat.completions.create(body as never);
    if (typeof answer !== 'object' || answer === null || !(Symbol.asyncIterator in answer)) return plain(answer);
    const events: unknown[] = [];
    for await (const event of answer as AsyncIterable<unknown>) events.push(plain(event));
    return events;
  } catch (thrown) {
    if (!(thrown instanceof APIError)) throw thrown;
    const { status, type, code, param, error, message } = thrown;
    return { status, type, code, param, error: plain(error), message };
  }
}

/** Without the properties that the SDK hangs on an answer and JSON does not carry. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}

function requestOf({ request, stream, preset }: PresetRecording): Record<string, unknown> {
  const { stream_options: _, ...recorded } = request;
  const usage = stream && presetOf(preset).streamUsageOption ? { stream_options: { include_usage: true } } : {};
  const needed = { messages: [{ role: 'user', content: 'x' }] };
  const model = typeof recorded['model'] === 'string' ? recorded['model'] : 'recorded-model';
  return { ...needed, ...recorded, ...usage, model, stream };
}

function yamlOf(preset: PresetName, baseUrl: string): string {
  return `providers:\n  up:\n    preset: ${preset}\n    base_url: ${baseUrl}\n    api_key: \${env:KEY}\n`;
}

describeRecorded('what the SDK gets through a preset equals what it gets from the provider', () => {
  test.each(recordings)('$id as $preset', async (recording) => {
    await using upstream = await replayOf(recording);
    const baseUrl = `http://127.0.0.1:${upstream.port}${recording.basePath}`;
    const { gateway } = await presetGateway(yamlOf(recording.preset, baseUrl), { KEY });
    await using _ = gateway;
    const body = requestOf(recording);
    const direct = await seenBy(baseUrl, KEY, body);
    const through = await seenBy(gateway.baseUrl, gateway.key, { ...body, model: `up/${String(body['model'])}` });
    expect(through).toEqual(direct);

    const [asked, sent] = upstream.seen;
    expect(JSON.parse(sent?.body ?? '')).toEqual(JSON.parse(asked?.body ?? ''));
    expect(pathOf(sent?.head)).toBe(pathOf(asked?.head));
    const header =
      presetOf(recording.preset).authHeader === 'bearer' ? `authorization: Bearer ${KEY}` : `api-key: ${KEY}`;
    expect(sent?.head).toContain(header);
    expect(sent?.head).not.toContain(gateway.key);

    const usage = recordedUsage(recording);
    const end = gateway.ends.at(-1);
    expect(end?.usage?.inputTokens).toBe(usage?.['prompt_tokens']);
    expect(end?.usage?.outputTokens).toBe(usage?.['completion_tokens']);
    expect(end?.status).toBe(recording.status);
  });
});

function pathOf(head: string | undefined): string | undefined {
  return head?.split(' ')[1];
}

describeRecorded('a client that does not ask for usage', () => {
  const streams = recordings.filter(({ stream }) => stream);

  test.each(streams)('is metered all the same, and sees no event that it did not ask for: $id', async (recording) => {
    await using upstream = await replayOf(recording);
    const baseUrl = `http://127.0.0.1:${upstream.port}${recording.basePath}`;
    const { gateway } = await presetGateway(yamlOf(recording.preset, baseUrl), { KEY });
    await using _ = gateway;
    const { stream_options: __, ...body } = requestOf(recording);
    const events = await seenBy(gateway.baseUrl, gateway.key, { ...body, model: 'up/m' });
    const sent = JSON.parse(upstream.seen[0]?.body ?? '') as Record<string, unknown>;
    const { streamUsageOption } = presetOf(recording.preset);
    expect(sent['stream_options']).toEqual(streamUsageOption ? { include_usage: true } : undefined);
    const bare = (events as { choices?: unknown[]; usage?: unknown }[]).filter(
      ({ choices, usage }) => choices?.length === 0 && usage,
    );
    expect(bare).toEqual([]);
    expect(gateway.ends.at(-1)?.usage?.inputTokens).toBe(recordedUsage(recording)?.['prompt_tokens']);
  });
});
