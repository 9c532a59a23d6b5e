import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answerer, answerBytes, RawUpstream } from '../support/raw-upstream.ts';
import { ServedGateway } from './served-gateway.ts';

/** What an application with the official, unmodified OpenAI client meets while providers are out. */

const OK =
  '{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}';
const PROVIDERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'] as const;
type Name = (typeof PROVIDERS)[number];

let upstream: RawUpstream;
let gateway: ServedGateway;
const says = new Map<Name, Answerer>();

beforeAll(async () => {
  upstream = await RawUpstream.start((socket, request) => {
    const [, name] = /^POST \/(\w)\//.exec(request.head) ?? [];
    void (says.get(name as Name) ?? good)(socket, request);
  });
  const one = (name: Name) =>
    `  ${name}: { preset: openai-compatible, base_url: "http://127.0.0.1:${upstream.port}/${name}", api_key: sk-upstream-0123456789 }`;
  gateway = await ServedGateway.start({
    config: `
policies: { backoff: { base: 20ms, max: 50ms } }
providers:
${PROVIDERS.map(one).join('\n')}
routes:
  both: { targets: [a/m, b/m] }
  once: { targets: [c/m], attempts_max: 1 }
  asks: { targets: [d/m], policies: { cool_down: { retry_after_max: 0s } } }
  full: { targets: [e/m], policies: { concurrency: { initial: 1, min: 1, max: 1, refuse: true } } }
  text: { targets: [f/m], degrade: [{ text: "We are busy. Please try again." }] }
`,
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

beforeEach(() => {
  says.clear();
  upstream.seen.length = 0;
});

const good: Answerer = (socket) => void socket.write(answerBytes(200, 'application/json', OK));

function refuses(status: number, headers = ''): Answerer {
  const body = '{"error":{"message":"Not now.","type":"server_error","param":null,"code":null}}';
  return (socket) => void socket.write(answerBytes(status, 'application/json', body, headers));
}

/** The client as it comes, with its two retries, and when it sent each of its requests. */
function countedClient() {
  const sentMs: number[] = [];
  const client = new OpenAI({
    apiKey: gateway.key,
    baseURL: gateway.baseURL,
    fetch: (url, init) => {
      sentMs.push(performance.now());
      return fetch(url, init);
    },
  });
  const ask = (model: string) => client.chat.completions.create({ model, messages: [{ role: 'user', content: 'hi' }] });
  return { client, sentMs, ask };
}

describe('an outage of every provider', () => {
  test('is tried by the gateway alone: one request of the client’s, three to the providers', async () => {
    says.set('a', refuses(503)).set('b', refuses(500));
    const { sentMs, ask } = countedClient();
    const failed = await ask('route/both').then(undefined, (error: unknown) => error);
    expect(failed).toBeInstanceOf(OpenAI.InternalServerError);
    expect(sentMs).toHaveLength(1);
    expect(upstream.seen).toHaveLength(3);
  });

  test('is the same for a stream', async () => {
    says.set('a', refuses(503)).set('b', refuses(500));
    const { client, sentMs } = countedClient();
    const begun = client.chat.completions.create({
      model: 'route/both',
      stream: true,
      messages: [{ role: 'user', content: 'hi' }],
    });
    await expect(begun).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    expect([sentMs.length, upstream.seen.length]).toEqual([1, 3]);
  });

  test('that the gateway has tried once is the client’s to try again', async () => {
    says.set('c', refuses(503));
    const { sentMs, ask } = countedClient();
    await expect(ask('route/once')).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    expect([sentMs.length, upstream.seen.length]).toEqual([3, 3]);
  });

  test('is a text of the route where it has one, streamed and not', async () => {
    says.set('f', refuses(503));
    const { client, sentMs, ask } = countedClient();
    const whole = await ask('route/text');
    expect(whole.choices[0]?.message.content).toBe('We are busy. Please try again.');
    expect(whole.choices[0]?.finish_reason).toBe('stop');
    const stream = await client.chat.completions.create({
      model: 'route/text',
      stream: true,
      messages: [{ role: 'user', content: 'hi' }],
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('We are busy. Please try again.');
    expect(sentMs).toHaveLength(2);
  });
});

describe('a client that is told to wait', () => {
  test('waits for as long as the provider asked, and is served', async () => {
    let refused = 0;
    says.set(
      'd',
      (socket, request) => void (refused++ === 0 ? refuses(429, 'retry-after: 1\r\n') : good)(socket, request),
    );
    const { sentMs, ask } = countedClient();
    expect((await ask('route/asks')).choices[0]?.message.content).toBe('hi');
    const [first = 0, second = 0] = sentMs;
    expect(sentMs).toHaveLength(2);
    expect(second - first).toBeGreaterThanOrEqual(1_000);
    expect(second - first).toBeLessThan(2_500);
  });

  test('waits until a target that is full has room', async () => {
    says.set('e', (socket, request) => void setTimeout(() => good(socket, request), 400));
    const { ask } = countedClient();
    const { sentMs, ask: askToo } = countedClient();
    const first = ask('route/full');
    await expect.poll(() => upstream.seen.length).toBe(1);
    expect((await askToo('route/full')).choices[0]?.message.content).toBe('hi');
    const [one = 0, other = 0] = sentMs;
    expect(sentMs).toHaveLength(2);
    expect(other - one).toBeGreaterThanOrEqual(1_000);
    await first;
  });
});
