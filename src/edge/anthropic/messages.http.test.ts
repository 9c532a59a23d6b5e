import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from 'vitest';
import { TestGateway, type TestGatewayOptions } from '../../../test/support/gateway.ts';
import { messagesProvider } from '../../../test/support/messages-provider.ts';
import { answerBytes, httpChunk, LAST_CHUNK, RawUpstream, STREAM_HEAD } from '../../../test/support/raw-upstream.ts';

const ANSWER = JSON.stringify({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-x',
  content: [{ type: 'text', text: 'Hello.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 3 },
});
const event = (fields: { readonly type: string } & Record<string, unknown>) =>
  `event: ${fields.type}\ndata: ${JSON.stringify(fields)}\n\n`;
const BEGINNING = [
  event({
    type: 'message_start',
    message: { ...JSON.parse(ANSWER), content: [], stop_reason: null, usage: { input_tokens: 10, output_tokens: 1 } },
  }),
  'event: ping\ndata: {"type": "ping"}\n\n',
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello.' } }),
];
const ENDING = [
  event({ type: 'content_block_stop', index: 0 }),
  event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } }),
  event({ type: 'message_stop' }),
];
const STREAM = [...BEGINNING, ...ENDING];

const HI: Anthropic.MessageParam[] = [{ role: 'user', content: 'Hi.' }];
const SAID = { type: 'text', text: 'Hello.' };
const QUESTION = { model: 'claude/claude-x', max_tokens: 50, messages: HI };

interface House extends AsyncDisposable {
  readonly upstream: RawUpstream;
  readonly gateway: TestGateway;
  readonly client: Anthropic;
  /** Requests that the client has made of the gateway. */
  asked(): number;
}

type Answering = Parameters<typeof RawUpstream.start>[0];

