import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EncodeTarget } from '../../exchange/dialect.ts';
import { anthropicMessages, anthropicTokenCount } from './dialects.ts';

const AT: EncodeTarget = { model: 'm', streamUsageOption: true, maxTokensField: 'max_tokens' };
const UNSIGNED = { type: 'thinking', thinking: 'hm', signature: 'leeward-unsigned' };
const FOREIGN = { type: 'redacted_thinking', data: 'leeward-unsigned:openai-chat:redacted:xyz' };
const OF_CALL = { type: 'thinking', thinking: '', signature: 'leeward-unsigned:gemini:call:xyz' };
const SIGNED = { type: 'thinking', thinking: 'aha', signature: 'EqQB' };
const CALL = { type: 'tool_use', id: 't1', name: 'look', input: {} };
const RESULT = { type: 'tool_result', tool_use_id: 't1', content: 'seen' };
const text = (said: string) => ({ type: 'text', text: said });
const user = (...content: object[]) => ({ role: 'user', content });
const assistant = (...content: object[]) => ({ role: 'assistant', content });

function encoded(body: string | object, target: Partial<EncodeTarget> = {}) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const { bytes: sent, losses } = anthropicMessages.parse(bytes).encode({ ...AT, ...target });
  return { sent: sent.toString(), losses };
}

const request = (fields: object) => ({ model: 'm', max_tokens: 100, messages: [user(text('hi'))], ...fields });

describe('a request', () => {
  test('is read for what routing needs, and goes on byte for byte but for the model', () => {
    const body =
      '{ "max_tokens":5,\t"model" : "a" ,"stream":true,"messages":[ ],"metadata":{"user_id":"u"} ,"x":1.0}\n';
    const call = anthropicMessages.parse(Buffer.from(body));
    expect(call).toMatchObject({ modelAsked: 'a', stream: true, maxOutputTokens: 5, endUser: 'u', usageWanted: true });
    expect(encoded(body, { model: 'a' }).sent).toBe(body);
    expect(encoded(body, { model: 'b' }).sent).toBe(body.replace('"a"', '"b"'));
  });

  test.each([
    ['{}', 'model', 'model: Field required'],
    ['{"model":1}', 'model', 'model: Input should be a valid string'],
    ['{"model":"m","max_tokens":1}', 'messages', 'messages: Field required'],
    ['{"model":"m","max_tokens":1,"messages":{}}', 'messages', 'messages: Input should be a valid list'],
    ['{"model":"m","messages":[]}', 'max_tokens', 'max_tokens: Field required'],
    ['{"model":"m","messages":[],"max_tokens":"5"}', 'max_tokens', 'max_tokens: Input should be a valid integer'],
    ['{"model":"m","messages":[],"max_tokens":-1}', 'max_tokens', 'max_tokens: Input should be a valid integer'],
    ['{"model":"m","messages":[],"max_tokens":1,"stream":"no"}', 'stream', 'stream: Input should be a valid boolean'],
    ['[]', undefined, 'The request body must be a JSON object.'],
  ])('that is none is refused in the words of the vendor: %s', (body, param, message) => {
    expect(() => anthropicMessages.parse(Buffer.from(body))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param, message }),
    );
  });

  test('for a count of tokens needs no bound, and is never a stream', () => {
    const call = anthropicTokenCount.parse(Buffer.from('{"model":"m","messages":[],"stream":true}'));
    expect(call.stream).toBe(false);
    expect(call.maxOutputTokens).toBeUndefined();
  });
});

describe('a bound on the output', () => {
  test('that is too high is lowered in its place, and one that is low enough stays as it was written', () => {
    expect(encoded('{"model":"m","max_tokens": 500 ,"messages":[]}', { maxOutputTokens: 77 })).toEqual({
      sent: '{"model":"m","max_tokens": 77 ,"messages":[]}',
      losses: undefined,
    });
    const low = '{"model":"m","max_tokens":7.7e1,"messages":[]}';
    expect(encoded(low, { maxOutputTokens: 77 }).sent).toBe(low);
  });

  test('takes a budget for thinking down with it, which would be refused above it', () => {
    const body = '{"model":"m","max_tokens":9000,"thinking":{"type":"enabled", "budget_tokens": 8000 },"messages":[]}';
    expect(encoded(body, { maxOutputTokens: 4000 })).toEqual({
      sent: '{"model":"m","max_tokens":4000,"thinking":{"type":"enabled", "budget_tokens": 3999 },"messages":[]}',
      losses: [{ field: 'thinking.budget_tokens', reason: '3999, to stay below max_tokens' }],
    });
    expect(encoded(body, { maxOutputTokens: 8500 }).sent).toContain('"budget_tokens": 8000');
  });

  test('that leaves no room for thinking switches it off', () => {
    const body = '{"model":"m","max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":8000},"messages":[]}';
    const { sent, losses } = encoded(body, { maxOutputTokens: 1024 });
    expect(sent).toBe('{"model":"m","max_tokens":1024,"thinking":{"type":"disabled"},"messages":[]}');
    expect(losses).toMatchObject([{ field: 'thinking' }]);
  });

  test('leaves a budget alone that was above the bound before, as interleaved thinking may have it', () => {
    const body = '{"model":"m","max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":8000},"messages":[]}';
    expect(encoded(body, { maxOutputTokens: 1500 })).toEqual({
      sent: body.replace('2000', '1500'),
      losses: undefined,
    });
  });
});

