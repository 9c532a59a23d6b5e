import { rmSync } from 'node:fs';
import OpenAI from 'openai';
import type { ResponsesServerEvent } from 'openai/resources/responses/responses';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Program, ServedGateway, temporaryDir } from './served-gateway.ts';

/** The WebSocket mode of Responses, as OpenAI's own client uses it, over providers of each dialect. */

const PROVIDERS = {
  responses: { dialect: 'openai-responses', path: '/v1' },
  chat: { dialect: 'openai-chat', path: '/v1' },
  messages: { dialect: 'anthropic-messages', path: '/v1' },
  gemini: { dialect: 'gemini', path: '/v1beta' },
} as const;

let simulator: Program;
let gateway: ServedGateway;
let dataDir: string;

beforeAll(async () => {
  dataDir = temporaryDir();
  simulator = new Program(['sim', '--port', '0']);
  const endMs = performance.now() + 20_000;
  while (!simulator.stdout.includes('\n')) {
    if (performance.now() > endMs) throw new Error(`the simulator does not start: ${simulator.stderr}`);
    await new Promise((done) => setTimeout(done, 20));
  }
  gateway = await ServedGateway.start({ config: configuration(), dataDir });
}, 40_000);

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  simulator.child.kill('SIGTERM');
  await simulator.ended;
  rmSync(dataDir, { recursive: true });
});

function configuration(): string {
  const simulatorUrl = simulator.stdout.trim().replace(/\/v1$/, '');
  const providers = Object.entries(PROVIDERS).map(([name, { dialect, path }]) => [
    name,
    { preset: 'openai-compatible', base_url: `${simulatorUrl}${path}`, api_key: 'sk-sim', dialect },
  ]);
  return JSON.stringify({ providers: Object.fromEntries(providers), server: { body_bytes_max: 65_536, drain: '2s' } });
}

type Sent = Parameters<ResponsesWS['send']>[0];

/** One client of OpenAI's, and all that it has been told. */
class Talk {
  readonly ws: ResponsesWS;
  readonly events: ResponsesServerEvent[] = [];
  readonly errors: unknown[] = [];
  readonly closed: Promise<number>;
  #wake: (() => void) | undefined;

  constructor({ key, baseURL }: { readonly key: string; readonly baseURL: string }) {
    this.ws = new ResponsesWS(new OpenAI({ apiKey: key, baseURL }));
    this.ws.on('event', (event) => {
      this.events.push(event);
      this.#wake?.();
    });
    this.ws.on('error', (error) => this.errors.push(error));
    this.closed = new Promise((resolve) => this.ws.on('close', (code) => resolve(code)));
  }

  send(fields: Record<string, unknown>): void {
    this.ws.send({ type: 'response.create', ...fields } as Sent);
  }