async function house(answer: Answering, options: Partial<TestGatewayOptions> = {}): Promise<House> {
  const upstream = await RawUpstream.start(answer);
  const gateway = await TestGateway.start({
    upstreams: { chat: upstream.baseUrl },
    providers: [messagesProvider('claude', upstream.baseUrl)],
    ...options,
  });
  let asked = 0;
  const client = new Anthropic({
    apiKey: gateway.key,
    baseURL: `http://127.0.0.1:${gateway.port}`,
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
  (events: readonly string[], end = LAST_CHUNK): Answering =>
  (socket) => {
    socket.write(STREAM_HEAD);
    for (const each of events) socket.write(httpChunk(each));
    socket.write(end);
  };
const refusing =
  (status: number, type: string, headers = ''): Answering =>
  (socket) =>
    void socket.write(answerBytes(status, 'application/json', errorText(type), headers));

function errorText(type: string, message = 'The vendor’s own words'): string {
  return JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_theirs' });
}

describe('an unmodified SDK of Anthropic’s', () => {
  test('gets the provider’s answer, and the provider gets its request, byte for byte but for the model', async () => {
    await using at = await house(whole);
    const body = JSON.stringify({ ...QUESTION, metadata: { user_id: 'u1' } });
    const response = await fetch(`http://127.0.0.1:${at.gateway.port}/v1/messages?beta=true`, {
      method: 'POST',
      headers: {
        'x-api-key': at.gateway.key,
        'anthropic-version': '2024-01-01',
        'anthropic-beta': 'some-beta',
        'x-secret': 'stays here',
      },
      body,
    });
    expect(await response.text()).toBe(ANSWER);
    expect(response.headers.get('request-id')).toBe(response.headers.get('x-leeward-request-id'));
    const [seen] = at.upstream.seen;
    expect(seen?.body).toBe(body.replace('claude/claude-x', 'claude-x'));
    const head = seen?.head.toLowerCase() ?? '';
    expect(head).toMatch(/^post \/v1\/messages http/);
    expect(head).toContain('x-api-key: sk-canary-upstream-0123456789');
    expect(head.match(/anthropic-version: .*/g)).toEqual(['anthropic-version: 2024-01-01']);
    expect(head).toContain('anthropic-beta: some-beta');
    expect(head).not.toContain('x-secret');
    expect(head).not.toContain(at.gateway.key);
    expect(at.gateway.ends[0]).toMatchObject({
      outcome: 'ok',
      usage: { inputTokens: 15, cachedInputTokens: 5, outputTokens: 3 },
      usageSource: 'provider',
    });
  });

  test('reads an answer and a stream', async () => {
    await using at = await house(whole);
    const message = await at.client.messages.create(QUESTION);
    expect(message.content).toEqual([{ type: 'text', text: 'Hello.' }]);
    expect(message._request_id).toMatch(/^call_/);
    at.upstream.answer = streamed(STREAM);
    const final = await at.client.messages.stream(QUESTION).finalMessage();
    expect(final.content).toMatchObject([{ type: 'text', text: 'Hello.' }]);
    expect(final.usage.output_tokens).toBe(3);
    expect(at.gateway.ends[1]).toMatchObject({ usage: { inputTokens: 10, outputTokens: 3 }, usageSource: 'provider' });
  });

  test('is told of what the provider was not told, and may rather be refused', async () => {
    await using at = await house(whole);
    const messages = [
      ...HI,
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'hm', signature: 'leeward-unsigned' }, SAID] },
      ...HI,
    ] as Anthropic.MessageParam[];
    const { response } = await at.client.messages.create({ ...QUESTION, messages }).withResponse();
    const warning = 'messages[1].content[0]: a thought that Anthropic has not signed';
    expect(response.headers.get('x-leeward-warnings')).toBe(warning);
    expect(at.upstream.seen[0]?.body).not.toContain('leeward-unsigned');
    const strict = { headers: { 'x-leeward-strict': 'true' } };
    await expect(at.client.messages.create({ ...QUESTION, messages }, strict)).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      details: { error_code: 'unsupported_parameter', param: 'messages[1].content[0]' },
    });
    expect(at.upstream.seen).toHaveLength(1);
    at.upstream.answer = (socket) => void socket.write(answerBytes(200, 'application/json', '{"input_tokens":1}'));
    const count = await at.client.messages.countTokens({ model: QUESTION.model, messages }).withResponse();
    expect(count.response.headers.get('x-leeward-warnings')).toBe(warning);
  });

  test('gets a ping of its own kind while the provider is silent', async () => {
    const slow: Answering = async (socket) => {
      socket.write(STREAM_HEAD);
      for (const each of BEGINNING) socket.write(httpChunk(each));
      await new Promise((resolve) => setTimeout(resolve, 120));
      for (const each of ENDING) socket.write(httpChunk(each));
      socket.write(LAST_CHUNK);
    };
    await using at = await house(slow, { pingMs: 40 });
    const response = await at.gateway.post('/v1/messages', { ...QUESTION, stream: true });
    const text = await response.text();
    expect(text.split('event: ping\n').length - 1).toBeGreaterThan(1);
    expect(text.replaceAll('event: ping\ndata: {"type": "ping"}\n\n', '')).toBe(
      STREAM.filter((each) => !each.includes('ping')).join(''),
    );
  });

  test.each([
    [400, 'invalid_request_error', Anthropic.BadRequestError, 1],
    [401, 'authentication_error', Anthropic.AuthenticationError, 1],
    [403, 'permission_error', Anthropic.PermissionDeniedError, 1],
    [404, 'not_found_error', Anthropic.NotFoundError, 1],
    [413, 'request_too_large', Anthropic.APIError, 1],
    [429, 'rate_limit_error', Anthropic.RateLimitError, 2],
    [500, 'api_error', Anthropic.InternalServerError, 2],
    [529, 'overloaded_error', Anthropic.InternalServerError, 2],
  ] as const)('sees a provider’s %d %s as it came, and asks again only where that may help', async (...row) => {
    const [status, type, kind, times] = row;
    await using at = await house(refusing(status, type, 'retry-after-ms: 5\r\n'));
    const error = await at.client.messages.create(QUESTION).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, type, error: JSON.parse(errorText(type)) });
    expect(at.asked()).toBe(times);
  });

  test('sees a stream that breaks off, and an error inside one, as the error of a stream', async () => {
    await using at = await house(streamed(BEGINNING));
    const error = await at.client.messages
      .stream(QUESTION)
      .finalMessage()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      type: 'api_error',
      error: { error: { details: { error_code: 'stream_truncated' } } },
    });
    expect(at.gateway.ends[0]).toMatchObject({
      outcome: 'truncated',
      usageSource: 'estimated',
      usage: { inputTokens: 10 },
    });
    const inside = `event: error\ndata: ${errorText('overloaded_error')}\n\n`;
    at.upstream.answer = streamed([...BEGINNING, inside]);
    const text = await (await at.gateway.post('/v1/messages', { ...QUESTION, stream: true })).text();
    expect(text).toBe([...BEGINNING, inside].join(''));
  });
});

