import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const nowMs = Date.UTC(2026, 10, 21, 12, 0, 0);
const cases: [Record<string, string>, number | undefined][] = [
  [{}, undefined],
  [{ 'retry-after': '2' }, 2_000],
  [{ 'retry-after': ' 2.5 ' }, 2_500],
  [{ 'retry-after': '0.0004' }, 1],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '-1' }, 0],
  [{ 'retry-after': '3600' }, 3_600_000],
  [{ 'retry-after': '1000000000' }, 3_600_000],
  [{ 'retry-after': '9'.repeat(30) }, undefined],
  [{ 'retry-after': '1e9' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': 'in 5' }, undefined],
  [{ 'retry-after': '2, 4' }, undefined],
  [{ 'retry-after': '' }, undefined],
  [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:07 GMT' }, 7_000],
  [{ 'retry-after': 'Saturday, 21-Nov-26 12:00:08 GMT' }, 8_000],
  [{ 'retry-after': 'Sat Nov 21 12:00:09 2026' }, 9_000],
  [{ 'retry-after': 'Tue Dec  1 12:00:00 2026' }, 3_600_000],
  [{ 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, 0],
  [{ 'retry-after': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 0],
  [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:07 CET' }, undefined],
  [{ 'retry-after': 'Sat, 21 Foo 2026 12:00:07 GMT' }, undefined],
  [{ 'retry-after': 'Sat, 21 Nov 2026 25:00:07 GMT' }, undefined],
  [{ 'retry-after': '2026-11-21T12:00:07Z' }, undefined],
  [{ 'retry-after-ms': '20', 'retry-after': '9' }, 20],
  [{ 'retry-after-ms': '-20' }, 0],
  [{ 'retry-after-ms': '20.5' }, 21],
  [{ 'retry-after-ms': '1000000000000' }, 3_600_000],
  [{ 'retry-after-ms': 'x', 'retry-after': '9' }, 9_000],
  [{ 'retry-after-ms': '', 'retry-after': '9' }, 9_000],
];

for (const [headers, expected] of cases) {
  test(`${JSON.stringify(headers)} asks for ${expected ?? 'nothing'}`, () => {
    expect(retryAfterMs((name) => headers[name], nowMs)).toBe(expected);
  });
}

test('every date that JavaScript writes is understood, to the second', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3_599 }), (seconds) => {
      const text = new Date(nowMs + seconds * 1_000).toUTCString();
      expect(retryAfterMs((name) => (name === 'retry-after' ? text : undefined), nowMs)).toBe(seconds * 1_000);
    }),
  );
});

test('whatever it says, nobody waits for longer than an hour or for less than nothing', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), (text) => {
      const waitMs = retryAfterMs(() => text, nowMs) ?? 0;
      expect(waitMs >= 0 && waitMs <= 3_600_000).toBe(true);
    }),
  );
});
