import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, type LookupFunction } from 'node:net';

/** Where machines keep their own secrets: no provider's name leads there, whoever answers for it. */
const LINK_LOCAL = blockList([
  ['169.254.0.0', 16, 'ipv4'],
  ['fe80::', 10, 'ipv6'],
  ['fd00:ec2::254', 128, 'ipv6'],
]);

/** Not reachable from the internet, hence of a network that trusts its own. */
const INNER = blockList([
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
]);

/** The code of the error for a name that led to where it may not. */
export const ADDRESS_REFUSED = 'LEEWARD_ADDRESS_REFUSED';

type Resolve = (host: string, options: LookupOptions) => Promise<LookupAddress[]>;

/**
 * Looks up the host of one provider, for `net.connect`.
 *
 * A name that has led to the internet may not lead into an inner network later
 * (DNS rebinding), and none may lead to a link-local address: our credential
 * would be handed to whoever answers there. A provider that lives inside, as a
 * local model server does, is inside from the first look-up on. An address that
 * the configuration names itself is never looked up.
 *
 * Look-ups that run at the same time are one: each holds one of the few threads
 * that Node has for them, and a name server that keeps silent would otherwise
 * keep every other provider's name waiting too.
 */
export function hostLookup(resolve: Resolve = dns.promises.lookup as Resolve): LookupFunction {
  const running = new Map<string, Promise<LookupAddress[]>>();
  let seenOutside = false;

  const allowed = ({ address, family }: LookupAddress): boolean => {
    const type = family === 6 ? 'ipv6' : 'ipv4';
    if (LINK_LOCAL.check(address, type)) return false;
    return !(seenOutside && INNER.check(address, type));
  };

  const look = async (host: string, options: LookupOptions): Promise<LookupAddress[]> => {
    const found = await resolve(host, { ...options, all: true });
    const usable = found.filter(allowed);
    if (usable.length === 0) throw refusedAddress(host, found);
    seenOutside ||= usable.some(({ address, family }) => !INNER.check(address, family === 6 ? 'ipv6' : 'ipv4'));
    return usable;
  };

  const shared = (host: string, options: LookupOptions): Promise<LookupAddress[]> => {
    const key = `${host} ${options.family ?? 0}`;
    const known = running.get(key);
    if (known !== undefined) return known;
    const looking = look(host, options).finally(() => running.delete(key));
    running.set(key, looking);
    return looking;
  };

  return (host, options, callback) => {
    shared(host, options).then(
      (found) => {
        const [first] = found;
        if (options.all === true) callback(null, found);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

function refusedAddress(host: string, found: readonly LookupAddress[]): Error {
  const addresses = found.map(({ address }) => address).join(', ');
  return Object.assign(new Error(`${host} leads to ${addresses}, where this provider may not be`), {
    code: ADDRESS_REFUSED,
  });
}

function blockList(subnets: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix, type] of subnets) list.addSubnet(net, prefix, type);
  return list;
}
