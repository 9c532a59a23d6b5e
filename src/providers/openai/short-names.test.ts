import { expect, test } from 'vitest';
import { shortName, WholeNames } from './short-names.ts';

test.each(['get_weather', 'a-b', 'x'.repeat(64)])('%s is sent as it is', (name) => {
  expect(shortName(name)).toBe(name);
});

test.each(['google.maps:route', `mcp__${'long_'.repeat(20)}`, 'grüße', 'a b'])(
  '%s is sent by a plain name, and whole again in answers',
  (name) => {
    const sent = shortName(name);
    expect(sent).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(shortName(name)).toBe(sent);
    expect(new WholeNames([name]).of(sent)).toBe(name);
  },
);

test('names that differ are sent by names that differ', () => {
  expect(shortName('a.b')).not.toBe(shortName('a:b'));
});
