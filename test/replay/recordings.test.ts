import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TestGateway } from '../support/gateway.ts';
import { messagesProvider } from '../support/messages-provider.ts';
import { answerBytes, httpChunk, LAST_CHUNK, RawUpstream, STREAM_HEAD } from '../support/raw-upstream.ts';
import { responsesProvider } from '../support/responses-provider.ts';

/** Recorded provider traffic, outside the repository: skipped with a notice where it is absent. */
const FOLDER = process.env['LEEWARD_FIXTURES'] ?? join(import.meta.dirname, '../../../shared/fixtures');

interface Recording {
  readonly id: string;
  readonly url: string;
  readonly status: number;
  readonly stream: boolean;
  readonly request: string | null;
  readonly response: string;
  readonly response_headers?: Readonly<Record<string, string>>;
}

const DIALECT_PATHS = [
  /\/chat\/completions$/,
  /\/v1\/completions$/,
  /\/embeddings$/,
  /\/v1\/messages$/,
  /\/v1\/messages\/count_tokens$/,
  /\/responses$/,
];
const GATEWAY_PATHS = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/messages',
  '/v1/messages/count_tokens',
  '/v1/responses',
];

function gatewayPath(url: string): string | undefined {
  const path = url.split('?')[0] ?? '';
  return GATEWAY_PATHS[DIALECT_PATHS.findIndex((pattern) => pattern.test(path))];
}

const index = join(FOLDER, 'index.json');
const recordings: Recording[] = existsSync(index)
  ? (JSON.parse(readFileSync(index, 'utf8')) as Recording[]).filter(
      ({ url, response, request }) =>
        gatewayPath(url) !== undefined &&
        /\.(sse|json)$/.test(response) &&
        (request === null || request.endsWith('.json')),
    )
  : [];

const describeRecorded = describe.runIf(recordings.length > 0);
if (recordings.length === 0) {
  // biome-ignore lint/suspicious/noSkippedTests: the recordings are not part of the repository; a stranger's clone passes without them
  test.skip(`no recordings in ${FOLDER}: set LEEWARD_FIXTURES to replay recorded traffic`, () => undefined);
}

/** A gateway whose provider `up` speaks the recording's own dialect. */
function gatewayTo({ baseUrl }: RawUpstream, { url }: Recording): Promise<TestGateway> {
  const path = gatewayPath(url);
  if (path === '/v1/responses') {
    return TestGateway.start({ upstreams: {}, providers: [responsesProvider('up', baseUrl)] });
  }
  return path?.startsWith('/v1/messages')
    ? TestGateway.start({ upstreams: {}, providers: [messagesProvider('up', baseUrl)] })
    : TestGateway.start({ upstreams: { up: baseUrl } });
}

/** Twice through the same replay: straight to it, and through the gateway. */
async function readBoth(recording: Recording, chunks: readonly Buffer[]): Promise<{ direct: Seen; through: Seen }> {
  await using upstream = await RawUpstream.start((socket) => {
    if (!recording.stream) {
      socket.write(
        answerBytes(
          recording.status,
          recording.response_headers?.['content-type'] ?? 'application/json',
          Buffer.concat(chunks),
        ),
      );
      return;
    }
    socket.write(STREAM_HEAD);
    for (const chunk of chunks) socket.write(httpChunk(chunk));
    socket.write(LAST_CHUNK);
  });
  await using gateway = await gatewayTo(upstream, recording);
  const path = gatewayPath(recording.url) ?? '';
  const request = requestOf(recording, path);
  const direct = await seen(
    await fetch(`http://127.0.0.1:${upstream.port}${path}`, { method: 'POST', body: JSON.stringify(request) }),
  );
  const through = await seen(await gateway.post(path, { ...request, model: `up/${String(request['model'])}` }));
  // What we asked upstream is what the client asked, but for the usage option that metering needs.
  const sent: unknown = JSON.parse(upstream.seen[1]?.body ?? '');
  const { stream_options: _, ...asked } = request;
  expect(sent).toMatchObject(asked);
  return { direct, through };
}

interface Seen {
  readonly status: number;
  readonly body: string;
  readonly contentType: string | null;
}

async function seen(response: Response): Promise<Seen> {
  const body = Buffer.from(await response.arrayBuffer()).toString('latin1');
  return { status: response.status, body, contentType: response.headers.get('content-type') };
}

function requestOf(recording: Recording, path: string): Record<string, unknown> {
  const file = recording.request && join(FOLDER, recording.id, recording.request);
  const recorded = file && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
  const needed = path.endsWith('embeddings')
    ? { input: 'x' }
    : { messages: [{ role: 'user', content: 'x' }], prompt: 'x' };
  const model = typeof recorded['model'] === 'string' ? recorded['model'] : 'recorded-model';
  if (path === '/v1/responses') return { input: 'x', ...recorded, model, stream: recording.stream };
  if (path === '/v1/messages') return { ...needed, max_tokens: 1_024, ...recorded, model, stream: recording.stream };
  const stream = recording.stream ? { stream: true, stream_options: { include_usage: true } } : {};
  return { ...needed, ...recorded, model, ...stream };
}

describeRecorded('recorded traffic reaches the client byte for byte', () => {
  test.each(recordings)('$id', async (recording) => {
    const bytes = readFileSync(join(FOLDER, recording.id, recording.response));
    const { direct, through } = await readBoth(recording, [bytes]);
    expect(through).toEqual(direct);
  });
});

const streams = recordings.filter(({ stream }) => stream).sort((one, other) => sizeOf(one) - sizeOf(other));

describeRecorded('streams arrive the same however they are cut', () => {
  test.each(streams)('$id one byte at a time', async (recording) => {
    const bytes = readFileSync(join(FOLDER, recording.id, recording.response));
    const { direct, through } = await readBoth(
      recording,
      [...bytes].map((byte) => Buffer.from([byte])),
    );
    expect(through).toEqual(direct);
  });

  test.each(streams.slice(0, 5))('$id cut in two at every byte', { timeout: 120_000 }, async (recording) => {
    const bytes = readFileSync(join(FOLDER, recording.id, recording.response));
    let cut = 0;
    await using upstream = await RawUpstream.start((socket) => {
      socket.write(
        Buffer.concat([Buffer.from(STREAM_HEAD), cut > 0 ? httpChunk(bytes.subarray(0, cut)) : Buffer.alloc(0)]),
      );
      // A turn of the event loop in between, so that the gateway reads two chunks.
      setImmediate(() => socket.write(Buffer.concat([httpChunk(bytes.subarray(cut)), Buffer.from(LAST_CHUNK)])));
    });
    await using gateway = await gatewayTo(upstream, recording);
    const path = gatewayPath(recording.url) ?? '';
    const request = { ...requestOf(recording, path), model: 'up/m' };
    for (cut = 0; cut < bytes.length; cut++) {
      const response = await gateway.post(path, request);
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes), `cut at byte ${cut}`).toBe(true);
    }
    expect(gateway.ends.every((end) => end.outcome === 'ok')).toBe(true);
  });
});

function sizeOf(recording: Recording): number {
  return readFileSync(join(FOLDER, recording.id, recording.response)).length;
}