describe('what the gateway itself refuses', () => {
  test('is told as Anthropic would: the class, the type and the request’s id', async () => {
    await using at = await house(whole, { bodyBytesMax: 2_000 });
    const refused = async (call: Promise<unknown>) =>
      call.then(
        () => expect.unreachable(),
        (thrown) => thrown,
      );
    const stranger = at.client.withOptions({ apiKey: 'lw_nobody' });
    const failures = {
      key: await refused(stranger.messages.create(QUESTION)),
      model: await refused(at.client.messages.create({ ...QUESTION, model: 'nobody/knows' })),
      field: await refused(at.client.messages.create({ ...QUESTION, messages: 'x' as never })),
      size: await refused(at.client.messages.create({ ...QUESTION, system: 'x'.repeat(3_000) })),
      path: await refused(at.client.post('/v1/messages/batches', { body: {} })),
      list: await refused(stranger.models.list().then((page) => page)),
    };
    expect(failures).toMatchObject({
      key: { status: 401, type: 'authentication_error', errorCode: 'unauthenticated' },
      model: { status: 404, type: 'not_found_error', errorCode: 'no_route' },
      field: { status: 400, type: 'invalid_request_error', apiMessage: 'messages: Input should be a valid list' },
      size: { status: 413, type: 'request_too_large' },
      path: { status: 404, type: 'not_found_error' },
      list: { status: 401, type: 'authentication_error' },
    });
    for (const failure of Object.values(failures)) {
      expect(failure).toMatchObject({ requestID: expect.stringMatching(/^call_/) });
    }
    expect(at.asked()).toBe(6);
    expect(at.upstream.seen).toEqual([]);
  });

  test('a body that is no JSON, in the same shape', async () => {
    await using at = await house(whole);
    const response = await at.gateway.post('/v1/messages', '{"model": oops}');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining('line 1, column') },
      request_id: response.headers.get('request-id'),
    });
  });

  test('OpenAI’s clients read theirs as before', async () => {
    await using at = await house(whole);
    const response = await at.gateway.post('/v1/chat/completions', '{}', { 'anthropic-version': '2023-06-01' });
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request', param: 'model' } });
    expect(response.headers.get('x-request-id')).toMatch(/^call_/);
  });
});

describe('a count of tokens', () => {
  const counting = { model: 'claude/claude-x', messages: HI };

  test('is asked of a provider that speaks the dialect, and costs nothing', async () => {
    await using at = await house(
      (socket) => void socket.write(answerBytes(200, 'application/json', '{"input_tokens":42,"more":1}')),
    );
    const { data, response } = await at.client.messages.countTokens(counting).withResponse();
    expect(data).toEqual({ input_tokens: 42, more: 1 });
    expect(response.headers.get('x-leeward-warnings')).toBe('none');
    const [seen] = at.upstream.seen;
    expect(seen?.head).toMatch(/^POST \/v1\/messages\/count_tokens /);
    expect(JSON.parse(seen?.body ?? '')).toEqual({ ...counting, model: 'claude-x' });
    expect(at.gateway.records).toEqual([]);
  });

  test.each([
    ['is overloaded', refusing(529, 'overloaded_error')],
    ['refuses our key', refusing(401, 'authentication_error')],
    ['has no such path', refusing(404, 'not_found_error')],
    ['hangs up', (socket) => void socket.destroy()],
    ['says something else', (socket) => void socket.write(answerBytes(200, 'text/html', '<html>'))],
  ] as [string, Answering][])('is ours, and says so, where the provider %s', async (_what, answer) => {
    await using at = await house(answer);
    const { data, response } = await at.client.messages.countTokens(counting).withResponse();
    expect(data.input_tokens).toBeGreaterThan(3);
    expect(response.headers.get('x-leeward-warnings')).toBe('count: estimated');
    expect(at.gateway.records).toEqual([]);
  });

  test('is ours where the provider speaks another dialect, which is not asked', async () => {
    await using at = await house(whole);
    const { data, response } = await at.client.messages
      .countTokens({ ...counting, model: 'chat/gpt-x' })
      .withResponse();
    expect(data.input_tokens).toBeGreaterThan(3);
    expect(response.headers.get('x-leeward-warnings')).toBe('count: estimated');
    expect(at.upstream.seen).toEqual([]);
  });

  test('of a request that the provider calls wrong is refused in its words', async () => {
    await using at = await house(refusing(400, 'invalid_request_error'));
    await expect(at.client.messages.countTokens(counting)).rejects.toMatchObject({
      status: 400,
      error: JSON.parse(errorText('invalid_request_error')),
    });
    expect(at.asked()).toBe(1);
  });

  test('needs a key and a model that is there', async () => {
    await using at = await house(whole);
    await expect(at.client.withOptions({ apiKey: 'x' }).messages.countTokens(counting)).rejects.toMatchObject({
      status: 401,
    });
    await expect(at.client.messages.countTokens({ ...counting, model: 'no/where' })).rejects.toMatchObject({
      status: 404,
      type: 'not_found_error',
    });
  });
});