  /** The next event of one of these types, from `from` on. */
  async until(types: readonly string[], from: number): Promise<ResponsesServerEvent> {
    const endMs = performance.now() + 15_000;
    for (;;) {
      const found = this.events.slice(from).find(({ type }) => types.includes(type));
      if (found !== undefined) return found;
      if (performance.now() > endMs)
        throw new Error(`none of ${types}: ${JSON.stringify(this.events).slice(0, 2_000)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 100);
      });
    }
  }

  /** One turn; fails where it does not end well. */
  async turn(fields: Record<string, unknown>) {
    const from = this.events.length;
    this.send(fields);
    const last = await this.until(['response.completed', 'response.incomplete', 'response.failed', 'error'], from);
    if (last.type !== 'response.completed' && last.type !== 'response.incomplete')
      throw new Error(JSON.stringify(last));
    return { response: last.response, events: this.events.slice(from) };
  }

  async refused(fields: Record<string, unknown>) {
    const from = this.events.length;
    this.send(fields);
    return this.until(['error'], from);
  }

  async leave(): Promise<void> {
    this.ws.close();
    await this.closed;
  }
}

const asked = (name: string) => ({
  model: `${name}/sim-small`,
  input: 'Tell me more about the harbour.',
  max_output_tokens: 60,
});
const headersIn = (events: readonly object[]) =>
  (
    events.find((event) => 'type' in event && event.type === 'leeward.headers') as
      | { readonly headers: Record<string, string> }
      | undefined
  )?.headers ?? {};

test.each(Object.keys(PROVIDERS))(
  'five turns that nobody stores go on over %s, each metered',
  { timeout: 60_000 },
  async (name) => {
    const talk = new Talk(gateway);
    let before: { readonly id: string; readonly tokens: number } | undefined;
    for (let n = 1; n <= 5; n++) {
      const previous = before === undefined ? {} : { previous_response_id: before.id };
      const { response, events } = await talk.turn({ ...asked(name), store: false, ...previous });
      const tokens = response.usage?.input_tokens ?? 0;
      expect(tokens, `turn ${n}: the provider reads all turns`).toBeGreaterThan(
        before === undefined ? 0 : before.tokens + 9,
      );
      const told = events.slice(1).map((event) => ('sequence_number' in event ? event.sequence_number : -1));
      expect(told).toEqual(told.map((_, at) => at));
      const headers = headersIn(events);
      expect(headers).toMatchObject({ 'x-leeward-provider': name, 'x-leeward-attempts': '1' });
      const call = await gateway.call(headers['x-leeward-request-id']);
      expect(call).toMatchObject({ status: 200, stream: true, provider: name });
      expect(call.usage?.input_tokens).toBe(tokens);
      before = { id: response.id, tokens };
    }
    const stranger = new Talk(gateway);
    const refused = await stranger.refused({ ...asked(name), previous_response_id: before?.id });
    expect(refused).toMatchObject({
      type: 'error',
      status: 400,
      error: { code: 'previous_response_not_found', param: 'previous_response_id' },
    });
    await Promise.all([talk.leave(), stranger.leave()]);
    expect(talk.errors).toEqual([]);
  },
);

test('a turn that is stored goes on over another connection and provider, and over HTTP', {
  timeout: 30_000,
}, async () => {
  const one = new Talk(gateway);
  const first = await one.turn(asked('chat'));
  await one.leave();
  const other = new Talk(gateway);
  const second = await other.turn({ ...asked('messages'), previous_response_id: first.response.id });
  await other.leave();
  const client = new OpenAI({ apiKey: gateway.key, baseURL: gateway.baseURL });
  const third = await client.responses.create({ ...asked('responses'), previous_response_id: second.response.id });
  expect(third.usage?.input_tokens).toBeGreaterThan(second.response.usage?.input_tokens ?? 0);
});

test('a turn that is only prepared asks nobody, and is gone on with', { timeout: 30_000 }, async () => {
  const talk = new Talk(gateway);
  const prepared = await talk.turn({ ...asked('chat'), store: false, generate: false, stream_id: 'lane' });
  expect(prepared.response).toMatchObject({ status: 'completed', output: [], usage: { total_tokens: 0 } });
  expect(prepared.events.every((event) => 'stream_id' in event && event.stream_id === 'lane')).toBe(true);
  const alone = await talk.turn({ ...asked('chat'), store: false });
  const again = await talk.turn({ ...asked('chat'), store: false, generate: false });
  const { response } = await talk.turn({ ...asked('chat'), store: false, previous_response_id: again.response.id });
  expect(response.usage?.input_tokens).toBeGreaterThan(alone.response.usage?.input_tokens ?? 0);
  await talk.leave();
});

test('what cannot be answered is told in words of the protocol, and the connection goes on', {
  timeout: 30_000,
}, async () => {
  const talk = new Talk(gateway);
  const wrong: [Record<string, unknown>, object][] = [
    [
      { ...asked('chat'), type: 'response.dance', stream_id: 'a' },
      { status: 400, stream_id: 'a' },
    ],
    [
      { model: 'nobody/none', input: 'x' },
      { status: 404, error: { code: 'no_route', param: 'model' } },
    ],
    [{ model: 'chat/sim-small' }, { status: 400, error: { param: 'input' } }],
    [{ ...asked('chat'), background: true }, { error: { code: 'unsupported_parameter' } }],
  ];
  for (const [fields, expected] of wrong)
    expect(await talk.refused(fields)).toMatchObject({ type: 'error', ...expected });
  const from = talk.events.length;
  talk.ws.sendRaw('{"type":"response.create",');
  expect(await talk.until(['error'], from)).toMatchObject({ status: 400, error: { code: 'invalid_request' } });
  const during = talk.events.length;
  talk.send({ ...asked('chat'), max_output_tokens: 400 });
  talk.send(asked('chat'));
  expect(await talk.until(['error'], during)).toMatchObject({
    error: { message: expect.stringContaining('under way') },
  });
  await talk.until(['response.completed', 'response.incomplete'], during);
  expect((await talk.turn(asked('chat'))).response.output_text ?? '').toBeDefined();
  await talk.leave();
});

/** How the server answers a request to become a WebSocket, where it does not become one. */
function refusal(headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, { headers });
    ws.on('unexpected-response', (request, response) => {
      response.resume();
      response.on('end', () => request.destroy());
      resolve(response.statusCode ?? 0);
    });
    ws.on('open', () => reject(new Error('it opened')));
    ws.on('error', () => undefined);
  });
}

test('who may not call opens no connection', async () => {
  const authorization = `Bearer ${gateway.key}`;
  expect(await refusal({})).toBe(401);
  expect(await refusal({ authorization: 'Bearer sk-wrong' })).toBe(401);
  expect(await refusal({ authorization, host: 'evil.example' })).toBe(403);
  expect(await refusal({ authorization, 'x-leeward-dry-run': 'true' })).toBe(400);
  expect((await gateway.request('/v1/responses')).status).toBe(426);
});

test('a message beyond the limit closes the connection, and a client that leaves ends its call', {
  timeout: 30_000,
}, async () => {
  const large = new Talk(gateway);
  await large.turn(asked('chat'));
  large.send({ ...asked('chat'), input: 'x'.repeat(70_000) });
  expect(await large.closed).toBe(1009);
  const talk = new Talk(gateway);
  talk.send({ ...asked('chat'), max_output_tokens: 2_000 });
  await talk.until(['response.output_text.delta'], 0);
  talk.ws.socket.terminate?.();
  const id = headersIn(talk.events)['x-leeward-request-id'];
  const call = await gateway.call(id, 10_000);
  expect(call.error).toBe('client_closed');
});

test('a stop lets the call under way end, and closes the connections', { timeout: 40_000 }, async () => {
  const own = temporaryDir();
  const stopping = await ServedGateway.start({ config: configuration(), dataDir: own });
  const [idle, talking] = [new Talk(stopping), new Talk(stopping)];
  await idle.turn(asked('chat'));
  talking.send({ ...asked('chat'), max_output_tokens: 200 });
  await talking.until(['response.output_text.delta'], 0);
  stopping.signal('SIGINT');
  expect(await idle.closed).toBe(1001);
  expect(await talking.closed).toBe(1001);
  expect(talking.events.at(-1)?.type).toMatch(/^response\.(?:completed|incomplete)$/);
  expect((await stopping.program.ended).code).toBe(0);
  rmSync(own, { recursive: true });
});
