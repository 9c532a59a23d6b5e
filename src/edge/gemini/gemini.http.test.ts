import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { ApiError, GoogleGenAI } from '@google/genai';
import { describe, expect, test } from 'vitest';
import { TestGateway, type TestGatewayOptions } from '../../../test/support/gateway.ts';
import { geminiProvider } from '../../../test/support/gemini-provider.ts';
import { answerBytes, httpChunk, LAST_CHUNK, RawUpstream, STREAM_HEAD } from '../../../test/support/raw-upstream.ts';

const USAGE = { promptTokenCount: 10, cachedContentTokenCount: 5, candidatesTokenCount: 3, totalTokenCount: 13 };
const candidate = (text: string, more: object = {}) => ({
  candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0, ...more }],
  modelVersion: 'gemini-x',
  responseId: 'r1',
});
const ANSWER = JSON.stringify({ ...candidate('Hello.', { finishReason: 'STOP' }), usageMetadata: USAGE });
const event = (fields: object) => `data: ${JSON.stringify(fields)}\r\n\r\n`;
const BEGINNING = [event(candidate('Hel')), event(candidate('lo.'))];
const ENDING = [event({ ...candidate('', { finishReason: 'STOP' }), usageMetadata: USAGE })];
const STREAM = [...BEGINNING, ...ENDING];
const QUESTION = { model: 'google/gemini-x', contents: 'Hi.' };
const BODY = { contents: [{ role: 'user', parts: [{ text: 'Hi.' }] }] };

interface House extends AsyncDisposable {
  readonly upstream: RawUpstream;
  readonly gateway: TestGateway;
  readonly client: GoogleGenAI;
  /** As the SDK was until its third version. */
  readonly older: GoogleGenAI;
  clientWith(apiKey: string): GoogleGenAI;
  post(path: string, body?: unknown): Promise<Response>;
}

type Answering = Parameters<typeof RawUpstream.start>[0];

