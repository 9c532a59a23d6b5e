import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { TestGateway, type TestGatewayOptions } from '../../../test/support/gateway.ts';
import { answerBytes, httpChunk, LAST_CHUNK, RawUpstream, STREAM_HEAD } from '../../../test/support/raw-upstream.ts';
import { responsesProvider } from '../../../test/support/responses-provider.ts';
import { eventText } from './errors.ts';

type Event = { readonly type: string } & Record<string, unknown>;

const USAGE = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 5 },
  output_tokens: 3,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 13,
};
const BEGUN = {
  id: 'resp_1',
  object: 'response',
  created_at: 7,
  model: 'gpt-x',
  status: 'in_progress',
  output: [],
  tools: [],
};
const PART = { type: 'output_text', text: 'Hello.', annotations: [] };
const ITEM = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [PART] };
const DONE = { ...BEGUN, status: 'completed', output: [ITEM], usage: USAGE };
const ANSWER = JSON.stringify(DONE);

const BEGINNING: Event[] = [
  { type: 'response.created', response: BEGUN },
  { type: 'response.in_progress', response: BEGUN },
];
const SPEAKING: Event[] = [
  { type: 'response.output_item.added', output_index: 0, item: { ...ITEM, status: 'in_progress', content: [] } },
  {
    type: 'response.content_part.added',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    part: { ...PART, text: '' },
  },
  {
    type: 'response.output_text.delta',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta: 'Hello.',
    logprobs: [],
  },
];
const ENDING: Event[] = [
  {
    type: 'response.output_text.done',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    text: 'Hello.',
    logprobs: [],
  },
  { type: 'response.content_part.done', item_id: 'msg_1', output_index: 0, content_index: 0, part: PART },
  { type: 'response.output_item.done', output_index: 0, item: ITEM },
  { type: 'response.completed', response: DONE },
];
const RATE = { type: 'tokens', code: 'rate_limit_exceeded', message: 'Limit 1, requested 30.', param: null };
const LIMITED: Event[] = [
  { type: 'error', error: RATE },
  {
    type: 'response.failed',
    response: { ...BEGUN, status: 'failed', error: { code: RATE.code, message: RATE.message } },
  },
];

const numbered = (events: readonly Event[]) => events.map((event, at) => eventText({ ...event, sequence_number: at }));
const STREAM = numbered([...BEGINNING, ...SPEAKING, ...ENDING]);
const QUESTION = { model: 'gpt/gpt-x', input: 'Hi.' };

interface House extends AsyncDisposable {
  readonly upstream: RawUpstream;
  readonly gateway: TestGateway;
  readonly client: OpenAI;
  /** Requests that the client has made of the gateway. */
  asked(): number;
}

type Answering = Parameters<typeof RawUpstream.start>[0];

