import { expect, test } from 'vitest';
import { isTimeZone } from './time-zone.ts';

test('a zone is one that the runtime knows by its name', () => {
  expect(['Europe/Berlin', 'UTC', 'Mars/Olympus', '+02:00', '', 'europe berlin'].map(isTimeZone)).toEqual([
    true,
    true,
    ...[false, false, false, false],
  ]);
});
