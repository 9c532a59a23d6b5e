import { expect, test } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const nowMs = Date.UTC(2026, 10, 21, 12, 0, 0);
const cases: [Record<string, string>, number | undefined][] = [
  [{}, undefined],
  [{ 'retry-after': '2' }, 2_000],
  [{ 'retry-after': ' 2.5 ' }, 2_500],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '-1' }, 0],
  [{ 'retry-after': '1000000000' }, 3_600_000],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '' }, undefined],
  [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:07 GMT' }, 7_000],
  [{ 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, 0],
  [{ 'retry-after-ms': '20', 'retry-after': '9' }, 20],
  [{ 'retry-after-ms': 'x', 'retry-after': '9' }, 9_000],
];

for (const [headers, expected] of cases) {
  test(`${JSON.stringify(headers)} asks for ${expected ?? 'nothing'}`, () => {
    expect(retryAfterMs((name) => headers[name], nowMs)).toBe(expected);
  });
}