async function house(answer: Answering, options: Partial<TestGatewayOptions> = {}): Promise<House> {
  const upstream = await RawUpstream.start(answer);
  const gateway = await TestGateway.start({
    upstreams: { chat: upstream.baseUrl },
    // Two, because a limit holds for all models of a key.
    providers: ['gpt', 'other'].map((name) => responsesProvider(name, upstream.baseUrl)),
    ...options,
  });
  let asked = 0;
  const client = new OpenAI({
    apiKey: gateway.key,
    baseURL: gateway.baseUrl,
    maxRetries: 1,
    fetch: (...args) => {
      asked++;
      return fetch(...args);
    },
  });
  return {
    upstream,
    gateway,
    client,
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const whole: Answering = (socket) => void socket.write(answerBytes(200, 'application/json', ANSWER));
const streamed =
  (events: readonly string[]): Answering =>
  (socket) => {
    socket.write(STREAM_HEAD);
    for (const each of events) socket.write(httpChunk(each));
    socket.write(LAST_CHUNK);
  };
const errorText = (code: string) =>
  JSON.stringify({ error: { message: 'The vendor’s own words', type: 'invalid_request_error', param: null, code } });
const refusing =
  (status: number, code: string, headers = ''): Answering =>
  (socket) =>
    void socket.write(answerBytes(status, 'application/json', errorText(code), headers));

const thrownBy = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown,
  );

describe('an unmodified SDK of OpenAI’s', () => {
  test('gets the provider’s answer, and the provider gets its request, byte for byte but for the model', async () => {
    await using at = await house(whole);
    const body = JSON.stringify({ ...QUESTION, store: false, include: ['reasoning.encrypted_content'] });
    const response = await at.gateway.post('/v1/responses', body);
    expect(await response.text()).toBe(ANSWER);
    expect(response.headers.get('x-request-id')).toMatch(/^call_/);
    const [seen] = at.upstream.seen;
    expect(seen?.body).toBe(body.replace('gpt/gpt-x', 'gpt-x'));
    expect(seen?.head).toMatch(/^POST \/v1\/responses HTTP/);
    expect(seen?.head.toLowerCase()).toContain('authorization: bearer sk-canary-upstream-0123456789');
    expect(seen?.head).not.toContain(at.gateway.key);
    expect(at.gateway.ends[0]).toMatchObject({
      outcome: 'ok',
      usage: { inputTokens: 10, cachedInputTokens: 5, outputTokens: 3 },
      usageSource: 'provider',
    });
  });

  test('reads an answer and a stream, whose bytes are the provider’s', async () => {
    await using at = await house(whole);
    expect((await at.client.responses.create(QUESTION)).output_text).toBe('Hello.');
    at.upstream.answer = streamed(STREAM);
    const stream = at.client.responses.stream(QUESTION);
    const types: string[] = [];
    for await (const { type } of stream) types.push(type);
    expect(types).toEqual([...BEGINNING, ...SPEAKING, ...ENDING].map(({ type }) => type));
    expect((await stream.finalResponse()).output_text).toBe('Hello.');
    const bytes = await (await at.gateway.post('/v1/responses', { ...QUESTION, stream: true })).text();
    expect(bytes).toBe(STREAM.join(''));
    expect(at.gateway.ends[1]).toMatchObject({ usage: { inputTokens: 10, outputTokens: 3 }, usageSource: 'provider' });
  });

  test('is told of what the provider was not told, and may rather be refused', async () => {
    await using at = await house(whole);
    const sealed = 'leeward-unsigned:anthropic-messages:signature:EqQB';
    const input = [
      { role: 'user' as const, content: 'Hi.' },
      { type: 'reasoning' as const, id: 'rs_1', summary: [], encrypted_content: sealed },
    ];
    const { response } = await at.client.responses.create({ ...QUESTION, input }).withResponse();
    expect(response.headers.get('x-leeward-warnings')).toBe('input[1]: a thought of another vendor');
    expect(at.upstream.seen[0]?.body).not.toContain('leeward-unsigned');
    const strict = { headers: { 'x-leeward-strict': 'true' } };
    await expect(at.client.responses.create({ ...QUESTION, input }, strict)).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'input[1]',
    });
    expect(at.upstream.seen).toHaveLength(1);
  });

  test.each([
    [400, 'invalid_value', OpenAI.BadRequestError, 1],
    [401, 'invalid_api_key', OpenAI.AuthenticationError, 1],
    [403, 'unsupported_country', OpenAI.PermissionDeniedError, 1],
    [404, 'model_not_found', OpenAI.NotFoundError, 1],
    [429, 'rate_limit_exceeded', OpenAI.RateLimitError, 2],
    [500, 'server_error', OpenAI.InternalServerError, 2],
  ] as const)('sees a provider’s %d %s as it came, and asks again only where that may help', async (...row) => {
    const [status, code, kind, times] = row;
    await using at = await house(refusing(status, code, 'retry-after-ms: 5\r\n'));
    const error = await thrownBy(at.client.responses.create(QUESTION));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, code, error: { message: 'The vendor’s own words' } });
    expect(at.asked()).toBe(times);
  });
});

