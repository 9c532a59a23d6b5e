import { ask } from '../../../faults/harness/http-json.ts';
import { seededRandom } from '../../../src/kernel/random.ts';
import { usdWords } from './amounts.ts';
import { inDatabase, readBooks } from './books.ts';
import { House } from './house.ts';
import { bySize, type Part } from './part.ts';

interface Booking {
  readonly id: string;
  readonly kind: 'top_up' | 'refund' | 'adjustment';
  readonly nano: bigint;
  readonly towards?: 'more' | 'less';
}

const COPIES = 4;
const CLIENTS = 16;

/**
 * The same messages again and again, in any order, also across a crash: each
 * is booked once. The balance is known beforehand, by adding up.
 */
export const m10: Part = {
  title: 'what comes twice, late or out of order is booked once',
  kind: 'own',
  async prove(ground, checks, size) {
    await using house = await House.start(ground);
    const key = await house.makeKey('m10');
    const scope = { kind: 'key', id: key.id };
    const made = await house.admin('/admin/budgets', { scope, per: 'lifetime', credit: true });
    const budget = String(made['id']);
    // Enough that neither a refund nor an adjustment can find too little, in whatever order they come.
    const first: Booking = { id: 'first', kind: 'top_up', nano: 1_000_000_000n };
    await book(house, budget, first);
    const bookings = makeBookings(bySize(size, { full: 400, quick: 80, sabotaged: 20 }));
    const random = seededRandom(10);
    const messages = bookings
      .flatMap((one) => Array.from({ length: COPIES }, () => ({ one, place: random.float() })))
      .sort((left, right) => left.place - right.place)
      .map(({ one }) => one);
    const half = messages.length >> 1;
    const answers = await bookAll(house, budget, messages.slice(0, half));
    await house.kill();
    await house.startGateway();
    answers.push(...(await bookAll(house, budget, messages.slice(half))));
    const bad = answers.filter(({ status }) => status !== 200 && status !== 201);
    checks.none(
      'M10: each booking is taken, or known already',
      bad.map(({ status, text }) => `${status} ${text.slice(0, 160)}`),
      `${messages.length} messages`,
    );
    const times = new Map<string, number>();
    for (const { id, booked } of answers) if (booked) times.set(id, (times.get(id) ?? 0) + 1);
    checks.each('M10: each is booked exactly once', bookings, ({ id }) =>
      times.get(id) === 1 ? [] : [`${id}: ${times.get(id) ?? 0} times`],
    );
    const altered = await book(house, budget, { ...first, nano: first.nano + 1n });
    checks.that(
      'M10: the same id for another amount is refused',
      altered.status >= 400 && altered.status < 500,
      `${altered.status}`,
    );
    await house.stop();
    const { accounts } = await inDatabase(house, readBooks);
    const sum = (kind: Booking['kind'], towards?: string) =>
      bookings.reduce((all, one) => (one.kind === kind && one.towards === towards ? all + one.nano : all), 0n);
    const bought = first.nano + sum('top_up') - sum('refund');
    const spent = sum('adjustment', 'more') - sum('adjustment', 'less');
    const [account] = accounts;
    checks.that(
      'M10: the balance is what adding up gives',
      accounts.length === 1 && account?.cap === bought && account.settled === spent,
      `${account?.settled} of ${account?.cap}, added up ${spent} of ${bought}`,
    );
    return { 'M10: bookings, messages': `${bookings.length}, ${messages.length}` };
  },
};

function makeBookings(count: number): Booking[] {
  return Array.from({ length: count }, (_, n): Booking => {
    const id = `m10-${n}`;
    const nano = 1_000n + BigInt(n * 37);
    if (n % 4 === 0) return { id, kind: 'top_up', nano };
    if (n % 4 === 1) return { id, kind: 'refund', nano };
    return { id, kind: 'adjustment', nano, towards: 'more' };
  });
}

interface Answer {
  readonly id: string;
  readonly status: number;
  readonly booked: boolean;
  readonly text: string;
}

async function bookAll(house: House, budget: string, messages: readonly Booking[]): Promise<Answer[]> {
  const left = [...messages];
  const answers: Answer[] = [];
  const client = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) answers.push(await book(house, budget, one));
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return answers;
}

async function book(house: House, budget: string, { id, kind, nano, towards }: Booking): Promise<Answer> {
  const amount = usdWords(nano);
  const more = kind === 'adjustment' ? { towards } : { paid_usd: amount };
  const body = { kind, id, budget, amount_usd: amount, ...more };
  const { status, text } = await ask(`${house.url}/admin/credits`, { bearer: house.adminToken, body });
  const booked = status < 300 && (JSON.parse(text) as { booked?: boolean }).booked === true;
  return { id, status, booked, text };
}
