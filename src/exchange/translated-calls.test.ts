import { describe, expect, test } from 'vitest';
import { type CallAsked, HandHouse, type HandHouseOptions, headerOf } from '../../test/support/hand/house.ts';
import { DELTA, MESSAGES } from '../../test/support/hand/upstream.ts';
import { anthropicMessages } from '../edge/anthropic/dialects.ts';
import type { WireDialect } from './dialect.ts';

/** Calls in virtual time whose target speaks another dialect than their client. */

const GPT = {};
const CLAUDE = { dialects: ['anthropic-messages'] } as const;

async function house(more: Partial<HandHouseOptions> = {}): Promise<HandHouse> {
  const own = new HandHouse({ providers: { gpt: GPT, claude: CLAUDE }, targets: ['claude/m'], ...more });
  await own.translations.prepare();
  return own;
}

/** One call of one target, under way. */
async function asked(call: CallAsked, more: Partial<HandHouseOptions> = {}) {
  const own = await house(more);
  const begun = own.begin(call);
  await own.clock.advance(0);
  return { own, ...begun };
}

const MESSAGES_CALL: CallAsked = { dialect: anthropicMessages };
const STREAM_END = /"finish_reason":"stop"[\s\S]*data: \[DONE\]\n\n$/;

/** The data of each event of a stream, in order. */
function events(text: string): Record<string, unknown>[] {
  const data = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, json = '']) => json);
  return data.map((json) => JSON.parse(json) as Record<string, unknown>);
}

describe('an answer that is not streamed', () => {
  test('of Claude comes to a chat client in its own shape', async () => {
    const { own, got } = await asked({});
    expect([own.at(0).path, JSON.parse(own.at(0).body)]).toMatchObject([
      '/messages',
      { model: 'm', max_tokens: 100, messages: [{ role: 'user' }] },
    ]);
    own.at(0).answer();
    await own.clock.advance(0);
    expect([got.status, headerOf(got, 'content-type'), headerOf(got, 'x-leeward-warnings')]).toEqual([
      200,
      'application/json',
      'none',
    ]);
    const answer = JSON.parse(got.text);
    expect(answer).toMatchObject({
      id: 'chatcmpl-0',
      object: 'chat.completion',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } }],
      usage: { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 },
    });
    expect(headerOf(got, 'content-length')).toBe(String(Buffer.byteLength(got.text)));
    expect(own.records.ends[0]).toMatchObject({
      usage: { inputTokens: 4, outputTokens: 2 },
      usageSource: 'provider',
      finishReason: 'end_turn',
    });
    await own.over();
  });

  test('of GPT comes to a Messages client in its own shape', async () => {
    const { own, got } = await asked(MESSAGES_CALL, { targets: ['gpt/m'] });
    expect(own.at(0).path).toBe('/chat/completions');
    own.at(0).answer();
    await own.clock.advance(0);
    expect([got.status, JSON.parse(got.text)]).toMatchObject([
      200,
      {
        id: 'msg_0',
        type: 'message',
        role: 'assistant',
        content: [{ type: 'text', text: 'hi' }],
        stop_reason: 'end_turn',
        usage: { input_tokens: 4, output_tokens: 2 },
      },
    ]);
    await own.over();
  });

  test.each([
    ['nothing of it', '{}'],
    ['an answer of another dialect', '{"object":"chat.completion","choices":[]}'],
    ['no JSON', 'Hello!'],
  ])('that holds %s is an upstream error and never an empty success', async (_, text) => {
    const { own, got } = await asked({});
    own.at(0).answer(text);
    await own.clock.advance(0);
    expect([got.status, JSON.parse(got.text).error.code]).toEqual([502, 'upstream_error']);
    await own.over();
  });
});

