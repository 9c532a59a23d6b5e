import { expect, test } from 'vitest';
import type { PlannedTarget } from '../routing/target.ts';
import { lossWarnings, lostField } from './losses.ts';

const many = (count: number, reason = 'no such setting') =>
  Array.from({ length: count }, (_, at) => ({ field: `messages[${at}].name`, reason }));

test('each loss is an entry of its own', () => {
  expect(lossWarnings({ fields: many(2), more: 0 })).toEqual([
    'messages[0].name: no such setting',
    'messages[1].name: no such setting',
  ]);
});

test('what a header has no room for is counted', () => {
  expect(lossWarnings({ fields: many(25), more: 100 })).toHaveLength(21);
  expect(lossWarnings({ fields: many(25), more: 100 }).at(-1)).toBe('and 105 more');
  const long = lossWarnings({ fields: many(20, 'x'.repeat(10_000)), more: 0 });
  expect(long.join('; ').length).toBeLessThan(2_200);
  expect(long.at(-1)).toMatch(/^and \d+ more$/);
});

test('a client’s own names cannot break the header, or make up entries', () => {
  const [entry] = lossWarnings({ fields: [{ field: 'a\r\nset-cookie: x; b\u00e9', reason: 'no; such' }], more: 0 });
  expect(entry).toBe('a??set-cookie: x? b?: no? such');
});

test('a refusal names the field, the target and what to do', () => {
  const target = { provider: { name: 'claude' }, model: 'm' } as unknown as PlannedTarget;
  expect(lostField({ field: 'seed', reason: 'no such setting' }, target)).toMatchObject({
    code: 'unsupported_parameter',
    status: 400,
    param: 'seed',
    retry: 'other-target',
    message:
      "'seed' would be lost on the way to claude/m: no such setting. Leave it out, or send the call without x-leeward-strict.",
  });
});
