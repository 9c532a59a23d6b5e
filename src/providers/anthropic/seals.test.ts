import { expect, test } from 'vitest';
import { readSeal, UNSIGNED, writeSeal } from './seals.ts';

const OTHERS = { value: 'a:b~c', dialect: 'openai-chat' } as const;
const THOUGHT = { id: 'rs:1', summary: true, rest: { dialect: 'openai-chat', fields: { format: 'x-v1' } } } as const;

test("Anthropic's own seal is nothing but itself, whatever else is known of the thought", () => {
  const own = { value: 'sig', dialect: 'anthropic-messages' } as const;
  expect(writeSeal(own, 'signature', THOUGHT)).toBe('sig');
  expect(readSeal('sig', 'redacted')).toEqual({ what: 'redacted', signature: own });
});

test('what another maker wants back comes back, with a seal and without', () => {
  for (const what of ['signature', 'encrypted', 'redacted'] as const) {
    expect(readSeal(writeSeal(OTHERS, what), 'signature')).toEqual({ what, signature: OTHERS });
    expect(readSeal(writeSeal(OTHERS, what, THOUGHT), 'signature')).toEqual({ what, signature: OTHERS, ...THOUGHT });
  }
  expect(readSeal(writeSeal(undefined, 'signature', THOUGHT), 'signature')).toEqual({ what: 'none', ...THOUGHT });
});

test('whatever is not of Anthropic can be told by how it begins', () => {
  expect(writeSeal(undefined, 'signature')).toBe(UNSIGNED);
  for (const thought of [{}, THOUGHT]) expect(writeSeal(OTHERS, 'encrypted', thought).startsWith(UNSIGNED)).toBe(true);
});

test.each([
  ['is empty', ''],
  ['says that there is none', UNSIGNED],
  ['was cut', `${UNSIGNED}:openai-`],
  ['names no kind that is known', `${UNSIGNED}:openai-chat:zz:x`],
  ["claims to be Anthropic's", `${UNSIGNED}:anthropic-messages:signature:x`],
])('a seal that %s is none', (_how, text) => {
  expect(readSeal(text, 'signature')).toBeUndefined();
});

test('a seal whose members were changed is still a seal', () => {
  expect(readSeal(`${UNSIGNED}:openai-chat:signature~bm9wZQ:x`, 'signature')).toEqual({
    what: 'signature',
    signature: { value: 'x', dialect: 'openai-chat' },
  });
});