describe('a stream', () => {
  test('of Claude comes to a chat client event by event, its end after the settlement', async () => {
    const { own, got } = await asked({ stream: true }, { budget: 10_000_000n });
    own.at(0).stream(MESSAGES.start);
    own.at(0).more(MESSAGES.delta);
    const [first, second] = events(got.text);
    expect([first, second]).toMatchObject([
      { object: 'chat.completion.chunk', id: 'chatcmpl-0', choices: [{ delta: { role: 'assistant' } }] },
      { choices: [{ delta: { content: '12345678' } }] },
    ]);
    own.at(0).more(MESSAGES.end);
    expect(got.text).not.toContain('finish_reason":"stop"');
    own.at(0).end();
    await own.clock.advance(0);
    expect(got.text).toMatch(STREAM_END);
    expect(got.text).not.toContain('"total_tokens"');
    expect([got.ended, own.told]).toEqual([1, ['claude ok, last']]);
    expect(own.balance).toEqual({ settled: 4n + 30n * 2n, held: 0n });
    await own.over();
  });

  test('tells a chat client its usage when that asks for it', async () => {
    const { own, got } = await asked({ stream: true, fields: { stream_options: { include_usage: true } } });
    own.at(0).streamed();
    await own.clock.advance(0);
    expect(events(got.text).at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 4, completion_tokens: 30 } });
    await own.over();
  });

  test('of GPT comes to a Messages client with its named events', async () => {
    const { own, got } = await asked({ ...MESSAGES_CALL, stream: true }, { targets: ['gpt/m'] });
    expect(JSON.parse(own.at(0).body)).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    own.at(0).streamed();
    await own.clock.advance(0);
    expect(events(got.text).map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(events(got.text).at(-2)).toMatchObject({ usage: { input_tokens: 4, output_tokens: 30 } });
    expect([headerOf(got, 'request-id'), headerOf(got, 'content-type')]).toEqual(['call_0', 'text/event-stream']);
    await own.over();
  });

  test('that stops before its end ends in the client’s own error, and is billed for what had come', async () => {
    const { own, got } = await asked({ stream: true }, { budget: 10_000_000n });
    own.at(0).stream();
    own.at(0).end();
    await own.clock.advance(0);
    expect(events(got.text).at(-1)).toMatchObject({ error: { code: 'stream_truncated' } });
    expect(got.text).not.toContain('[DONE]');
    expect(own.told).toEqual(['claude truncated, last']);
    expect(own.balance.settled).toBeGreaterThan(0n);
    await own.over();
  });

  test.each<[string, WireDialect | undefined, string, string, string, RegExp]>([
    [
      'Claude',
      undefined,
      'claude/m',
      MESSAGES.start + MESSAGES.delta,
      MESSAGES.error,
      /^data: \{"error":\{.*Overloaded/m,
    ],
    [
      'GPT',
      anthropicMessages,
      'gpt/m',
      DELTA,
      'data: {"error":{"message":"gone","type":"server_error"}}\n\n',
      /^event: error\ndata: \{"type":"error".*gone/m,
    ],
  ])('in which %s fails ends in the client’s own error event, once', async (_, dialect, target, before, error, own) => {
    const call = await asked({ stream: true, ...(dialect === undefined ? {} : { dialect }) }, { targets: [target] });
    call.own.at(0).stream(before);
    call.own.at(0).more(error);
    await call.own.clock.advance(0);
    expect(call.got.text).toMatch(own);
    expect(call.got.text.match(/"error":\{/g)).toHaveLength(1);
    expect([call.got.ended, call.own.at(0).aborted]).toEqual([1, true]);
    await call.own.over();
  });

  test('that cannot be understood before its first event is an error with a status', async () => {
    const { own, got } = await asked({ stream: true });
    own.at(0).stream('event: message_start\ndata: no JSON\n\n');
    own.at(0).end();
    await own.clock.advance(0);
    expect([got.status, JSON.parse(got.text).error.code]).toEqual([502, 'upstream_error']);
    await own.over();
  });
});

describe('an error answer', () => {
  test('with status 200 is one all the same, and is not paid for', async () => {
    for (const target of ['claude/m', 'gpt/m']) {
      const call = target === 'gpt/m' ? MESSAGES_CALL : {};
      const { own, got } = await asked(call, { targets: [target], budget: 10_000_000n });
      own.at(0).answer(MESSAGES.refusal('api_error', 'out of order'));
      await own.clock.advance(0);
      expect([got.status >= 500, got.text.includes('out of order')]).toEqual([true, true]);
      expect(own.balance).toEqual({ settled: 0n, held: 0n });
      await own.over();
    }
  });

  test('of Claude’s is told in OpenAI’s words, and its body is not handed on', async () => {
    const { own, got } = await asked({});
    own.at(0).head(529, { 'content-type': 'application/json' });
    own.at(0).more(MESSAGES.refusal('overloaded_error', 'Overloaded'));
    own.at(0).end();
    await own.clock.advance(0);
    const { error } = JSON.parse(got.text);
    expect([got.status, error.type, typeof error.message]).toEqual([503, 'server_error', 'string']);
    await own.over();
  });

  test('of GPT’s is told in Anthropic’s words', async () => {
    const { own, got } = await asked(MESSAGES_CALL, { targets: ['gpt/m'] });
    own.at(0).refuse(429, { code: 'rate_limit_exceeded' }, { 'retry-after': '7' });
    await own.clock.advance(0);
    expect([got.status, headerOf(got, 'retry-after')]).toEqual([429, '7']);
    expect(JSON.parse(got.text)).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
    await own.over();
  });
});

describe('failover across dialects, before the first byte', () => {
  test.each([
    ['gpt', 'claude', false],
    ['gpt', 'claude', true],
    ['claude', 'gpt', false],
    ['claude', 'gpt', true],
  ])('from %s to %s, streamed: %s', async (from, to, stream) => {
    for (const call of [{ stream }, { ...MESSAGES_CALL, stream }]) {
      const { own, got } = await asked(call, { targets: [`${from}/m`, `${to}/m`] });
      own.at(0).refuse(503);
      await own.clock.advance(0);
      const second = own.at(1);
      if (stream) second.streamed();
      else second.answer();
      await own.clock.advance(0);
      expect([got.status, headerOf(got, 'x-leeward-provider'), headerOf(got, 'x-leeward-attempts')]).toEqual([
        200,
        to,
        '2',
      ]);
      expect(own.told).toEqual([`${from} failed`, `${to} ok, last`]);
      await own.over();
    }
  });

  test('happens as well when the first event of the stream is an error', async () => {
    const { own, got } = await asked({ stream: true }, { targets: ['claude/m', 'gpt/m'] });
    own.at(0).stream(MESSAGES.error);
    await own.clock.advance(0);
    own.at(1).streamed();
    await own.clock.advance(0);
    expect([headerOf(got, 'x-leeward-provider'), got.heads]).toEqual(['gpt', 1]);
    expect(got.text).not.toContain('Overloaded');
    await own.over();
  });

  test('of two that are asked at once the first to answer wins, whatever it speaks', async () => {
    const { own, got } = await asked(
      { stream: true },
      { targets: ['gpt/m', 'claude/m'], policies: { hedge: { afterMs: 100, percent: 100 } }, budget: 10_000_000n },
    );
    await own.clock.advance(100);
    own.at(1).streamed();
    await own.clock.advance(0);
    expect([headerOf(got, 'x-leeward-provider'), own.at(0).aborted]).toEqual(['claude', true]);
    expect(got.text).toMatch(STREAM_END);
    expect(own.told.toSorted()).toEqual(['claude ok, last', 'gpt cancelled']);
    await own.over();
  });
});

describe('what a target is not told', () => {
  const LOST = { stream: true, fields: { seed: 7 } };

  test('stands in the warnings of the answer that lost it', async () => {
    const { own, got } = await asked(LOST);
    expect(JSON.parse(own.at(0).body)).not.toHaveProperty('seed');
    own.at(0).streamed();
    await own.clock.advance(0);
    expect(headerOf(got, 'x-leeward-warnings')).toMatch(/^seed: [\x20-\x3a\x3c-\x7e]+$/);
    await own.over();
  });

  test('is no warning where another target answered that was told', async () => {
    const { own, got } = await asked(LOST, { targets: ['claude/m', 'gpt/m'] });
    own.at(0).refuse(503);
    await own.clock.advance(0);
    expect(JSON.parse(own.at(1).body)).toHaveProperty('seed', 7);
    own.at(1).streamed();
    await own.clock.advance(0);
    expect(headerOf(got, 'x-leeward-warnings')).toBe('none');
    await own.over();
  });

  test('is a 400 that names it for a strict call, and nothing is sent', async () => {
    const { own, got } = await asked({ fields: { seed: 7 }, facts: { strict: true } }, { budget: 10_000_000n });
    await own.clock.advance(0);
    expect([got.status, JSON.parse(got.text).error, own.asked.length]).toMatchObject([
      400,
      { code: 'unsupported_parameter', param: 'seed', type: 'invalid_request_error' },
      0,
    ]);
    expect([own.told, own.balance]).toEqual([['claude failed, last'], { settled: 0n, held: 0n }]);
    await own.over();
  });

  test('is told to a strict client whose route would answer with a text of its own', async () => {
    const degrade = [{ kind: 'text', text: 'Later.' }] as const;
    const { own, got } = await asked({ fields: { seed: 7 }, facts: { strict: true } }, { policies: { degrade } });
    await own.clock.advance(0);
    expect([got.status, own.asked.length]).toEqual([400, 0]);
    await own.over();
  });

  test('sends a strict call on to a target that loses nothing', async () => {
    const { own, got } = await asked(
      { fields: { seed: 7 }, facts: { strict: true } },
      { targets: ['claude/m', 'gpt/m'] },
    );
    await own.clock.advance(0);
    own.at(0).answer();
    await own.clock.advance(0);
    expect([got.status, headerOf(got, 'x-leeward-provider')]).toEqual([200, 'gpt']);
    await own.over();
  });

  test('but must be, as a sound, keeps the call from that target alone', async () => {
    const sound = [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] }];
    const { own, got } = await asked({ messages: sound }, { targets: ['claude/m', 'gpt/m'] });
    await own.clock.advance(0);
    expect(own.asked.map(({ provider }) => provider)).toEqual(['gpt']);
    own.at(0).answer();
    await own.clock.advance(0);
    expect(got.status).toBe(200);
    const alone = await asked({ messages: sound });
    await alone.own.clock.advance(0);
    expect([alone.got.status, JSON.parse(alone.got.text).error.code]).toEqual([400, 'unsupported_parameter']);
    await own.over();
    await alone.own.over();
  });
});

describe('money on the translated lane', () => {
  const CAPPED = { budget: 10_000_000n } as const;

  test('is held for a target that has not the tier that its client asks another vendor for', async () => {
    const { own, got } = await asked({ fields: { service_tier: 'flex' } }, CAPPED);
    own.at(0).answer();
    await own.clock.advance(0);
    expect([got.status, headerOf(got, 'x-leeward-warnings')]).toEqual([200, expect.stringMatching(/^service_tier: /)]);
    expect(own.balance).toEqual({ settled: 8n, held: 0n });
    await own.over();
  });

  test('of a client that leaves is the provider’s count of the input and ours of what had come', async () => {
    const { own, exchange } = await asked({ stream: true }, CAPPED);
    own.at(0).stream();
    exchange.clientGone();
    await own.over();
    // The house counts a character as a token: '12345678' is eight.
    expect(own.records.ends[0]).toMatchObject({
      usage: { inputTokens: 4, outputTokens: 8 },
      usageSource: 'estimated',
      costNanoUsd: String(4 + 8 * 2),
    });
    expect(own.balance).toEqual({ settled: 20n, held: 0n });
  });

  test('is settled to the exact nano by the provider’s own count', async () => {
    const { own } = await asked({}, CAPPED);
    expect(own.balance.held).toBeGreaterThan(0n);
    own.at(0).answer();
    await own.clock.advance(0);
    // 4 tokens at 1,000 pico-USD and 2 at 2,000.
    expect(own.balance).toEqual({ settled: 8n, held: 0n });
    await own.over();
  });

  test.each([
    ['what is publicly known of the model', { limits: { maxOutputTokens: 700 } }, 700],
    ['what every hold assumes of a model that nobody knows', {}, 16_384],
  ])('bounds an answer without a bound of the client’s by %s', async (_, more, tokens) => {
    const { own } = await asked(
      { fields: { max_tokens: undefined } },
      { ...CAPPED, budget: 1_000_000_000n, providers: { claude: { ...CLAUDE, ...more } } },
    );
    expect(JSON.parse(own.at(0).body).max_tokens).toBe(tokens);
    const { held } = own.balance;
    expect(held).toBeGreaterThanOrEqual(BigInt(tokens) * 2n);
    own.at(0).answer();
    await own.clock.advance(0);
    await own.over();
  });

  test('is not what keeps a bound within what the model ever answers with, of which nobody has to be warned', async () => {
    const claude = { ...CLAUDE, limits: { maxOutputTokens: 70 } };
    const { own, got } = await asked({ fields: { max_tokens: 32_000 } }, { providers: { claude } });
    expect(JSON.parse(own.at(0).body).max_tokens).toBe(70);
    own.at(0).answer();
    await own.clock.advance(0);
    expect(headerOf(got, 'x-leeward-warnings')).toBe('none');
    await own.over();
  });

  test('that is short bounds what the target is asked for, and the client hears of it', async () => {
    const { own, got } = await asked({}, { budget: 300n });
    const { max_tokens: bound } = JSON.parse(own.at(0).body);
    expect(bound).toBeLessThan(100);
    own.at(0).answer();
    await own.clock.advance(0);
    expect(headerOf(got, 'x-leeward-warnings')).toContain(`max_tokens: ${bound}`);
    await own.over();
  });
});

test('a degraded turn keeps the last messages of a call that is translated', async () => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'one' },
    { role: 'assistant', content: 'two' },
    { role: 'user', content: 'three' },
  ];
  const { own, got } = await asked(
    { messages },
    { targets: ['gpt/m'], policies: { degrade: [{ kind: 'target', target: 'claude/m', keepMessages: 1 }] } },
  );
  own.at(0).refuse(503);
  await own.clock.advance(0);
  expect(JSON.parse(own.at(1).body).messages).toHaveLength(1);
  expect(own.at(1).body).toContain('three');
  expect(own.at(1).body).toContain('Be brief.');
  own.at(1).answer();
  await own.clock.advance(0);
  expect(got.status).toBe(200);
  await own.over();
});
