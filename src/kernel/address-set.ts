import { BlockList, isIP } from 'node:net';

const PREFIX = /^\d{1,3}$/;

/** An address or a range in CIDR notation, taken apart. */
interface Range {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Whether a text is an IP address, or a range of them as in `10.0.0.0/8`. */
export function isAddressRange(text: string): boolean {
  return rangeOf(text) !== undefined;
}

/** IP addresses and ranges of them. An IPv4 address that came over IPv6 (`::ffff:10.1.2.3`) counts as what it is. */
export class AddressSet {
  readonly #list = new BlockList();

  /** @param ranges each as {@link isAddressRange} wants it; others are left out, which only narrows the set */
  constructor(ranges: readonly string[]) {
    for (const text of ranges) {
      const range = rangeOf(text);
      if (range !== undefined) this.#list.addSubnet(range.address, range.bits, range.family);
    }
  }

  has(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }
}

function rangeOf(text: string): Range | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  // A zone (`fe80::1%eth0`) is a name of this machine's own: no rule about clients can mean it.
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined;
  const bitsMax = version === 4 ? 32 : 128;
  if (prefix !== undefined && !PREFIX.test(prefix)) return undefined;
  const bits = prefix === undefined ? bitsMax : Number(prefix);
  return bits > bitsMax ? undefined : { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}
