import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemRandom } from '../../kernel/random.ts';
import { instanceId } from './instance-id.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-instance-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a data directory keeps the name it was given, and no two are given the same', () => {
  const id = instanceId(directory, systemRandom());
  expect(id).toMatch(/^gw_[0-9a-f]{32}$/);
  expect(instanceId(directory, systemRandom())).toBe(id);
  expect(statSync(join(directory, 'instance-id')).mode & 0o777).toBe(0o600);
  rmSync(join(directory, 'instance-id'));
  expect(instanceId(directory, systemRandom())).not.toBe(id);
});

test('a damaged name is refused, because another one would replay the journal as another gateway', () => {
  writeFileSync(join(directory, 'instance-id'), 'gw_1\n');
  expect(() => instanceId(directory, systemRandom())).toThrow(/instance-id is damaged.*Restore it/);
});
