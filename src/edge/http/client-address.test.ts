import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { AddressSet } from '../../kernel/address-set.ts';
import { clientAddress } from './client-address.ts';

/** The part of a request that is read. */
function request(peer: string | undefined, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return { socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage;
}

const proxies = new AddressSet(['10.0.0.0/8']);

test('without trusted proxies the connection alone says where a call comes from', () => {
  expect(clientAddress(request('203.0.113.7', '192.0.2.1'), undefined)).toBe('203.0.113.7');
  expect(clientAddress(request(undefined, '192.0.2.1'), undefined)).toBeUndefined();
});

test('nobody but a trusted proxy is believed', () => {
  expect(clientAddress(request('203.0.113.7', '192.0.2.1'), proxies)).toBe('203.0.113.7');
  expect(clientAddress(request('10.0.0.1', '192.0.2.1'), proxies)).toBe('192.0.2.1');
  expect(clientAddress(request('::ffff:10.0.0.1', '192.0.2.1'), proxies)).toBe('192.0.2.1');
});

test('what a client wrote itself stands before what the proxies saw, and counts for nothing', () => {
  expect(clientAddress(request('10.0.0.1', '127.0.0.1, 192.0.2.1, 10.9.9.9'), proxies)).toBe('192.0.2.1');
});

test('a proxy that says nothing is where the call comes from', () => {
  expect(clientAddress(request('10.0.0.1'), proxies)).toBe('10.0.0.1');
  expect(clientAddress(request('10.0.0.1', '10.0.0.2'), proxies)).toBe('10.0.0.1');
  expect(clientAddress(request('10.0.0.1', ' '), proxies)).toBe('10.0.0.1');
});
