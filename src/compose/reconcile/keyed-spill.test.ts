import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KeyedSpill } from './keyed-spill.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-test-spill-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

test.each([
  [100_000, false],
  [20_000, true],
  [50, true],
])('brings 40,000 entries together by their keys, holding %i', (heldMax, inFiles) => {
  const at = join(directory, `held-${heldMax}`);
  const spill = new KeyedSpill(at, heldMax);
  const filling = 'x'.repeat(150);
  for (let index = 0; index < 40_000; index++) spill.add(`key é ${index % 20_000}`, `{"value":${index}}${filling}`);
  expect(existsSync(at)).toBe(inFiles);
  const groups = new Map<string, readonly string[]>();
  for (const { key, values } of spill.groups()) {
    expect(groups.has(key)).toBe(false);
    groups.set(key, values);
  }
  expect(groups.size).toBe(20_000);
  expect(groups.get('key é 7')).toEqual([`{"value":7}${filling}`, `{"value":20007}${filling}`]);
  spill.remove();
  expect(existsSync(at)).toBe(false);
});

test('entries that no hash can part are refused, and what was opened is closed and removed', () => {
  const at = join(directory, 'same');
  const spill = new KeyedSpill(at, 10);
  for (let index = 0; index < 20; index++) spill.add('same', String(index));
  expect(() => [...spill.groups()]).toThrow('More than 10 lines have the same id');
  spill.remove();
  expect(existsSync(at)).toBe(false);
});