describe('the list of models', () => {
  const models = () => [1, 2, 3, 4, 5].map((n) => ({ id: `m/${n}`, ownedBy: 'm', origin: 'configured' as const }));

  test('comes to Anthropic’s clients in their shape, page by page and one by one', async () => {
    await using at = await house(whole, { models });
    const ids: string[] = [];
    for await (const { id } of at.client.models.list({ limit: 2 })) ids.push(id);
    expect(ids).toEqual(['m/1', 'm/2', 'm/3', 'm/4', 'm/5']);
    expect(at.asked()).toBe(3);
    const back = await at.client.models.list({ before_id: 'm/4', limit: 2 });
    expect(back).toMatchObject({ has_more: true, first_id: 'm/2', last_id: 'm/3' });
    expect(await at.client.models.retrieve('m/2')).toMatchObject({
      type: 'model',
      id: 'm/2',
      display_name: 'm/2',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    await expect(at.client.models.retrieve('m/9')).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    await expect(at.client.models.list({ limit: 0 })).rejects.toMatchObject({ status: 400 });
    await expect(at.client.models.list({ after_id: 'm/9' })).rejects.toMatchObject({ status: 400 });
  });

  test('comes to others as before', async () => {
    await using at = await house(whole, { models });
    const response = await fetch(`${at.gateway.baseUrl}/models`, {
      headers: { authorization: `Bearer ${at.gateway.key}` },
    });
    expect(await response.json()).toMatchObject({ object: 'list', data: { length: 5 } });
  });
});

test('whoever asks whether somebody is there is told so', async () => {
  await using at = await house(whole);
  const response = await fetch(`http://127.0.0.1:${at.gateway.port}/`, { method: 'HEAD' });
  expect(response.status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${at.gateway.port}/`)).status).toBe(401);
});

test('of a call that is translated, a provider of another dialect hears no header of this one', async () => {
  await using at = await house((socket) => void socket.write(answerBytes(200, 'application/json', '{}')));
  await at.client.messages
    .create({ ...QUESTION, model: 'chat/gpt-x' }, { headers: { 'anthropic-beta': 'some-beta' }, maxRetries: 0 })
    .catch((thrown: unknown) => expect(thrown).toBeInstanceOf(Anthropic.APIError));
  expect(at.upstream.seen).toHaveLength(1);
  expect(at.upstream.seen[0]?.head.toLowerCase()).not.toContain('anthropic-');
});

describe('an overloaded provider that says so once its stream has begun', () => {
  const overloaded = `event: error\ndata: ${errorText('overloaded_error')}\n\n`;

  test.each([
    ['another that speaks the dialect', 'messages', 'claude/second'],
    ['one that speaks another', 'messages', 'chat/second'],
    ['a chat client’s second target', 'chat', 'chat/second'],
  ])('gives way to %s', async (_what, client, second) => {
    const chat = (delta: object, reason: string | null = null) =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
    const answers: Record<string, Answering> = {
      first: streamed([...BEGINNING.slice(0, 2), overloaded]),
      'claude/second': streamed(STREAM),
      'chat/second': streamed([chat({ role: 'assistant', content: 'Hello.' }), chat({}, 'stop'), 'data: [DONE]\n\n']),
    };
    await using at = await house(
      (socket, request) => {
        const { model } = JSON.parse(request.body) as { model: string };
        answers[model === 'first' ? model : second]?.(socket, request);
      },
      { routes: { pair: { targets: ['claude/first', second].map((target) => ({ target, weight: 1 })) } } },
    );
    const path = client === 'chat' ? '/v1/chat/completions' : '/v1/messages';
    const response = await at.gateway.post(path, { ...QUESTION, model: 'route/pair', stream: true });
    const text = await response.text();
    expect(response.headers.get('x-leeward-attempts')).toBe('2');
    expect(text).toContain('Hello.');
    expect(text).not.toContain('overloaded_error');
    expect(at.gateway.ends.map(({ outcome }) => outcome)).toEqual(['failed', 'ok']);
  });
});
