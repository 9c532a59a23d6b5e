import { ApiError, GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NO_WEATHER } from '../support/no-weather.ts';
import { answerBytes, httpChunk, LAST_CHUNK, RawUpstream, STREAM_HEAD } from '../support/raw-upstream.ts';
import { ServedGateway } from './served-gateway.ts';

/* How often the unmodified SDKs ask again: whatever may go better a moment later, and nothing else. */

const ATTEMPTS = 2;
const PRICES = 'prices: { m: { input_usd_per_million: "1", output_usd_per_million: "1" } }';

let upstream: RawUpstream;
let gateway: ServedGateway;
let poorKey = '';
let status = 200;

beforeAll(async () => {
  upstream = await RawUpstream.start((socket) => {
    if (status !== 200) {
      const said = { error: { message: 'no', code: status, status: 'UNKNOWN', type: 'x' } };
      socket.write(answerBytes(status, 'application/json', JSON.stringify(said)));
      return;
    }
    socket.end(
      Buffer.concat([
        Buffer.from(STREAM_HEAD),
        httpChunk('data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n'),
        Buffer.from(LAST_CHUNK),
      ]),
    );
  });
  const at = (path: string) =>
    `base_url: "http://127.0.0.1:${upstream.port}${path}", api_key: sk-upstream-0123456789, ${PRICES}`;
  gateway = await ServedGateway.start({
    config: `policies: ${JSON.stringify(NO_WEATHER)}
providers:
  chat: { preset: openai-compatible, ${at('/v1')} }
  gpt: { preset: openai-compatible, dialect: openai-responses, ${at('/v1')} }
  goo: { preset: gemini, ${at('/v1beta')} }
routes:
  chat: { targets: [chat/m], attempts_max: 1 }
  gpt: { targets: [gpt/m], attempts_max: 1 }
  goo: { targets: [goo/m], attempts_max: 1 }
`,
  });
  poorKey = (await gateway.newKey({ name: 'poor', cap: { per: 'day', hard_usd: '0.0000005' } })).key;
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

interface Ask {
  readonly model: string;
  readonly key?: string;
  readonly text?: string;
  readonly stream?: boolean;
}
interface Met {
  readonly asked: number;
  /** As the SDK tells its user. */
  readonly status: number | undefined;
  readonly message: string;
}

/** One call by an SDK that would ask twice, and how it ended. */
type Sdk = (ask: Ask) => Promise<Met>;

async function met(call: (counting: typeof fetch) => Promise<unknown>): Promise<Met> {
  let asked = 0;
  const counting: typeof fetch = (...args) => {
    asked++;
    return fetch(...args);
  };
  const error: unknown = await call(counting).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error('the call went well');
  const told = error instanceof OpenAI.APIError || error instanceof ApiError ? error.status : undefined;
  return { asked, status: told, message: error.message };
}

const responses: Sdk = ({ model, key = gateway.key, text = 'Hello', stream = false }) =>
  met(async (counting) => {
    const client = new OpenAI({ apiKey: key, baseURL: gateway.baseURL, fetch: counting, maxRetries: ATTEMPTS - 1 });
    const asked = { model, input: text, store: false };
    if (!stream) return client.responses.create(asked);
    return client.responses.stream(asked).finalResponse();
  });

const google: Sdk = ({ model, key = gateway.key, text = 'Hello', stream = false }) =>
  met(async (counting) => {
    const retryOptions = { attempts: ATTEMPTS, initialDelay: 0.01, maxDelay: 0.02 };
    const client = new GoogleGenAI({
      apiKey: key,
      httpOptions: { baseUrl: gateway.url, retryOptions, fetch: counting },
    });
    const asked = { model, contents: text };
    if (!stream) return client.models.generateContent(asked);
    for await (const _ of await client.models.generateContentStream(asked));
    return undefined;
  });

beforeEach(() => {
  status = 200;
});

const SDKS = [
  ['openai', responses, 'route/gpt'],
  ['openai over another dialect', responses, 'route/chat'],
  ['@google/genai', google, 'route/goo'],
  ['@google/genai over another dialect', google, 'route/chat'],
] as const;

describe.each(SDKS)('%s', (_name, sdk, route) => {
  const isGoogle = sdk === google;

  test.each([400, 401, 403, 404, 422])('asks once where a provider refuses with %i', async (refused) => {
    status = refused;
    const { asked, status: told } = await sdk({ model: route });
    expect(asked).toBe(1);
    expect(told).toBeLessThan(500);
  });

  test.each([429, 500, 502, 503])(
    'asks again where a provider fails with %i',
    async (failed) => {
      status = failed;
      const { asked, status: told } = await sdk({ model: route });
      expect(asked).toBe(ATTEMPTS);
      expect(told).toBeGreaterThanOrEqual(429);
    },
    15_000,
  );

  test('asks once for what the gateway itself refuses', async () => {
    const unknown = await sdk({ model: 'nowhere/x' });
    expect(unknown).toMatchObject({ asked: 1, status: 404 });
    const stranger = await sdk({ model: route, key: `${gateway.key}0` });
    expect(stranger).toMatchObject({ asked: 1, status: 401 });
    const large = await sdk({ model: route, text: 'x'.repeat(21 << 20) });
    expect(large).toMatchObject({ asked: 1, status: isGoogle ? 400 : 413 });
    for (const { message } of [unknown, stranger, large]) expect(message).not.toContain(gateway.key);
  });

  test('asks once where no budget is left', async () => {
    const { asked, status: told, message } = await sdk({ model: route, key: poorKey });
    expect({ asked, told }).toEqual({ asked: 1, told: isGoogle ? 400 : 402 });
    expect(message).toMatch(/budget/i);
  });

  test('says once that a stream broke off, of which a part has been read', async () => {
    const { asked, message } = await sdk({ model: 'route/chat', stream: true });
    expect(asked).toBe(1);
    expect(message).not.toBe('');
  });
});
