import { expect, test } from 'vitest';
import { serverAddress } from './server-address.ts';

const at = (text: string) => serverAddress(text, 'DATABASE_URL');

test('an address is shown as host, port and database, without who we are there', () => {
  expect(at('postgres://leeward:hunter2@db.internal/app').shown).toBe('db.internal:5432/app');
  expect(at('postgresql://u:p%40ss@[::1]:6432/my%20db').shown).toBe('[::1]:6432/my db');
  expect(at('postgres:///app?host=/run/postgresql&port=5433').shown).toBe('/run/postgresql:5433/app');
  expect(JSON.stringify(at('postgres://leeward:hunter2@h/app'))).toContain('hunter2');
  expect(at('postgres://leeward:hunter2@h/app').shown).not.toContain('hunter2');
});

test('every session begins with our schema and with what results are read by, whatever else was asked for', () => {
  const plain = new URL(at('postgres://u:p%40@h/app?sslmode=require').url);
  expect(plain.password).toBe('p%40');
  expect(plain.searchParams.get('sslmode')).toBe('require');
  expect(plain.searchParams.get('options')).toContain('-c search_path=leeward -c TimeZone=UTC');
  const theirs = new URL(at('postgres://h/app?options=-c%20search_path%3Dpublic%20-c%20work_mem%3D8MB').url);
  expect(theirs.searchParams.get('options')).toMatch(/^-c search_path=public -c work_mem=8MB -c search_path=leeward /);
});

test.each([
  ['leeward:hunter2@h/app', 'begins with'],
  ['hunter2', 'is no URL'],
  ['mysql://u:hunter2@h/app', 'begins with mysql://'],
  ['postgres://u:hunter2@h', 'names no database'],
  ['postgres://u:hunter2@h/', 'names no database'],
])('what is no address is refused with the place to correct, and not repeated: %s', (text, reason) => {
  expect(() => at(text)).toThrow(reason);
  expect(() => at(text)).toThrow(/^DATABASE_URL /);
  expect(() => at(text)).not.toThrow(/hunter2/);
});
