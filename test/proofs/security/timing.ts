import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { makeKey } from '../../../src/access/key-format.ts';
import { seededRandom, systemRandom } from '../../../src/kernel/random.ts';
import type { Checks } from '../parts/checks.ts';
import type { House } from './house.ts';
import { bearer, Session } from './session.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const DIFFERENCE_MAX = 0.05;
const BLOCKS = 15;
const WARM_UP_ROUNDS = 200;

/** One way to be refused; `next` gives what is presented each time. */
interface Kind {
  readonly name: string;
  next(): string;
}

/**
 * Whether the time of a refusal tells what was wrong with a key.
 *
 * Machines are noisy and neighbours worse, so times are never compared across
 * seconds: each round asks for every kind once, in random order, on one
 * connection. The rounds fall into blocks; of each block the medians are set
 * against that of the first kind, and the median of those quotients counts. The
 * same first kind takes part a second time under another name: what its quotient
 * differs from one is what the method cannot see here, and is allowed on top of
 * the five per cent.
 */
export async function proveTiming(house: House, checks: Checks, quick: boolean): Promise<Record<string, string>> {
  const rounds = quick ? 1_200 : 6_000;
  const random = systemRandom();
  const { client, revoked, expired } = house.keys;
  const fixed = (name: string, token: string): Kind => ({ name, next: () => token });
  const unknown = makeKey(random);
  const known = await compare(house, '/v1/models', rounds, [
    fixed('unknown', unknown),
    fixed('unknown again', makeKey(random)),
    fixed('revoked', revoked),
    fixed('expired', expired),
    fixed('right prefix, wrong secret', withPrefixOf(client, 7)),
    fixed('all but the end right', withPrefixOf(client, 30)),
    fixed('malformed', `${unknown.slice(0, -1)}${unknown.endsWith('0') ? '1' : '0'}`),
  ]);
  report(checks, 'a known refusal takes as long as any other', known);
  const fresh = await compare(house, '/v1/models', quick ? 300 : 1_500, [
    { name: 'a key nobody has', next: () => makeKey(random) },
    { name: 'another one', next: () => makeKey(random) },
    { name: 'right prefix', next: () => withPrefixOf(client, 7) },
    { name: 'two thirds right', next: () => withPrefixOf(client, 24) },
  ]);
  report(checks, 'a guess that is looked up takes as long whether it is near or far', fresh);
  const token = house.adminToken;
  const admin = await compare(house, '/admin/keys', rounds, [
    fixed('nothing right', `lwadmin_${'x'.repeat(token.length - 8)}`),
    fixed('nothing right, again', `lwadmin_${'y'.repeat(token.length - 8)}`),
    fixed('half right', `${token.slice(0, 30)}${'x'.repeat(token.length - 30)}`),
    fixed('all but one right', `${token.slice(0, -1)}${token.endsWith('x') ? 'y' : 'x'}`),
  ]);
  report(checks, 'a wrong admin token takes as long however much of it is right', admin);
  return Object.fromEntries([...known, ...fresh, ...admin].map(({ name, quotient }) => [name, quotient.toFixed(3)]));
}

interface Compared {
  readonly name: string;
  /** Its time by that of the first kind. */
  readonly quotient: number;
}

function report(checks: Checks, title: string, compared: readonly Compared[]): void {
  const [, again] = compared;
  const blindness = Math.abs((again?.quotient ?? Number.NaN) - 1);
  const allowed = DIFFERENCE_MAX + blindness;
  const told = compared.slice(1).map(({ name, quotient }) => `${name} ${quotient.toFixed(3)}`);
  const wrong = compared.filter(({ quotient }) => !(Math.abs(quotient - 1) <= allowed));
  checks.none(
    title,
    wrong.map(({ name, quotient }) => `${name} takes ${quotient.toFixed(3)} of it`),
    told.join(', '),
  );
}

async function compare(house: House, target: string, rounds: number, kinds: readonly Kind[]): Promise<Compared[]> {
  using session = new Session(house.port);
  const order = seededRandom(7);
  const times = kinds.map(() => [] as number[]);
  for (let round = -WARM_UP_ROUNDS / kinds.length; round < rounds; round++) {
    for (const index of shuffled(kinds.length, () => order.float())) {
      const headers = [bearer(kinds[index]?.next() ?? '')];
      const startedMs = performance.now();
      const { status } = await session.send({ target, headers });
      const tookMs = performance.now() - startedMs;
      if (status !== 401) throw new Error(`${kinds[index]?.name} got ${status}`);
      if (round >= 0) times[index]?.push(tookMs);
    }
  }
  const size = Math.floor(rounds / BLOCKS);
  const blocks = Array.from({ length: BLOCKS }, (_, block) =>
    times.map((all) => median(all.slice(block * size, (block + 1) * size))),
  );
  return kinds.map(({ name }, index) => ({
    name,
    quotient: median(blocks.map((medians) => (medians[index] ?? Number.NaN) / (medians[0] ?? Number.NaN))),
  }));
}

function shuffled(count: number, next: () => number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let at = count - 1; at > 0; at--) {
    const other = Math.floor(next() * (at + 1));
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
  return order;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A key that shares its first characters with another one and whose checksum is right: as near as a guess can come. */
function withPrefixOf(key: string, chars: number): string {
  const secretEnd = key.length - 6;
  let secret = key.slice(3, chars);
  for (const byte of randomBytes(secretEnd - chars)) secret += ALPHABET.charAt(byte % ALPHABET.length);
  let rest = crc32(secret);
  let checksum = '';
  for (let index = 0; index < 6; index++) {
    checksum = ALPHABET.charAt(rest % ALPHABET.length) + checksum;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return `lw_${secret}${checksum}`;
}
