import { expect, test } from 'vitest';
import { answerBytes, RawUpstream } from '../support/raw-upstream.ts';
import { presetGateway } from './preset-gateway.ts';

const ANSWER =
  '{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}';
const json = (body: string, status = 200) => answerBytes(status, 'application/json', Buffer.from(body));
const REQUEST = { model: 'up/m', messages: [{ role: 'user', content: 'x' }] };

const yaml = (port: number, weights: Readonly<Record<string, number>>) =>
  `providers:\n  up:\n    preset: openai-compatible\n    base_url: http://127.0.0.1:${port}/v1\n    credentials:\n${Object.entries(
    weights,
  )
    .map(([name, weight]) => `      - { name: ${name}, api_key: sk-${name}, weight: ${weight} }`)
    .join('\n')}\n`;

test('calls spread over the credentials of a provider by their weights', async () => {
  await using upstream = await RawUpstream.start((socket) => void socket.write(json(ANSWER)));
  const { gateway } = await presetGateway(yaml(upstream.port, { one: 1, three: 3, six: 6 }));
  await using _ = gateway;
  const calls = 600;
  for (let done = 0; done < calls; done += 20) {
    await Promise.all(
      Array.from({ length: 20 }, async () => (await gateway.post('/v1/chat/completions', REQUEST)).text()),
    );
  }
  const share = (name: string) =>
    upstream.seen.filter(({ head }) => head.includes(`authorization: Bearer sk-${name}`)).length / calls;
  // Drawn from a seed: five standard deviations of 600 draws around each share.
  expect(Math.abs(share('one') - 0.1)).toBeLessThan(0.062);
  expect(Math.abs(share('three') - 0.3)).toBeLessThan(0.094);
  expect(Math.abs(share('six') - 0.6)).toBeLessThan(0.1);
  expect(share('one') + share('three') + share('six')).toBe(1);
  expect(gateway.starts.filter(({ credential }) => credential === 'one').length / calls).toBe(share('one'));
});

test.each([401, 402, 403, 429])(
  'a credential that gets %i gives way to the next one of its provider',
  async (status) => {
    await using upstream = await RawUpstream.start((socket, { head }) => {
      const refused = head.includes('sk-bad');
      socket.write(refused ? json('{"error":{"message":"no","type":"invalid_request_error"}}', status) : json(ANSWER));
    });
    const { gateway } = await presetGateway(yaml(upstream.port, { bad: 1_000_000, good: 0.000001 }));
    await using _ = gateway;
    const response = await gateway.post('/v1/chat/completions', REQUEST);
    expect(response.status).toBe(200);
    expect(gateway.starts.map(({ credential }) => credential)).toEqual(['bad', 'good']);
    expect(gateway.ends.map(({ status: of }) => of)).toEqual([status, 200]);
    expect(gateway.starts[1]?.routeReason).toContain('credential good');
  },
);

test('when every credential is refused the client gets the last refusal, with its status', async () => {
  await using upstream = await RawUpstream.start((socket) => {
    socket.write(json('{"error":{"message":"no","type":"authentication_error"}}', 401));
  });
  const { gateway } = await presetGateway(yaml(upstream.port, { one: 1, two: 1 }));
  await using _ = gateway;
  const response = await gateway.post('/v1/chat/completions', REQUEST);
  expect(response.status).toBe(401);
  expect(upstream.seen).toHaveLength(2);
});