async function house(answer: Answering, options: Partial<TestGatewayOptions> = {}): Promise<House> {
  const upstream = await RawUpstream.start(answer);
  const gateway = await TestGateway.start({
    upstreams: { chat: upstream.baseUrl },
    providers: [geminiProvider('google', upstream.baseUrl.replace('/v1', '/v1beta'))],
    ...options,
  });
  const baseUrl = `http://127.0.0.1:${gateway.port}`;
  const clientWith = (apiKey: string) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl } });
  const older = new GoogleGenAI({ apiKey: gateway.key, apiVersion: 'v1beta', httpOptions: { baseUrl } });
  return {
    upstream,
    gateway,
    client: clientWith(gateway.key),
    older,
    clientWith,
    post: (path, body = BODY) =>
      fetch(baseUrl + path, {
        method: 'POST',
        headers: { 'x-goog-api-key': gateway.key, 'x-secret': 'stays here' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const whole: Answering = (socket) => void socket.write(answerBytes(200, 'application/json', ANSWER));
const answering =
  (body: string): Answering =>
  (socket) =>
    void socket.write(answerBytes(200, 'application/json', body));
const streamed =
  (events: readonly string[], end = LAST_CHUNK): Answering =>
  (socket) => {
    socket.write(STREAM_HEAD);
    for (const each of events) socket.write(httpChunk(each));
    socket.write(end);
  };
const refusing =
  (status: number, word: string): Answering =>
  (socket) =>
    void socket.write(answerBytes(status, 'application/json', errorText(status, word)));

function errorText(code: number, status: string): string {
  return JSON.stringify({ error: { code, message: 'The vendor’s own words', status } });
}

async function thrownBy(call: Promise<unknown>): Promise<ApiError> {
  const thrown = await call.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ApiError);
  return thrown as ApiError;
}

describe('an unmodified SDK of Google’s', () => {
  test('gets the provider’s answer, and the provider gets its request, byte for byte', async () => {
    await using at = await house(whole);
    const body = '{ "contents":[{"parts":[{"text":"Hi."}]}],"safety_settings": [] }';
    const response = await at.post('/v1beta/models/google/gemini-x:generateContent', body);
    expect(await response.text()).toBe(ANSWER);
    expect(response.headers.get('x-leeward-request-id')).toMatch(/^call_/);
    const [seen] = at.upstream.seen;
    expect(seen?.body).toBe(body);
    const head = seen?.head.toLowerCase() ?? '';
    expect(head).toMatch(/^post \/v1beta\/models\/gemini-x:generatecontent http/);
    expect(head).toContain('x-goog-api-key: sk-canary-upstream-0123456789');
    expect(head).not.toContain('x-secret');
    expect(head).not.toContain(at.gateway.key);
    expect(at.gateway.ends[0]).toMatchObject({
      outcome: 'ok',
      usage: { inputTokens: 10, cachedInputTokens: 5, outputTokens: 3 },
      usageSource: 'provider',
    });
  });

  test('reads an answer and a stream', async () => {
    await using at = await house(whole);
    for (const client of [at.client, at.older]) {
      const answer = await client.models.generateContent(QUESTION);
      expect(answer.text).toBe('Hello.');
      expect(answer.usageMetadata).toEqual(USAGE);
    }
    at.upstream.answer = streamed(STREAM);
    const said: string[] = [];
    let last: unknown;
    for await (const chunk of await at.client.models.generateContentStream(QUESTION)) {
      said.push(chunk.text ?? '');
      last = chunk.usageMetadata;
    }
    expect(said).toEqual(['Hel', 'lo.', '']);
    expect(last).toEqual(USAGE);
    expect(at.upstream.seen[2]?.head).toMatch(/^POST \/v1beta\/models\/gemini-x:streamGenerateContent\?alt=sse /);
    expect(at.gateway.ends[2]).toMatchObject({ usage: { inputTokens: 10, outputTokens: 3 }, usageSource: 'provider' });
  });

  test('gets a stream byte for byte, and another client the same as one array', async () => {
    await using at = await house(streamed(STREAM));
    const events = await at.post('/v1beta/models/google%2Fgemini-x:streamGenerateContent?alt=sse');
    expect(await events.text()).toBe(STREAM.join(''));
    expect(events.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const array = await at.post('/v1beta/models/google/gemini-x:streamGenerateContent');
    expect(array.headers.get('content-type')).toBe('application/json; charset=UTF-8');
    const datas = STREAM.map((each) => JSON.parse(each.slice('data: '.length)) as unknown);
    expect(await array.json()).toEqual(datas);
    expect(at.upstream.seen.map(({ head }) => head.split(' ')[1])).toEqual(
      Array(2).fill('/v1beta/models/gemini-x:streamGenerateContent?alt=sse'),
    );
  });

  test.each([
    ['?alt=sse', (text: string) => text],
    ['', (text: string) => `[${text.replaceAll('data: ', '').trim().replaceAll('\r\n\r\n', '\n,\r\n')}\n]\n`],
  ])('is kept waiting for a silent provider by what its parser drops: %s', async (query, form) => {
    const slow: Answering = async (socket) => {
      socket.write(STREAM_HEAD);
      for (const each of BEGINNING) socket.write(httpChunk(each));
      await new Promise((resolve) => setTimeout(resolve, 120));
      for (const each of ENDING) socket.write(httpChunk(each));
      socket.write(LAST_CHUNK);
    };
    await using at = await house(slow, { pingMs: 40 });
    const text = await (await at.post(`/v1beta/models/google/gemini-x:streamGenerateContent${query}`)).text();
    if (query === '') expect(JSON.parse(text)).toHaveLength(3);
    else expect(text.replaceAll(': ping\n\n', '')).toBe(form(STREAM.join('')));
    expect(text.length).toBeGreaterThan(form(STREAM.join('')).length);
    const said: string[] = [];
    for await (const chunk of await at.client.models.generateContentStream(QUESTION)) said.push(chunk.text ?? '');
    expect(said).toEqual(['Hel', 'lo.', '']);
  });

  test.each([
    [400, 'INVALID_ARGUMENT'],
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
    [429, 'RESOURCE_EXHAUSTED'],
    [500, 'INTERNAL'],
    [503, 'UNAVAILABLE'],
  ])('sees a provider’s %d %s as it came', async (status, word) => {
    await using at = await house(refusing(status, word));
    const error = await thrownBy(at.client.models.generateContent(QUESTION));
    expect(error.status).toBe(status);
    expect(JSON.parse(error.message)).toEqual(JSON.parse(errorText(status, word)));
  });

  test('sees a stream that breaks off, and an error inside one, as an error', async () => {
    await using at = await house(streamed(BEGINNING));
    const read = async () => {
      const said: string[] = [];
      for await (const chunk of await at.client.models.generateContentStream(QUESTION)) said.push(chunk.text ?? '');
      return said;
    };
    expect(await thrownBy(read())).toMatchObject({ status: 500, message: expect.stringContaining('STREAM_TRUNCATED') });
    expect(at.gateway.ends[0]).toMatchObject({ outcome: 'truncated', usageSource: 'estimated' });
    const array = await at.post('/v1beta/models/google/gemini-x:streamGenerateContent');
    expect(await array.json()).toMatchObject([{}, {}, { error: { code: 500, status: 'INTERNAL' } }]);
    const inside = `data: ${errorText(503, 'UNAVAILABLE')}\r\n\r\n`;
    at.upstream.answer = streamed([...BEGINNING, inside]);
    const text = await (await at.post('/v1beta/models/google/gemini-x:streamGenerateContent?alt=sse')).text();
    expect(text).toBe([...BEGINNING, inside].join(''));
    expect(await thrownBy(read())).toMatchObject({ status: 503 });
  });

  test('is told of what the provider was not told', async () => {
    await using at = await house(whole);
    const thoughtSignature = Buffer.from('leeward-unsigned:anthropic-messages:signature:x').toString('base64');
    const contents = [
      ...BODY.contents,
      { role: 'model', parts: [{ text: 'So.', thoughtSignature }] },
      ...BODY.contents,
    ];
    const response = await at.post('/v1beta/models/google/gemini-x:generateContent', { contents });
    expect(response.headers.get('x-leeward-warnings')).toBe('contents[1].parts[0].thoughtSignature: is not of Google');
    expect(at.upstream.seen[0]?.body).not.toContain(thoughtSignature);
  });
});

test('the strict client reads an answer and a stream', async () => {
  await using at = await house(whole);
  const google = createGoogleGenerativeAI({
    apiKey: at.gateway.key,
    baseURL: `http://127.0.0.1:${at.gateway.port}/v1beta`,
  });
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi.' }] }];
  const model = google('models/google/gemini-x');
  // A name with a slash in it the client takes for the whole path.
  for (const named of [model, google('google/gemini-x')]) {
    expect((await named.doGenerate({ prompt })).content).toMatchObject([{ type: 'text', text: 'Hello.' }]);
  }
  at.upstream.answer = streamed(STREAM);
  const { stream } = await model.doStream({ prompt });
  const types: string[] = [];
  for await (const part of stream) types.push(part.type);
  expect(types).toContain('finish');
  expect(types).not.toContain('error');
});

describe('what the gateway itself refuses', () => {
  test('is told as Google would, with the id of the request', async () => {
    await using at = await house(whole, { bodyBytesMax: 2_000 });
    const stranger = at.clientWith('lw_nobody').models;
    const failures: [number, string, () => Promise<unknown>][] = [
      [401, 'UNAUTHENTICATED', () => stranger.generateContent(QUESTION)],
      [404, 'NOT_FOUND', () => at.client.models.generateContent({ ...QUESTION, model: 'nobody/knows' })],
      [400, 'INVALID_ARGUMENT', () => at.client.models.generateContent({ ...QUESTION, contents: 'x'.repeat(3_000) })],
      [404, 'NOT_FOUND', () => at.client.caches.create({ model: 'm', config: {} })],
      [401, 'UNAUTHENTICATED', () => stranger.list()],
    ];
    for (const [status, word, call] of failures) {
      const error = await thrownBy(call());
      expect(error.status).toBe(status);
      const { details, ...told } = (JSON.parse(error.message) as { error: { details: object[] } }).error;
      expect(told).toMatchObject({ code: status, status: word });
      expect(details.at(-1)).toMatchObject({ requestId: expect.stringMatching(/^call_/) });
    }
    expect(at.upstream.seen).toEqual([]);
  });

  test('a key in the address is refused with the name of the header, and not repeated', async () => {
    await using at = await house(whole);
    for (const version of ['v1', 'v1beta']) {
      const url = `http://127.0.0.1:${at.gateway.port}/${version}/models/google/gemini-x:generateContent?key=${at.gateway.key}`;
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(BODY) });
      const text = await response.text();
      expect(response.status).toBe(401);
      expect(JSON.parse(text)).toMatchObject({ error: { status: 'UNAUTHENTICATED' } });
      expect(text).toContain('x-goog-api-key');
      expect(text).not.toContain(at.gateway.key);
    }
  });

  test('a body that is no JSON, and a form of stream that is not spoken', async () => {
    await using at = await house(whole);
    const broken = await at.post('/v1beta/models/google/gemini-x:generateContent', '{"contents": oops}');
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ error: { status: 'INVALID_ARGUMENT', message: /line 1, column/ } });
    const form = await at.post('/v1beta/models/google/gemini-x:streamGenerateContent?alt=proto');
    expect(await form.json()).toMatchObject({ error: { code: 400, message: expect.stringContaining('alt=sse') } });
  });
});

