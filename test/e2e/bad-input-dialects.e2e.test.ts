import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerBytes, RawUpstream } from '../support/raw-upstream.ts';
import { RawClient, requestText, statusOf } from './raw-client.ts';
import { ServedGateway } from './served-gateway.ts';

/* What a stranger may send to the paths of Responses, of conversations and of Gemini, and in whose words it is told so. */

const GEMINI_OK =
  '{"candidates":[{"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2,"totalTokenCount":6}}';
const RESPONSE_OK =
  '{"id":"resp_up","object":"response","created_at":1,"status":"completed","model":"m","output":[{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"hi","annotations":[]}]}],"usage":{"input_tokens":4,"output_tokens":2,"total_tokens":6}}';

const RESPONSE = '{"model":"gpt/m","input":"CANARY-PROMPT"}';
const CONTENTS = '{"contents":[{"role":"user","parts":[{"text":"CANARY-PROMPT"}]}]}';
const EMBED = '{"content":{"parts":[{"text":"CANARY-PROMPT"}]}}';
const EMBEDS = `{"requests":[${EMBED}]}`;
const CONVERSATION = '{"items":[{"type":"message","role":"user","content":"CANARY-PROMPT"}]}';

let upstream: RawUpstream;
let gateway: ServedGateway;
/** A conversation that is there. */
let conversation = '';

beforeAll(async () => {
  upstream = await RawUpstream.start((socket, { head }) => {
    const body = / [^ ]*:(?:stream)?[gG]enerateContent/.test(head) ? GEMINI_OK : RESPONSE_OK;
    socket.write(answerBytes(200, 'application/json', body));
  });
  const at = (path: string) => `base_url: "http://127.0.0.1:${upstream.port}${path}", api_key: sk-upstream-0123456789`;
  gateway = await ServedGateway.start({
    config: `providers:
  gpt: { preset: openai-compatible, dialect: openai-responses, ${at('/v1')} }
  goo: { preset: gemini, ${at('/v1beta')} }
`,
  });
  const made = await gateway.post('/v1/conversations', '{}');
  conversation = ((await made.json()) as { id: string }).id;
});

afterAll(async () => {
  const logs = gateway.logs();
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  // Nothing a stranger sends is an event that nobody expected, and no log has a key in it.
  expect(logs.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  expect(gateway.program.stderr).not.toMatch(new RegExp(`${gateway.key}|sk-upstream-0123456789|CANARY`));
});

type Voice = 'openai' | 'google' | 'google-array';
interface Endpoint {
  readonly path: () => string;
  readonly body: string;
  readonly voice: Voice;
}

const ENDPOINTS: readonly (readonly [string, Endpoint])[] = [
  ['a response', { path: () => '/v1/responses', body: RESPONSE, voice: 'openai' }],
  ['a count of input tokens', { path: () => '/v1/responses/input_tokens', body: RESPONSE, voice: 'openai' }],
  ['a compaction', { path: () => '/v1/responses/compact', body: RESPONSE, voice: 'openai' }],
  ['a conversation', { path: () => '/v1/conversations', body: CONVERSATION, voice: 'openai' }],
  ['its items', { path: () => `/v1/conversations/${conversation}/items`, body: CONVERSATION, voice: 'openai' }],
  ['generateContent', { path: () => '/v1beta/models/goo/m:generateContent', body: CONTENTS, voice: 'google' }],
  ['the same in v1', { path: () => '/v1/models/goo/m:generateContent', body: CONTENTS, voice: 'google' }],
  [
    'a stream of events',
    { path: () => '/v1beta/models/goo/m:streamGenerateContent?alt=sse', body: CONTENTS, voice: 'google' },
  ],
  [
    'a stream of an array',
    { path: () => '/v1beta/models/goo/m:streamGenerateContent', body: CONTENTS, voice: 'google-array' },
  ],
  ['countTokens', { path: () => '/v1beta/models/goo/m:countTokens', body: CONTENTS, voice: 'google' }],
  ['embedContent', { path: () => '/v1beta/models/goo/m:embedContent', body: EMBED, voice: 'google' }],
  ['batchEmbedContents', { path: () => '/v1beta/models/goo/m:batchEmbedContents', body: EMBEDS, voice: 'google' }],
];

interface Refusal {
  readonly status: number;
  /** Ours, wherever the dialect has it. */
  readonly code: string;
  /** The vendor's word: OpenAI's `type`, Google's `status`. */
  readonly word: string;
  readonly message: string;
  readonly param: string | undefined;
}

/** Reads an error as the vendor's SDK does, and fails on what that would not understand. */
async function refusal(response: Response, voice: Voice): Promise<Refusal> {
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('x-request-id')).toMatch(/^call_/);
  const told = (await response.json()) as unknown;
  const { status } = response;
  if (voice === 'openai') {
    const { error } = told as { error: Record<'message' | 'type' | 'code', string> & { param: string | null } };
    const { message, type: word, code, param } = error;
    return { status, code, word, message, param: param ?? undefined };
  }
  if (voice === 'google-array') expect(told).toHaveLength(1);
  const [whole] = (voice === 'google-array' ? told : [told]) as {
    error: {
      code: number;
      status: string;
      message: string;
      details: { reason?: string; metadata?: { param?: string } }[];
    };
  }[];
  expect(whole?.error.code).toBe(status);
  const [info] = whole?.error.details ?? [];
  return {
    status,
    code: String(info?.reason).toLowerCase(),
    word: String(whole?.error.status),
    message: String(whole?.error.message),
    param: info?.metadata?.param,
  };
}

