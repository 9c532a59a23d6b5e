import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { hostLookup } from './host-lookup.ts';

const v4 = (address: string): LookupAddress => ({ address, family: 4 });
const v6 = (address: string): LookupAddress => ({ address, family: 6 });

/** A resolver that gives one answer after the other, and counts how often it was asked. */
function lookups(...answers: readonly LookupAddress[][]) {
  let asked = 0;
  const lookup = hostLookup(async () => {
    const answer = answers[asked++];
    if (answer === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return answer;
  });
  const look = () =>
    new Promise<LookupAddress[]>((resolve, reject) =>
      lookup('api.example', { all: true }, (error, found) =>
        error === null ? resolve(found as LookupAddress[]) : reject(error),
      ),
    );
  return { look, asked: () => asked };
}

const REFUSED = { code: 'LEEWARD_ADDRESS_REFUSED' };

test.each([v4('169.254.169.254'), v6('fe80::1'), v6('::ffff:169.254.169.254'), v6('fd00:ec2::254')])(
  'a name never leads to the link-local address $address',
  async (address) => {
    await expect(lookups([address]).look()).rejects.toMatchObject(REFUSED);
  },
);

test.each([
  v4('127.0.0.1'),
  v4('10.1.2.3'),
  v4('172.31.0.1'),
  v4('192.168.1.1'),
  v4('100.64.0.1'),
  v4('0.0.0.0'),
  v6('::1'),
  v6('fd12::1'),
  v6('::ffff:10.0.0.1'),
])('a name that led to the internet does not lead to $address afterwards', async (inner) => {
  const { look } = lookups([v4('203.0.113.7')], [inner], [v4('203.0.113.8')]);
  await expect(look()).resolves.toEqual([v4('203.0.113.7')]);
  await expect(look()).rejects.toMatchObject(REFUSED);
  await expect(look()).resolves.toEqual([v4('203.0.113.8')]);
});

test('a provider that lives inside from the start may stay there, and may move outside', async () => {
  const { look } = lookups([v4('10.0.0.5')], [v4('10.0.0.6')], [v4('203.0.113.7')]);
  await look();
  await expect(look()).resolves.toEqual([v4('10.0.0.6')]);
  await expect(look()).resolves.toEqual([v4('203.0.113.7')]);
});

test('of several addresses those that may not be are left out', async () => {
  const { look } = lookups([v4('169.254.169.254'), v4('203.0.113.7'), v6('2001:db8::1')]);
  await expect(look()).resolves.toEqual([v4('203.0.113.7'), v6('2001:db8::1')]);
});

test('look-ups that run at the same time are one, and a failed one is not remembered', async () => {
  const { look, asked } = lookups([v4('203.0.113.7')]);
  await Promise.all([look(), look(), look()]);
  expect(asked()).toBe(1);
  await expect(look()).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(look()).rejects.toMatchObject({ code: 'ENOTFOUND' });
  expect(asked()).toBe(3);
});

test('whoever asks for a single address gets one', async () => {
  const lookup = hostLookup(async () => [v4('203.0.113.7')]);
  const found = await new Promise((resolve) =>
    lookup('api.example', {}, (error, address, family) => resolve([error, address, family])),
  );
  expect(found).toEqual([null, '203.0.113.7', 4]);
});
