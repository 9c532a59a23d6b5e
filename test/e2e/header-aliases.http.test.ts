import { expect, test } from 'vitest';
import { TestGateway } from '../support/gateway.ts';
import { answerBytes, httpChunk, LAST_CHUNK, RawUpstream, STREAM_HEAD } from '../support/raw-upstream.ts';

/** Headers that clients of other gateways send: what they mean is kept, and none of them reaches a provider. */

const OK_BODY =
  '{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}';
const STREAM = 'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

const FOREIGN = {
  'x-portkey-metadata': '{"env":"prod"}',
  'x-portkey-trace-id': 'run-7',
  'x-portkey-api-key': 'pk-canary-0123456789abcdef',
  'x-portkey-config': '{"strategy":{"mode":"single"}}',
  'x-litellm-tags': 'red,blue',
  'x-litellm-api-key': 'sk-canary-0123456789abcdef',
  'cf-aig-metadata': '{"team":"search"}',
  'cf-aig-authorization': 'Bearer canary-0123456789abcdef',
  'Helicone-Property-Session': 's1',
  'Helicone-Auth': 'Bearer sk-helicone-canary-0123456789',
  'x-leeward-end-user': 'user-1',
};

/** Everything a provider may get to see of a client's request, beside its body. */
const ALLOWED =
  /^(?:host|connection|content-type|content-length|accept|accept-encoding|user-agent|authorization|x-client-request-id)$/;

async function withGateway<T>(use: (gateway: TestGateway, upstream: RawUpstream) => Promise<T>): Promise<T> {
  await using upstream = await RawUpstream.start((socket, { body }) => {
    const streams = body.includes('"stream":true');
    const stream = [Buffer.from(STREAM_HEAD), httpChunk(STREAM), Buffer.from(LAST_CHUNK)];
    socket.write(streams ? Buffer.concat(stream) : answerBytes(200, 'application/json', OK_BODY));
  });
  await using gateway = await TestGateway.start({ upstreams: { up: upstream.baseUrl } });
  return await use(gateway, upstream);
}

const CHAT = { model: 'up/m', messages: [{ role: 'user', content: 'hello' }] };

test.each([false, true])(
  'they reach the record of the attempt and of the call, and no provider (stream: %s)',
  (stream) =>
    withGateway(async (gateway, upstream) => {
      const response = await gateway.post('/v1/chat/completions', { ...CHAT, stream }, FOREIGN);
      expect(response.status).toBe(200);
      await response.text();
      expect(response.headers.get('x-leeward-warnings')).toBe('none');

      const told = {
        metadata: { env: 'prod', team: 'search', session: 's1' },
        tags: ['red', 'blue'],
        task: 'run-7',
        endUser: 'user-1',
      };
      expect(gateway.starts).toMatchObject([told]);
      const id = response.headers.get('x-leeward-request-id');
      const call = await fetch(`${gateway.baseUrl}/calls/${id}`, {
        headers: { authorization: `Bearer ${gateway.key}` },
      });
      expect(await call.json()).toMatchObject({
        metadata: told.metadata,
        tags: told.tags,
        task: told.task,
        end_user: told.endUser,
      });

      const [request] = upstream.seen;
      const names = (request?.head ?? '')
        .split('\r\n')
        .slice(1)
        .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
      expect(names.length).toBeGreaterThan(5);
      expect(names.filter((name) => !ALLOWED.test(name))).toEqual([]);
      expect(request?.head).not.toMatch(/canary-0123456789abcdef|helicone|portkey|litellm|cf-aig/i);
    }),
);

test('a malformed one costs a warning and not the call, while one of ours is refused', () =>
  withGateway(async (gateway) => {
    const kind = await gateway.post('/v1/chat/completions', CHAT, {
      'x-portkey-metadata': '{"a":',
      'x-litellm-tags': 'ok',
    });
    expect(kind.status).toBe(200);
    await kind.text();
    expect(kind.headers.get('x-leeward-warnings')).toBe('x-portkey-metadata is no JSON object and was ignored');
    expect(gateway.starts).toMatchObject([{ tags: ['ok'] }]);
    expect(gateway.starts[0]).not.toHaveProperty('metadata');

    const strict = await gateway.post('/v1/chat/completions', CHAT, { 'x-leeward-metadata': '{"a":' });
    expect(strict.status).toBe(400);
    expect(await strict.json()).toMatchObject({ error: { param: 'x-leeward-metadata' } });
  }));
