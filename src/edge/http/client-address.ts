import type { IncomingMessage } from 'node:http';
import type { AddressSet } from '../../kernel/address-set.ts';

/** More hops than any real chain of proxies has. */
const HOPS_MAX = 20;

/**
 * Where a call comes from: the other end of its connection, or, when that is a
 * trusted proxy, the last address in `X-Forwarded-For` that is not one. What
 * stands before it may have been written by the client itself.
 *
 * @returns an IP address; `undefined` once the connection is gone, or when a trusted proxy says something else
 */
export function clientAddress(req: IncomingMessage, trusted: AddressSet | undefined): string | undefined {
  const peer = req.socket.remoteAddress;
  if (peer === undefined || trusted === undefined || !trusted.has(peer)) return peer;
  const header = req.headers['x-forwarded-for'];
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').slice(-HOPS_MAX);
  for (const hop of hops.reverse()) {
    const address = hop.trim();
    if (!trusted.has(address)) return address === '' ? peer : address;
  }
  return peer;
}