const WORDS = {
  400: { openai: 'invalid_request_error', google: 'INVALID_ARGUMENT' },
  401: { openai: 'authentication_error', google: 'UNAUTHENTICATED' },
  404: { openai: 'invalid_request_error', google: 'NOT_FOUND' },
} as const;

function word(status: keyof typeof WORDS, voice: Voice): string {
  return WORDS[status][voice === 'openai' ? 'openai' : 'google'];
}

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const keys = (count: number) => Array.from({ length: count }, (_, at) => `"k${at}":0`).join(',');
/** How a good body becomes a bad one. */
const BREAKS: readonly (readonly [string, (good: string) => string | Buffer])[] = [
  ['cut off', (good) => good.slice(0, -1)],
  ['a second value', (good) => `${good}CANARY`],
  ['quotes of the wrong kind', (good) => good.replaceAll('"', "'")],
  ['a list', (good) => `[${good}]`],
  ['a text', () => '"CANARY"'],
  ['a number', () => '1'],
  ['a byte 0 in a text', (good) => good.replace('CANARY', 'CANARY\u0000')],
  ['bytes that are no UTF-8', (good) => Buffer.from(good.replace('CANARY', 'CANARY\u00c3('), 'latin1')],
  ['a million levels', (good) => good.replace('{', `{"x":${nested(1_000_000)},`)],
  ['levels that fit into a small body', (good) => good.replace('{', `{"x":${nested(20_000)},`)],
  ['levels within what is said', (good) => good.replace('"CANARY-PROMPT"', nested(20_000))],
  ['a million keys', (good) => good.replace('{', `{${keys(1_000_000)},`)],
];