describe('a stream that fails', () => {
  test('by breaking off ends in an error and a failure, numbered as what came before', async () => {
    await using at = await house(streamed(STREAM.slice(0, 5)));
    const error = await thrownBy(at.client.responses.stream(QUESTION).finalResponse());
    expect(error).toMatchObject({ code: 'stream_truncated' });
    const text = await (await at.gateway.post('/v1/responses', { ...QUESTION, stream: true })).text();
    expect(text.startsWith(STREAM.slice(0, 5).join(''))).toBe(true);
    const events = text
      .split('\n\n')
      .filter((each) => each !== '')
      .map((each) => JSON.parse(each.slice(each.indexOf('data: ') + 6)) as Event);
    expect(events.map((event) => event['sequence_number'])).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code: 'stream_truncated' },
      { type: 'response.failed', response: { id: 'resp_1', status: 'failed', error: { code: 'server_error' } } },
    ]);
    expect(at.gateway.ends[0]).toMatchObject({ outcome: 'truncated', usageSource: 'estimated' });
  });

  test('in the provider’s own words passes them, and nothing of ours follows', async () => {
    const stream = numbered([...BEGINNING, ...SPEAKING, ...LIMITED]);
    await using at = await house(streamed(stream));
    const text = await (await at.gateway.post('/v1/responses', { ...QUESTION, stream: true })).text();
    expect(text).toBe(stream.join(''));
    expect(at.gateway.ends[0]).toMatchObject({ outcome: 'failed' });
  });

  test('before it has said anything gives way to another target', async () => {
    const answers: Record<string, Answering> = {
      first: streamed(numbered([...BEGINNING, ...LIMITED])),
      second: streamed(STREAM),
    };
    await using at = await house(
      (socket, request) => {
        const { model } = JSON.parse(request.body) as { model: string };
        answers[model]?.(socket, request);
      },
      { routes: { pair: { targets: ['gpt/first', 'other/second'].map((target) => ({ target, weight: 1 })) } } },
    );
    const response = await at.gateway.post('/v1/responses', { ...QUESTION, model: 'route/pair', stream: true });
    expect(await response.text()).toBe(STREAM.join(''));
    expect(response.headers.get('x-leeward-attempts')).toBe('2');
    expect(at.gateway.ends.map(({ outcome }) => outcome)).toEqual(['failed', 'ok']);
  });

  test('as a whole answer that says it failed is an error, and another target is asked', async () => {
    const failed = JSON.stringify({ ...BEGUN, status: 'failed', error: { code: 'server_error', message: 'Oh.' } });
    await using at = await house((socket) => void socket.write(answerBytes(200, 'application/json', failed)));
    const error = await thrownBy(at.client.responses.create(QUESTION, { maxRetries: 0 }));
    expect(error).toMatchObject({ status: 502, code: 'upstream_error' });
  });
});

describe('what the gateway itself refuses', () => {
  test('is told as OpenAI would: the class, the code and the request’s id', async () => {
    await using at = await house(whole, { bodyBytesMax: 2_000 });
    const stranger = at.client.withOptions({ apiKey: 'lw_nobody' });
    const failures = {
      key: await thrownBy(stranger.responses.create(QUESTION)),
      model: await thrownBy(at.client.responses.create({ ...QUESTION, model: 'nobody/knows' })),
      field: await thrownBy(at.client.responses.create({ ...QUESTION, input: 7 as never })),
      background: await thrownBy(at.client.responses.create({ ...QUESTION, background: true })),
      size: await thrownBy(at.client.responses.create({ ...QUESTION, instructions: 'x'.repeat(3_000) })),
    };
    expect(failures).toMatchObject({
      key: { status: 401, code: 'unauthenticated' },
      model: { status: 404, code: 'no_route' },
      field: { status: 400, code: 'invalid_request', param: 'input' },
      background: { status: 400, code: 'unsupported_parameter', param: 'background' },
      size: { status: 413, code: 'payload_too_large' },
    });
    for (const failure of Object.values(failures)) {
      expect(failure).toMatchObject({ requestID: expect.stringMatching(/^call_/) });
    }
    expect(at.asked()).toBe(5);
    expect(at.upstream.seen).toEqual([]);
  });
});