describe('a count of tokens', () => {
  test('is asked of a provider that speaks the dialect, and costs nothing', async () => {
    await using at = await house(answering('{"totalTokens":42,"more":1}'));
    expect((await at.client.models.countTokens(QUESTION)).totalTokens).toBe(42);
    expect(at.upstream.seen[0]?.head).toMatch(/^POST \/v1beta\/models\/gemini-x:countTokens /);
    expect(at.gateway.records).toEqual([]);
  });

  test('is ours, and says so, where the provider has none or speaks another dialect', async () => {
    await using at = await house(refusing(503, 'UNAVAILABLE'));
    for (const model of ['google/gemini-x', 'chat/gpt-x']) {
      const response = await at.post(`/v1beta/models/${model}:countTokens`);
      expect(((await response.json()) as { totalTokens: number }).totalTokens).toBeGreaterThan(2);
      expect(response.headers.get('x-leeward-warnings')).toBe('count: estimated');
    }
    expect(at.upstream.seen).toHaveLength(1);
  });
});

describe('an embedding', () => {
  test('is asked natively, one and many, and paid for', async () => {
    await using at = await house(answering('{"embeddings":[{"values":[1,2]}]}'));
    const many = await at.client.models.embedContent({ model: 'google/text-embedding-004', contents: ['Hi.'] });
    expect(many.embeddings).toEqual([{ values: [1, 2] }]);
    expect(at.upstream.seen[0]?.head).toMatch(/^POST \/v1beta\/models\/text-embedding-004:batchEmbedContents /);
    expect(at.upstream.seen[0]?.body).toContain('"models/text-embedding-004"');
    at.upstream.answer = answering('{"embedding":{"values":[1]}}');
    const one = await at.post('/v1beta/models/google/text-embedding-004:embedContent', { content: BODY.contents[0] });
    expect(await one.json()).toEqual({ embedding: { values: [1] } });
    expect(at.gateway.ends.map(({ outcome, usageSource }) => ({ outcome, usageSource }))).toEqual(
      Array(2).fill({ outcome: 'ok', usageSource: 'estimated' }),
    );
  });

  test('of a provider that speaks another dialect is refused', async () => {
    await using at = await house(whole);
    const response = await at.post('/v1beta/models/chat/gpt-x:embedContent', { content: BODY.contents[0] });
    expect(await response.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
    expect(at.upstream.seen).toEqual([]);
  });
});

describe('the list of models', () => {
  const models = () => [1, 2, 3, 4, 5].map((n) => ({ id: `m/${n}`, ownedBy: 'm', origin: 'configured' as const }));

  test('comes in Google’s shape, page by page and one by one', async () => {
    await using at = await house(whole, { models });
    const names: (string | undefined)[] = [];
    for await (const { name } of await at.client.models.list({ config: { pageSize: 2 } })) names.push(name);
    expect(names).toEqual(['models/m/1', 'models/m/2', 'models/m/3', 'models/m/4', 'models/m/5']);
    expect(await at.client.models.get({ model: 'm/2' })).toMatchObject({ name: 'models/m/2', displayName: 'm/2' });
    expect(await thrownBy(at.client.models.get({ model: 'm/9' }))).toMatchObject({ status: 404 });
    expect(await thrownBy(at.client.models.list({ config: { pageToken: 'x' } }))).toMatchObject({ status: 400 });
  });
});