describe.each(ENDPOINTS)('%s', (_name, { path, body, voice }) => {
  test.each(BREAKS)('of which the body is %s is refused in time, and quotes nothing', async (_break, broken) => {
    const startedMs = performance.now();
    const told = await refusal(await gateway.request(path(), { method: 'POST', body: broken(body) }), voice);
    expect(told).toMatchObject({ status: 400, code: 'invalid_request', word: word(400, voice) });
    expect(told.message).not.toContain('CANARY');
    expect(performance.now() - startedMs).toBeLessThan(1_500);
  });

  test('that is too large is refused, and said how large it may be', async () => {
    const told = await refusal(await gateway.post(path(), body.replace('CANARY', 'x'.repeat(21 << 20))), voice);
    // Google has no 413: it says INVALID_ARGUMENT of what is too large.
    expect(told).toMatchObject({
      status: voice === 'openai' ? 413 : 400,
      code: 'payload_too_large',
      word: word(400, voice),
    });
    expect(told.message).toMatch(/\d{8} bytes/);
  });

  test('is for who has a key, and no address is a place for one', async () => {
    const asked = path();
    const withKey = `${asked}${asked.includes('?') ? '&' : '?'}key=${gateway.key}`;
    for (const [headers, target] of [
      [{}, asked],
      [{ authorization: 'Bearer lw_wrong' }, asked],
      [{ 'x-goog-api-key': `${gateway.key}0` }, asked],
      [{ 'x-api-key': 'lw_wrong', 'anthropic-version': '2023-06-01' }, asked],
      [{}, withKey],
    ] as const) {
      const response = await fetch(gateway.url + target, { method: 'POST', headers, body });
      const told = await refusal(response, voice);
      expect(told).toMatchObject({ status: 401, code: 'unauthenticated', word: word(401, voice) });
      expect(told.message).not.toContain(gateway.key);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  test('is for nobody whose key is revoked or over', async () => {
    const { id, key: revoked } = await gateway.newKey({ name: 'revoked' });
    await gateway.admin('POST', `/admin/keys/${id}/revoke`);
    const expiresAt = new Date(Date.now() + 60).toISOString();
    const { key: expired } = await gateway.newKey({ name: 'short', expires_at: expiresAt });
    await expect.poll(() => Date.now() > Date.parse(expiresAt)).toBe(true);
    for (const [key, why] of [
      [revoked, 'revoked'],
      [expired, expiresAt],
    ] as const) {
      const response = await fetch(gateway.url + path(), { method: 'POST', headers: { 'x-goog-api-key': key }, body });
      const told = await refusal(response, voice);
      expect(told).toMatchObject({ status: 401, word: word(401, voice), message: expect.stringContaining(why) });
    }
  });

  test('is there for POST alone, and what it never was is told apart from nothing', async () => {
    for (const method of ['PUT', 'PATCH', 'OPTIONS']) {
      const told = await refusal(await gateway.request(path(), { method }), voice);
      expect(told).toMatchObject({ status: 404, code: 'not_found', word: word(404, voice) });
      expect(told.message).toContain('another method');
    }
  });
});

describe('fields of the wrong kind', () => {
  test.each([
    ['{"input":"x"}', 'model'],
    ['{"model":5,"input":"x"}', 'model'],
    ['{"model":"","input":"x"}', 'model'],
    ['{"__proto__":{"model":"gpt/m","input":"x"}}', 'model'],
    ['{"model":"gpt/m"}', 'input'],
    ['{"model":"gpt/m","input":5}', 'input'],
    ['{"model":"gpt/m","input":{}}', 'input'],
    ['{"model":"gpt/m","input":"x","stream":"yes"}', 'stream'],
    ['{"model":"gpt/m","input":"x","store":1}', 'store'],
    ['{"model":"gpt/m","input":"x","background":1}', 'background'],
    ['{"model":"gpt/m","input":"x","previous_response_id":5}', 'previous_response_id'],
    ['{"model":"gpt/m","input":"x","previous_response_id":"resp_\\u0000"}', 'previous_response_id'],
    [`{"model":"gpt/m","input":"x","previous_response_id":"${'x'.repeat(1_100)}"}`, 'previous_response_id'],
    ['{"model":"gpt/m","input":"x","conversation":5}', 'conversation'],
    ['{"model":"gpt/m","input":"x","conversation":{"id":"conv_\\u0000"}}', 'conversation'],
    ['{"model":"gpt/m","input":"x","conversation":"a","previous_response_id":"b"}', 'previous_response_id'],
    ['{"model":"gpt/a","input":"x","mod\\u0065l":"gpt/b"}', 'model'],
  ])('of a response %s is a 400 that names %s', async (body, param) => {
    const told = await refusal(await gateway.post('/v1/responses', body), 'openai');
    expect(told).toMatchObject({ status: 400, code: 'invalid_request', word: 'invalid_request_error', param });
  });

  test.each([
    ['generateContent', '{}', 'contents'],
    ['generateContent', '{"contents":5}', 'contents'],
    ['generateContent', '{"contents":"hi"}', 'contents'],
    ['streamGenerateContent?alt=xml', CONTENTS, 'alt'],
    ['generateContent', `${CONTENTS.slice(0, -1)},"contents":[]}`, 'contents'],
    [
      'generateContent',
      `${CONTENTS.slice(0, -1)},"generationConfig":{"maxOutputTokens":-1}}`,
      'generationConfig.maxOutputTokens',
    ],
    [
      'generateContent',
      `${CONTENTS.slice(0, -1)},"generation_config":{"max_output_tokens":"x"}}`,
      'generationConfig.maxOutputTokens',
    ],
    ['countTokens', '{}', 'contents'],
    ['countTokens', `{"generateContentRequest":${CONTENTS},"contents":[]}`, 'contents'],
    ['embedContent', '{"content":"hi"}', 'content'],
    ['batchEmbedContents', '{"requests":[]}', 'requests'],
    ['batchEmbedContents', '{"requests":[{"content":5}]}', 'requests[0].content'],
  ])('of %s %s is a 400 that names %s', async (method, body, param) => {
    const told = await refusal(await gateway.post(`/v1beta/models/goo/m:${method}`, body), 'google');
    expect(told).toMatchObject({ status: 400, code: 'invalid_request', word: 'INVALID_ARGUMENT', param });
  });

  test.each([
    ['/v1/conversations', '{"metadata":5}', 'metadata'],
    ['/v1/conversations', '{"items":{}}', 'items'],
    ['/v1/conversations', '{"items":[5]}', 'items'],
    ['/v1/conversations', `{"items":[${Array.from({ length: 21 }, () => '{}').join()}]}`, 'items'],
  ])('of %s %s is a 400 that names %s', async (path, body, param) => {
    const told = await refusal(await gateway.post(path, body), 'openai');
    expect(told).toMatchObject({ status: 400, code: 'invalid_request', param });
  });
});

describe('values that are odd but allowed travel as they came', () => {
  const ODD =
    '"__proto__":{"stream":true},"constructor":{"prototype":{"x":1}},"big":123456789012345678901234567890,"half":"\\ud800","nul":"a\\u0000b"';

  test('to a provider of Responses', async () => {
    const rest = `"input":"\\ud800 \\u0000 é",${ODD},"store":false}`;
    expect((await gateway.post('/v1/responses', `{"model":"gpt/m",${rest}`)).status).toBe(200);
    expect(upstream.seen.at(-1)?.body).toBe(`{"model":"m",${rest}`);
  });

  test('to a provider of Gemini', async () => {
    const body = `{"contents":[{"role":"user","role":"user","parts":[{"text":"\\ud800 \\u0000 é"}]}],${ODD}}`;
    expect((await gateway.post('/v1beta/models/goo/m:generateContent', body)).status).toBe(200);
    expect(upstream.seen.at(-1)?.body).toBe(body);
  });

  test('and what is kept of them comes back as it was', async () => {
    const said = '\\ud800 \\u0000 é';
    const kept = await gateway.post('/v1/responses', `{"model":"gpt/m","input":"${said}"}`);
    expect(kept.status).toBe(200);
    await expect.poll(async () => (await gateway.request('/v1/responses/resp_up')).status).toBe(200);
    const items = await gateway.request('/v1/responses/resp_up/input_items');
    expect(await items.json()).toMatchObject({ data: [{ content: [{ text: JSON.parse(`"${said}"`) }] }] });
  });
});

describe('names and paths', () => {
  test.each(['nowhere/x', 'nowhere%2Fx', '%2E%2E', '%00', '%ff', '%zz', 'a%2F..%2Fb'])(
    'no provider answers to the model %s of a path',
    async (name) => {
      for (const [method, voice] of [
        ['generateContent', 'google'],
        ['streamGenerateContent', 'google-array'],
        ['countTokens', 'google'],
      ] as const) {
        const told = await refusal(await gateway.post(`/v1beta/models/${name}:${method}`, CONTENTS), voice);
        expect(told).toMatchObject({ status: 404, code: 'no_route', word: 'NOT_FOUND' });
      }
    },
  );

  test.each(['..', '../../v1/files', 'a/../b', '.'])(
    'the model %s leads to no other path of its provider',
    async (name) => {
      const seen = upstream.seen.length;
      const encoded = `goo%2F${name.replaceAll('/', '%2F')}`;
      const native = await gateway.post(`/v1beta/models/${encoded}:generateContent`, CONTENTS);
      expect(await refusal(native, 'google')).toMatchObject({ status: 400, word: 'INVALID_ARGUMENT', param: 'model' });
      const chat = { model: `goo/${name}`, messages: [{ role: 'user', content: 'hi' }] };
      const translated = await gateway.post('/v1/chat/completions', chat);
      expect(await refusal(translated, 'openai')).toMatchObject({
        status: 400,
        code: 'invalid_request',
        param: 'model',
      });
      expect(upstream.seen.length).toBe(seen);
    },
  );

  test.each([
    ['%252e%252e', '%252e%252e'],
    ['a%0d%0ax-injected:%201', 'a%0D%0Ax-injected%3A%201'],
    ['a%3Fkey%3D1%23', 'a%3Fkey%3D1%23'],
    ['%ED%A0%80', '%25ED%25A0%2580'],
  ])('the model %s is one name in the provider’s path', async (name, sent) => {
    const path = `/v1beta/models/goo/${name}:generateContent`;
    const answer = await RawClient.ask(
      gateway.port,
      requestText(`POST ${path} HTTP/1.1`, { host: 'localhost', authorization: `Bearer ${gateway.key}` }, CONTENTS),
    );
    expect(statusOf(answer)).toBe(200);
    expect(answer).not.toMatch(/^x-injected/m);
    expect(upstream.seen.at(-1)?.head).toContain(`POST /v1beta/models/${sent}:generateContent HTTP/1.1\r\n`);
  });

  test('half a surrogate pair and a name of 100 kB are names that the provider gets to see', async () => {
    for (const model of ['\\ud800', 'x'.repeat(100_000)]) {
      for (const provider of ['gpt', 'goo']) {
        const response = await gateway.post('/v1/responses', `{"model":"${provider}/${model}","input":"hi"}`);
        expect(response.status, provider).toBe(200);
        expect(response.headers.get('x-leeward-model')?.length).toBeLessThan(1_000);
      }
    }
    const long = await gateway.post(`/v1beta/models/${'x'.repeat(600)}:generateContent`, CONTENTS);
    expect(await refusal(long, 'google')).toMatchObject({ status: 404, word: 'NOT_FOUND' });
  });

  test.each([
    '/v1beta/models/goo/m:nothing',
    '/v1beta/models/goo/m:GENERATECONTENT',
    '/v1beta/models/goo/m:generateContent/',
    '/v1beta/models/goo/m%3AgenerateContent',
    '/v1beta/files',
    '/v1beta/cachedContents',
  ])('%s is nobody’s, and said so in Google’s shape', async (path) => {
    const answer = await gateway.post(path, CONTENTS);
    expect(await refusal(answer, 'google')).toMatchObject({ status: 404, code: 'not_found', word: 'NOT_FOUND' });
  });

  test.each([
    ['/v1beta/models/:generateContent', 400, 'INVALID_ARGUMENT'],
    ['/v1beta//models/goo/m:generateContent', 404, 'NOT_FOUND'],
    ['/v1beta/tunedModels/m:generateContent', 404, 'NOT_FOUND'],
  ])('%s names no model that there is', async (path, status, word) => {
    expect(await refusal(await gateway.post(path, CONTENTS), 'google')).toMatchObject({ status, word });
  });

  test.each(['resp_no', 'compact', '%00', '..%2Fx', '%ff', 'a%2Fb', 'x'.repeat(4_000), 'a;b', "a'b"])(
    'there is no response %s',
    async (id) => {
      for (const [method, path] of [
        ['GET', `/v1/responses/${id}`],
        ['GET', `/v1/responses/${id}/input_items`],
        ['DELETE', `/v1/responses/${id}`],
        ['POST', `/v1/responses/${id}/cancel`],
        ['GET', `/v1/conversations/${id}`],
        ['DELETE', `/v1/conversations/${id}`],
        ['GET', `/v1/conversations/${id}/items`],
        ['GET', `/v1/conversations/${conversation}/items/${id}`],
        ['DELETE', `/v1/conversations/${conversation}/items/${id}`],
      ] as const) {
        const told = await refusal(await gateway.request(path, { method }), 'openai');
        expect(told, `${method} ${path.slice(0, 80)}`).toMatchObject({
          status: 404,
          code: 'not_found',
          word: 'invalid_request_error',
        });
        expect(told.message.length).toBeLessThan(400);
      }
    },
  );

  test('what refers to turns that nobody knows is told in OpenAI’s words', async () => {
    const asked = (field: string, id: string) =>
      gateway.post('/v1/responses', { model: 'gpt/m', input: 'x', [field]: id });
    expect(await refusal(await asked('previous_response_id', 'resp_no'), 'openai')).toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    });
    expect(await refusal(await asked('conversation', 'conv_no'), 'openai')).toMatchObject({
      status: 404,
      code: 'conversation_not_found',
      param: 'conversation',
    });
  });

  test.each(['limit=x', 'limit=-1', 'limit=101', 'limit=1e9', 'after=%00', 'after=nothing'])(
    'a list of items with ?%s is a 400',
    async (query) => {
      const told = await refusal(await gateway.request(`/v1/conversations/${conversation}/items?${query}`), 'openai');
      expect(told).toMatchObject({ status: 400, code: 'invalid_request', param: query.split('=')[0] });
    },
  );

  test('a body is refused before it is read where it is announced as too large', async () => {
    for (const path of ['/v1/responses', '/v1/conversations', '/v1beta/models/goo/m:generateContent']) {
      const headers = {
        host: 'localhost',
        'x-goog-api-key': gateway.key,
        expect: '100-continue',
        'content-length': String(1 << 30),
      };
      const answer = await RawClient.ask(gateway.port, requestText(`POST ${path} HTTP/1.1`, headers));
      expect(statusOf(answer), path).toBe(path.startsWith('/v1beta') ? 400 : 413);
    }
  });
});
