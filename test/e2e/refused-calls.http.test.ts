import { expect, test } from 'vitest';
import { TestGateway } from '../support/gateway.ts';
import {
  type Answerer,
  answerBytes,
  httpChunk,
  LAST_CHUNK,
  RawUpstream,
  STREAM_HEAD,
} from '../support/raw-upstream.ts';

const MESSAGES = [{ role: 'user', content: 'hello' }];
const BROKEN: Answerer = (socket) =>
  void socket.end(answerBytes(500, 'application/json', '{"error":{"message":"boom"}}'));

async function withUpstream(
  answer: Answerer,
  body: (gateway: TestGateway, upstream: RawUpstream) => Promise<void>,
): Promise<void> {
  await using upstream = await RawUpstream.start(answer);
  await using gateway = await TestGateway.start({
    upstreams: { first: upstream.baseUrl, second: upstream.baseUrl },
    routes: {
      main: {
        targets: [
          { target: 'first/a', weight: 1 },
          { target: 'second/b', weight: 1 },
        ],
      },
    },
  });
  await body(gateway, upstream);
}

async function lookedUp(gateway: TestGateway, response: Response): Promise<Record<string, unknown>> {
  const id = response.headers.get('x-leeward-request-id');
  const found = await fetch(`${gateway.baseUrl}/calls/${id}`, { headers: { authorization: `Bearer ${gateway.key}` } });
  return (await found.json()) as Record<string, unknown>;
}

async function refusals(gateway: TestGateway): Promise<string[]> {
  const text = await gateway.metrics.registry.metrics();
  return text.split('\n').filter((line) => line.startsWith('leeward_refused_total{'));
}

test('a call to an unknown model can be looked up by the id in its error', async () => {
  await withUpstream(BROKEN, async (gateway) => {
    const response = await gateway.post('/v1/chat/completions', { model: 'nowhere/x', messages: MESSAGES });
    expect(response.status).toBe(404);
    const call = await lookedUp(gateway, response);
    expect(call).toMatchObject({
      state: 'ended',
      status: 404,
      error: 'no_route',
      model_asked: 'nowhere/x',
      route: null,
    });
    expect(call['attempts']).toEqual([]);
    expect(call['cost']).toBeNull();
  });
});

test('a call whose first attempt cannot be recorded is counted and told as refused', async () => {
  await withUpstream(BROKEN, async (gateway, upstream) => {
    gateway.startsLeft = 0;
    const response = await gateway.post('/v1/chat/completions', { model: 'first/a', messages: MESSAGES });
    expect(response.status).toBe(503);
    expect(response.headers.get('x-leeward-attempts')).toBe('0');
    expect(await lookedUp(gateway, response)).toMatchObject({
      state: 'ended',
      status: 503,
      error: 'budget_unavailable',
    });
    expect(await refusals(gateway)).toEqual(['leeward_refused_total{code="budget_unavailable"} 1']);
    expect(upstream.seen).toHaveLength(0);
  });
});

test('where a second attempt has no room in the journal, the first one is the last', async () => {
  await withUpstream(BROKEN, async (gateway, upstream) => {
    gateway.startsLeft = 1;
    const response = await gateway.post('/v1/chat/completions', { model: 'route/main', messages: MESSAGES });
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('boom');
    expect(gateway.ends).toMatchObject([{ attempt: 1, last: true, clientStatus: 500 }]);
    expect(upstream.seen).toHaveLength(1);
  });
});

test('a journal that fails between two attempts leaves a call that has ended', async () => {
  await withUpstream(BROKEN, async (gateway) => {
    gateway.startsLeft = 1;
    gateway.journalPromisesMore = true;
    const response = await gateway.post('/v1/chat/completions', { model: 'route/main', messages: MESSAGES });
    expect(response.status).toBe(503);
    const call = await lookedUp(gateway, response);
    expect(call).toMatchObject({ state: 'ended', status: 503, error: 'budget_unavailable' });
    expect(call['attempts']).toMatchObject([{ attempt: 1, outcome: 'failed' }]);
    expect(await refusals(gateway)).toEqual(['leeward_refused_total{code="budget_unavailable"} 1']);
  });
});

test('stream_options that are no object are refused instead of being replaced', async () => {
  await withUpstream(BROKEN, async (gateway, upstream) => {
    const ask = (stream_options: unknown, stream = true) =>
      gateway.post('/v1/chat/completions', { model: 'first/a', messages: MESSAGES, stream, stream_options });
    for (const bad of ['yes', 1, [], true]) {
      const response = await ask(bad);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: 'invalid_request', param: 'stream_options' } });
    }
    const response = await ask({ include_usage: 'yes' });
    expect(await response.json()).toMatchObject({ error: { param: 'stream_options.include_usage' } });
    expect(upstream.seen).toHaveLength(0);
    await ask(null);
    await ask('yes', false);
    expect(upstream.seen.at(-1)?.body).toContain('"stream_options":"yes"');
  });
});

test('how long a provider asks to wait reaches the client to the millisecond', async () => {
  const slow = answerBytes(429, 'application/json', '{"error":{"message":"slow down"}}', 'retry-after-ms: 1500\r\n');
  await withUpstream(
    (socket) => void socket.end(slow),
    async (gateway) => {
      const response = await gateway.post('/v1/chat/completions', { model: 'first/a', messages: MESSAGES });
      expect(response.headers.get('retry-after')).toBe('2');
      expect(response.headers.get('retry-after-ms')).toBe('1500');
    },
  );
});

test("a provider's 404 in JSON is recorded as not found, a page of HTML as a failure of the provider", async () => {
  const answers: [string, string, string][] = [
    ['application/json', '{"error":{"message":"no such model","code":"model_not_found"}}', 'not_found'],
    ['text/html', '<html>nothing here</html>', 'upstream_error'],
  ];
  for (const [type, text, code] of answers) {
    await withUpstream(
      (socket) => void socket.end(answerBytes(404, type, text)),
      async (gateway) => {
        await gateway.post('/v1/chat/completions', { model: 'first/a', messages: MESSAGES });
        expect(gateway.ends).toMatchObject([{ status: 404, errorCode: code }]);
      },
    );
  }
});

test('an error in mid-stream that is withheld is recorded as failed, not as truncated', async () => {
  const delta = 'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n';
  const error = 'data: {"error":{"message":"bad key sk-canary-upstream-0123456789"}}\n\n';
  const answer = Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(delta), httpChunk(error), Buffer.from(LAST_CHUNK)]);
  await withUpstream(
    (socket) => void socket.end(answer),
    async (gateway) => {
      const response = await gateway.post('/v1/chat/completions', {
        model: 'first/a',
        messages: MESSAGES,
        stream: true,
      });
      expect(await response.text()).not.toContain('canary');
      expect(gateway.ends).toMatchObject([{ outcome: 'failed', errorCode: 'upstream_error' }]);
    },
  );
});
