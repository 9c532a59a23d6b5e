import { expect, test } from 'vitest';
import { readSeal, UNSIGNED, writeSeal } from './seals.ts';

const CARRIER = 'anthropic-messages';
const OTHERS = { value: 'a:b~c', dialect: 'openai-chat' } as const;
const THOUGHT = { id: 'rs:1', summary: true, rest: { dialect: 'openai-chat', fields: { format: 'x-v1' } } } as const;

test("a carrier's own seal is nothing but itself, whatever else is known of the thought", () => {
  const own = { value: 'sig', dialect: CARRIER } as const;
  expect(writeSeal(CARRIER, own, 'signature', THOUGHT)).toBe('sig');
  expect(readSeal(CARRIER, 'sig', 'redacted')).toEqual({ what: 'redacted', signature: own });
});

test('what another maker wants back comes back, with a seal and without', () => {
  for (const what of ['signature', 'encrypted', 'redacted', 'call'] as const) {
    expect(readSeal(CARRIER, writeSeal(CARRIER, OTHERS, what), 'signature')).toEqual({ what, signature: OTHERS });
    expect(readSeal(CARRIER, writeSeal(CARRIER, OTHERS, what, THOUGHT), 'signature')).toEqual({
      what,
      signature: OTHERS,
      ...THOUGHT,
    });
  }
  expect(readSeal(CARRIER, writeSeal(CARRIER, undefined, 'signature', THOUGHT), 'signature')).toEqual({
    what: 'none',
    ...THOUGHT,
  });
});

test("whatever is not the carrier's can be told by how it begins", () => {
  expect(writeSeal(CARRIER, undefined, 'signature')).toBe(UNSIGNED);
  for (const thought of [{}, THOUGHT])
    expect(writeSeal(CARRIER, OTHERS, 'encrypted', thought).startsWith(UNSIGNED)).toBe(true);
});

test.each([
  ['is empty', ''],
  ['says that there is none', UNSIGNED],
  ['was cut', `${UNSIGNED}:openai-`],
  ['names no kind that is known', `${UNSIGNED}:openai-chat:zz:x`],
  ["claims to be the carrier's", `${UNSIGNED}:anthropic-messages:signature:x`],
])('a seal that %s is none', (_how, text) => {
  expect(readSeal(CARRIER, text, 'signature')).toBeUndefined();
});

test('a seal whose members were changed is still a seal', () => {
  expect(readSeal(CARRIER, `${UNSIGNED}:openai-chat:signature~bm9wZQ:x`, 'signature')).toEqual({
    what: 'signature',
    signature: { value: 'x', dialect: 'openai-chat' },
  });
});

test('what belongs to a tool call is marked even of the carrier itself, so that nobody takes it for a thought', () => {
  const own = { value: 'sig', dialect: CARRIER } as const;
  const text = writeSeal(CARRIER, own, 'call');
  expect(text.startsWith(UNSIGNED)).toBe(true);
  expect(readSeal(CARRIER, text, 'signature')).toEqual({ what: 'call', signature: own });
});