describe('a count of tokens', () => {
  test('is asked of a provider that speaks the dialect, and costs nothing', async () => {
    const counted = '{"object":"response.input_tokens","input_tokens":42,"more":1}';
    await using at = await house((socket) => void socket.write(answerBytes(200, 'application/json', counted)));
    const { data, response } = await at.client.responses.inputTokens.count(QUESTION).withResponse();
    expect(data).toMatchObject({ input_tokens: 42, more: 1 });
    expect(response.headers.get('x-leeward-warnings')).toBe('none');
    expect(at.upstream.seen[0]?.head).toMatch(/^POST \/v1\/responses\/input_tokens /);
    expect(JSON.parse(at.upstream.seen[0]?.body ?? '')).toEqual({ ...QUESTION, model: 'gpt-x' });
    expect(at.gateway.records).toEqual([]);
  });

  test.each([
    ['has no such path', 'gpt/gpt-x', refusing(404, 'not_found')],
    ['speaks another dialect', 'chat/gpt-x', whole],
  ] as [string, string, Answering][])('is ours, and says so, where the provider %s', async (_what, model, answer) => {
    await using at = await house(answer);
    const { data, response } = await at.client.responses.inputTokens.count({ ...QUESTION, model }).withResponse();
    expect(data.object).toBe('response.input_tokens');
    expect(data.input_tokens).toBeGreaterThan(3);
    expect(response.headers.get('x-leeward-warnings')).toBe('count: estimated');
    expect(at.gateway.records).toEqual([]);
  });
});

describe('a compaction', () => {
  const compacted = JSON.stringify({
    id: 'cmp_1',
    object: 'response.compaction',
    created_at: 7,
    output: [{ type: 'compaction', id: 'cmp_2', encrypted_content: 'gAAA' }],
    usage: USAGE,
  });

  test('is the provider’s own, and is metered', async () => {
    await using at = await house((socket) => void socket.write(answerBytes(200, 'application/json', compacted)));
    const data = await at.client.responses.compact(QUESTION);
    expect(data).toMatchObject(JSON.parse(compacted) as object);
    expect(at.upstream.seen[0]?.head).toMatch(/^POST \/v1\/responses\/compact /);
    expect(at.gateway.ends[0]).toMatchObject({ outcome: 'ok', usage: { inputTokens: 10, outputTokens: 3 } });
  });

  test('cannot be had of a provider that speaks another dialect', async () => {
    await using at = await house(whole);
    const error = await thrownBy(at.client.responses.compact({ ...QUESTION, model: 'chat/gpt-x' }));
    expect(error).toMatchObject({ status: 400, code: 'unsupported_parameter', param: 'input' });
    expect(at.upstream.seen).toEqual([]);
  });
});

test('a picture that comes as a single event of megabytes passes', async () => {
  const picture = {
    type: 'image_generation_call',
    id: 'ig_1',
    status: 'completed',
    result: 'A'.repeat(3 * 1024 * 1024),
  };
  const stream = numbered([
    ...BEGINNING,
    { type: 'response.output_item.done', output_index: 0, item: picture },
    { type: 'response.completed', response: DONE },
  ]);
  await using at = await house(streamed(stream));
  const text = await (await at.gateway.post('/v1/responses', { ...QUESTION, stream: true })).text();
  expect(text).toBe(stream.join(''));
});

test('a silent stream is kept open by comments, which no client sees', async () => {
  const slow: Answering = async (socket) => {
    socket.write(STREAM_HEAD);
    for (const each of STREAM.slice(0, 4)) socket.write(httpChunk(each));
    await new Promise((resolve) => setTimeout(resolve, 120));
    for (const each of STREAM.slice(4)) socket.write(httpChunk(each));
    socket.write(LAST_CHUNK);
  };
  await using at = await house(slow, { pingMs: 40 });
  const stream = at.client.responses.stream(QUESTION);
  expect((await stream.finalResponse()).output_text).toBe('Hello.');
  const text = await (await at.gateway.post('/v1/responses', { ...QUESTION, stream: true })).text();
  expect(text).toContain('\n: ');
});
