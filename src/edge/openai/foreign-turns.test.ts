import { describe, expect, test } from 'vitest';
import { presetOf } from '../../config/presets.ts';
import type { EncodeTarget } from '../../exchange/dialect.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { openAiChat } from './dialects.ts';

const AT: EncodeTarget = { model: 'm', streamUsageOption: true, maxTokensField: 'max_tokens' };

function encodedFor(
  preset: 'groq' | 'cerebras' | 'mistral' | 'openai' | 'deepseek',
  body: string,
  more: Partial<EncodeTarget> = {},
) {
  const target = { ...AT, vocabulary: presetOf(preset).vocabulary ?? {}, ...more };
  const { bytes, losses = [] } = openAiChat.parse(Buffer.from(body)).encode(target);
  return { text: bytes.toString(), lost: losses.map(({ field }) => field) };
}

const user = '{"role":"user","content":"hi"}';
const asked = (...turns: string[]) => `{ "model" : "m", "messages":[ ${[user, ...turns].join(' , ')} ], "seed":1.0 }`;

const CLAUDES =
  '{"role":"assistant","content":"a","reasoning_content":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"s"}],"refusal":null,"annotations":[]}';
const GEMINIS =
  '{ "role":"assistant", "content":null,"tool_calls":[ {"id":"c","type":"function","function":{"name":"f","arguments":"{\\"n\\": 1.0}"},"extra_content":{"google":{"thought_signature":"x"}}} , {"id":"d","type":"function","function":{"name":"g","arguments":"{}"}} ]}';

describe('a turn of another model', () => {
  test('goes as it came to who takes what it does not know', () => {
    const body = asked(CLAUDES, GEMINIS);
    expect(encodedFor('openai', body)).toEqual({ text: body, lost: [] });
  });

  test('loses what the provider would refuse, each said, and no other byte of the request', () => {
    expect(encodedFor('groq', asked(CLAUDES, user))).toEqual({
      text: asked('{"role":"assistant","content":"a"}', user),
      lost: ['messages[1].reasoning_content', 'messages[1].reasoning_details'],
    });
  });

  test('keeps its thought under the name that the provider has for thoughts', () => {
    const { text, lost } = encodedFor('cerebras', asked(CLAUDES));
    expect(text).toBe(asked('{"role":"assistant","content":"a","reasoning":"hm"}'));
    expect(lost).toEqual(['messages[1].reasoning_details']);
  });

  test('which says its thought under that name already keeps it, once', () => {
    const both = '{"role":"assistant","reasoning":"own","content":"a","reasoning_content":"own"}';
    const { text } = encodedFor('cerebras', asked(both));
    expect(text).toBe(asked('{"role":"assistant","reasoning":"own","content":"a"}'));
  });

  test('loses the signatures of its calls alone', () => {
    const { text, lost } = encodedFor('mistral', asked(GEMINIS));
    expect(text).toBe(
      asked(
        '{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\\"n\\": 1.0}"}},{"id":"d","type":"function","function":{"name":"g","arguments":"{}"}}]}',
      ),
    );
    expect(lost).toEqual(['messages[1].tool_calls[0].extra_content']);
  });

  test('is cut in a shortened context as well', () => {
    const { text } = encodedFor('groq', asked(CLAUDES, user), { keepMessages: 2 });
    expect(JSON.parse(text)['messages']).toEqual([
      { role: 'assistant', content: 'a' },
      { role: 'user', content: 'hi' },
    ]);
  });
});

describe('a turn without a thought, for who refuses one', () => {
  const called = '"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]';
  const result = '{"role":"tool","tool_call_id":"c","content":"7"}';

  test.each([
    ['of a model that did not think', `{"role":"assistant","content":null,${called}}`],
    ['that is null', `{"role":"assistant","reasoning_content":null,"content":null,${called}}`],
    ['that is empty', `{"role":"assistant","reasoning_content":"","content":null,${called}}`],
  ])('%s: one stands there that says nothing', (_, turn) => {
    expect(encodedFor('deepseek', asked(turn, result))).toEqual({
      text: asked(`{"role":"assistant","content":null,${called},"reasoning_content":" "}`, result),
      lost: [],
    });
  });

  test('under another name: it stands under its own', () => {
    const turn = `{"role":"assistant","reasoning":"hm","content":null,${called}}`;
    expect(encodedFor('deepseek', asked(turn, result)).text).toBe(
      asked(`{"role":"assistant","reasoning_content":"hm","content":null,${called}}`, result),
    );
  });

  test('beside one that calls a tool: it has to hold one as well', () => {
    const plain = '{"role":"assistant","content":"seven"}';
    const turn = `{"role":"assistant","reasoning_content":"hm","content":null,${called}}`;
    expect(encodedFor('deepseek', asked(turn, result, plain)).text).toBe(
      asked(turn, result, '{"role":"assistant","content":"seven","reasoning_content":" "}'),
    );
  });

  test.each([
    ['where no tool is called', asked('{"role":"assistant","content":"a"}')],
    ['that is there', asked(`{"role":"assistant","reasoning_content":"hm","content":null,${called}}`, result)],
    [
      'of a model that is not to think',
      asked(`{"role":"assistant","content":null,${called}}`, result).replace(/}$/, ',"thinking":{"type":"disabled"}}'),
    ],
  ])('%s: the request stays as it came', (_, body) => {
    expect(encodedFor('deepseek', body)).toEqual({ text: body, lost: [] });
  });
});

test.each([
  ['its own thoughts', '{"role":"assistant","content":"a","reasoning":"hm"}'],
  ['a word for it in the text', '{"role":"assistant","content":"\\"reasoning_content\\":1"}'],
  ['another role', '{"role":"tool","tool_call_id":"c","content":"x","reasoning_content":"hm"}'],
])('%s: the request stays as it came', (_, turn) => {
  expect(encodedFor('groq', asked(turn))).toEqual({ text: asked(turn), lost: [] });
});

test.each([
  '{"role":"assistant","reasoning_content":"a","content":"b","content":"c"}',
  '{"role":"assistant","tool_calls":[{"id":"c","id":"d","extra_content":{}}]}',
])('two members of one name cannot be told apart where one is cut: %s', (turn) => {
  expect(() => encodedFor('groq', asked(turn))).toThrow(GatewayError);
});

test.each(['null', '7', '"text"', '{}', '[[]]', '[null]', '[{"role":"assistant","tool_calls":7,"audio":{"id":"x"}}]'])(
  'whatever stands for the messages is sent: %s',
  (messages) => {
    const body = `{"model":"m","messages":${messages}}`;
    const parsed = () => encodedFor('groq', body);
    if (messages.startsWith('[')) expect(JSON.parse(parsed().text)).toHaveProperty('messages');
    else expect(parsed).toThrow(GatewayError);
  },
);
