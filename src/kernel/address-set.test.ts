import { expect, test } from 'vitest';
import { AddressSet, isAddressRange } from './address-set.ts';

test('an address is in its ranges, also when it came over IPv6', () => {
  const set = new AddressSet(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', 'none of ours']);
  for (const inside of ['10.1.2.3', '192.0.2.7', '2001:db8:1::9', '::ffff:10.1.2.3'])
    expect(set.has(inside)).toBe(true);
  for (const outside of ['11.0.0.1', '192.0.2.8', '2001:db9::1', '::ffff:11.0.0.1', '', 'localhost']) {
    expect(set.has(outside)).toBe(false);
  }
});

test('an empty set holds nothing', () => {
  expect(new AddressSet([]).has('127.0.0.1')).toBe(false);
});

test.each(['10.0.0.0/8', '10.0.0.1', '::1', '2001:db8::/32', '0.0.0.0/0', '::/0'])('%s is a range', (text) => {
  expect(isAddressRange(text)).toBe(true);
});

test.each([
  '',
  '10.0.0.0/33',
  '10.0.0/8',
  '10.0.0.0/8/8',
  '10.0.0.0/-1',
  '10.0.0.0/',
  '::1/129',
  'fe80::1%eth0',
  'a.example',
])('%s is none', (text) => {
  expect(isAddressRange(text)).toBe(false);
});
