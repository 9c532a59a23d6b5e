import { expect, test } from 'vitest';
import { instantOfText } from './instant-text.ts';

const AT = Date.parse('2026-11-21T13:00:00Z');

test.each([
  ['2026-11-21T13:00:00Z', AT],
  ['2026-11-21T13:00Z', AT],
  ['2026-11-21 13:00:00 UTC', AT],
  ['2026-11-21 13:00:00', AT],
  ['2026-11-21T14:00:00+01:00', AT],
  ['2026-11-21T14:00:00+0100', AT],
  ['2026-11-21T13:00:00.123456Z', AT + 123],
  ['2026-11-21', Date.parse('2026-11-21T00:00:00Z')],
  [String(AT / 1_000), AT],
  [`${AT / 1_000}.75`, AT],
  [String(AT), AT],
  ['2026-13-01', undefined],
  ['2026-11-21T25:00:00Z', undefined],
  ['yesterday', undefined],
  ['11/21/2026', undefined],
  ['-1', undefined],
  ['', undefined],
])('%j', (text, at) => {
  expect(instantOfText(text)).toBe(at);
});
