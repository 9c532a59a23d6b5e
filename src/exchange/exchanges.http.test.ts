import { expect, test } from 'vitest';
import { TestGateway, until } from '../../test/support/gateway.ts';
import { answerBytes, httpChunk, LAST_CHUNK, RawUpstream, STREAM_HEAD } from '../../test/support/raw-upstream.ts';
import { openAiChat } from '../edge/openai/dialects.ts';

const BODY =
  '{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}';

/** A gateway whose upstream answers the nth call when told to. */
async function heldCalls() {
  const answers: (() => void)[] = [];
  const upstream = await RawUpstream.start((socket) => {
    answers.push(() => socket.write(answerBytes(200, 'application/json', BODY)));
  });
  const gateway = await TestGateway.start({ upstreams: { up: upstream.baseUrl } });
  const calls: Promise<Response>[] = [];
  return {
    exchanges: gateway.plane.exchanges,
    async begin(): Promise<void> {
      calls.push(gateway.post('/v1/chat/completions', { model: 'up/m', messages: [{ role: 'user', content: 'hi' }] }));
      await until(() => answers.length === calls.length, 'the call did not reach upstream');
    },
    async finish(n: number): Promise<void> {
      answers[n]?.();
      expect((await (await calls[n])?.json()) as unknown).toMatchObject({ id: 'x' });
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await gateway[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const isOver = async (waiting: Promise<boolean>) => {
  const pending = Symbol('pending');
  return (await Promise.race([waiting, new Promise((done) => setTimeout(() => done(pending), 20))])) !== pending;
};

test('the calls under way are over when the last of them is, whatever began since', async () => {
  await using held = await heldCalls();
  expect(await held.exchanges.presentOver(1_000)).toBe(true);
  await held.begin();
  await held.begin();
  const first = held.exchanges.presentOver(60_000);
  await held.begin();
  const second = held.exchanges.presentOver(60_000);
  await held.begin();
  await held.finish(1);
  await held.finish(3);
  expect([await isOver(first), await isOver(second)]).toEqual([false, false]);
  await held.finish(0);
  expect([await isOver(first), await isOver(second)]).toEqual([true, false]);
  await held.finish(2);
  expect(await second).toBe(true);
  expect(held.exchanges.running).toBe(0);
});

test('two who wait for the same calls both hear', async () => {
  await using held = await heldCalls();
  await held.begin();
  const waiting = [held.exchanges.presentOver(60_000), held.exchanges.presentOver(60_000)];
  await held.finish(0);
  expect(await Promise.all(waiting)).toEqual([true, true]);
});

test('a call that outlasts the wait is left alone', async () => {
  await using held = await heldCalls();
  await held.begin();
  expect(await held.exchanges.presentOver(10)).toBe(false);
  expect(held.exchanges.running).toBe(1);
  await held.finish(0);
  await until(() => held.exchanges.running === 0, 'the call is still counted');
});

test.each([false, true])(
  'a head that cannot be written cuts the connection, streamed %s: no empty answer',
  async (stream) => {
    await using upstream = await RawUpstream.start((socket) => {
      if (!stream) socket.write(answerBytes(200, 'application/json', BODY));
      else {
        const event = `data: ${BODY.replace('"message"', '"delta"')}\n\ndata: [DONE]\n\n`;
        socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(Buffer.from(event)), Buffer.from(LAST_CHUNK)]));
      }
    });
    await using gateway = await TestGateway.start({ upstreams: { up: upstream.baseUrl } });
    const body = { model: 'up/m', stream, messages: [{ role: 'user', content: 'hi' }] };
    const did: string[] = [];
    const exchange = gateway.plane.exchanges.begin(
      {
        id: 'call_cut',
        arrivedAt: Date.now(),
        arrivedMs: performance.now(),
        caller: { organisation: 'org', project: 'proj', keyId: 'key' },
        facts: { forwarded: [] },
        request: openAiChat.parse(Buffer.from(JSON.stringify(body))),
        configVersion: 'c',
        priceVersion: 'p',
      },
      {
        head() {
          throw new TypeError('Invalid character in header content');
        },
        write: () => did.push('write') > 0,
        end: () => void did.push('end'),
        abort: () => void did.push('abort'),
      },
      () => did.push('over'),
    );
    exchange.run();
    await until(() => gateway.plane.exchanges.running === 0, 'the call is still counted');
    expect(did).toEqual(['abort', 'over']);
    expect(gateway.ends).toMatchObject([{ callId: 'call_cut', last: true, outcome: stream ? 'failed' : 'ok' }]);
    expect(gateway.unexpected).toEqual([expect.any(TypeError)]);
  },
);