describe('thoughts that Anthropic has not signed', () => {
  test('are cut out of the bytes, each is told of, and nothing else changes', () => {
    const body = `{"model":"m","max_tokens":9,"messages":[ {"role":"user","content":"a"},
      {"content" : [ ${JSON.stringify(UNSIGNED)} , {"type":"text","text":"b"} ,${JSON.stringify(FOREIGN)}],"role":"assistant"} ]}`;
    expect(encoded(body)).toEqual({
      sent: `{"model":"m","max_tokens":9,"messages":[ {"role":"user","content":"a"},
      {"content" : [ {"type":"text","text":"b"}],"role":"assistant"} ]}`,
      losses: [
        { field: 'messages[1].content[0]', reason: 'a thought that Anthropic has not signed' },
        { field: 'messages[1].content[2]', reason: 'a thought that Anthropic has not signed' },
      ],
    });
  });

  test('leave with their message where it holds nothing else', () => {
    const { sent } = encoded(request({ messages: [user(text('a')), assistant(UNSIGNED), user(text('b'))] }));
    expect(JSON.parse(sent)).toEqual(request({ messages: [user(text('a')), user(text('b'))] }));
  });

  test('whichever blocks they are, what is sent is the request without them', () => {
    const block = fc.constantFrom<object>(UNSIGNED, FOREIGN, OF_CALL, SIGNED, text('a, [b] "c"'), CALL);
    const message = fc.array(block, { maxLength: 5 }).map((content) => assistant(...content));
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.nat(2), (messages, indent) => {
        const body = JSON.stringify(request({ messages }), null, indent);
        const { sent } = encoded(body);
        const kept = messages.flatMap(({ content, ...rest }) => {
          const signed = content.filter((each) => each !== UNSIGNED && each !== FOREIGN && each !== OF_CALL);
          return signed.length === 0 && content.length > 0 ? [] : [{ ...rest, content: signed }];
        });
        expect(JSON.parse(sent)).toEqual(request({ messages: kept }));
        if (!body.includes('leeward-unsigned')) expect(sent).toBe(body);
      }),
    );
  });

  test('of a turn that still awaits a result switch thinking off, because Anthropic wants them back', () => {
    const thinking = { type: 'enabled', budget_tokens: 2000 };
    const messages = [user(text('a')), assistant(UNSIGNED, CALL), user(RESULT)];
    const { sent, losses } = encoded(request({ max_tokens: 4000, thinking, messages }));
    expect(JSON.parse(sent)).toMatchObject({ thinking: { type: 'disabled' } });
    expect(losses).toContainEqual({
      field: 'thinking',
      reason: 'switched off: the turn under way began with another vendor',
    });
    const over = encoded(request({ max_tokens: 4000, thinking, messages: [...messages.slice(0, 2), user(text('b'))] }));
    expect(JSON.parse(over.sent)).toMatchObject({ thinking });
    const adaptive = encoded(request({ thinking: { type: 'adaptive' }, messages }));
    expect(JSON.parse(adaptive.sent)).toMatchObject({ thinking: { type: 'adaptive' } });
  });
});

test('a shorter context begins at a message of the user, without a result whose call is gone', () => {
  const messages = [user(text('a')), assistant(CALL), user(RESULT), assistant(text('b')), user(text('c'))];
  const kept = (keepMessages: number, of = messages) =>
    (JSON.parse(encoded(request({ system: 'be kind', messages: of }), { keepMessages }).sent) as { messages: unknown })
      .messages;
  expect(kept(9)).toEqual(messages);
  expect(kept(3)).toEqual([user(text('c'))]);
  expect(kept(0)).toEqual([user(text('c'))]);
  expect(kept(1, messages.slice(0, 3))).toEqual(messages.slice(0, 3));
  expect(kept(1, [{ role: 'system', content: [text('s')] }, ...messages])).toEqual([
    { role: 'system', content: [text('s')] },
    user(text('c')),
  ]);
});
