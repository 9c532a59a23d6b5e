import { seededRandom } from '../../../src/kernel/random.ts';
import type { BillLine } from '../../../src/sim/bill.ts';
import type { Checks } from '../parts/checks.ts';
import { usdWords } from './amounts.ts';
import { type Account, type Books, inDatabase, readBooks, watchCaps } from './books.ts';
import { errorIn, type Told, type Wish } from './caller.ts';
import { House, type MadeKey } from './house.ts';
import { checkOneLineEach, costProblems, type Line } from './lines.ts';
import { statuses } from './m1.ts';
import { bySize, type Figures, type Part } from './part.ts';

const CLIENTS = 48;
/** The only one there is without more being made. */
const PROJECT = 'proj_default';
/** About what a call of this load costs: 20 tokens in, 45 out, and a few of a model that is dearer. */
const CALL_NANO = 60_000n;

interface Family {
  readonly keys: readonly MadeKey[];
  /** The keys whose calls count on a budget. */
  readonly membersOf: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Caps on four levels, small enough that each of them runs out while others do
 * not, under clients that ask for any length, leave, and meet failures. A
 * trigger inside the database looks at every balance that is ever committed.
 */
export const m3: Part = {
  title: 'nested caps: settled and held together never exceed one, at any instant',
  kind: 'own',
  async prove(ground, checks, size) {
    const calls = bySize(size, { full: 10_000, quick: 1_200, sabotaged: 300 });
    await using house = await House.start(ground);
    await house.stop();
    await inDatabase(house, watchCaps);
    await house.startGateway();
    const family = await makeFamily(house, BigInt(calls) * CALL_NANO);
    await house.provider.onCancel('run-on');
    await house.provider.faults([
      { match: { model: 'sim-large', probability: 0.5 }, fault: { kind: 'status', code: 500 } },
    ]);
    const beginMs = performance.now();
    const told = await runLoad(house, family, calls);
    const tookMs = performance.now() - beginMs;
    const lines = await house.settledLines();
    const bill = await house.provider.bill();
    await house.stop();
    const books = await inDatabase(house, readBooks);
    checkOneLineEach(bill, lines, checks, 'M3');
    checkLoad(told, checks);
    checkCaps(books, family, { bill, lines }, checks);
    const figures: Figures = { 'M3: calls, upstream': `${told.length}, ${bill.length}` };
    figures['M3: calls a second'] = Math.round(told.length / (tookMs / 1_000));
    figures['M3: balances looked at'] = books.watched?.looks ?? 0;
    return figures;
  },
};

/** Three keys with two sub-keys each. What a level may spend is less than all below it might, here and there. */
async function makeFamily(house: House, all: bigint): Promise<Family> {
  const budgets: Record<string, unknown> = {};
  const membersOf = new Map<string, ReadonlySet<string>>();
  const keys: MadeKey[] = [];
  const cap = (name: string, scope: unknown, nano: bigint, members: readonly MadeKey[], per: string) => {
    budgets[name] = { scope, per, hard: usdWords(nano) };
    membersOf.set(name, new Set(members.map(({ id }) => id)));
  };
  for (const [n, share] of [30n, 22n, 40n].entries()) {
    const parent = await house.makeKey(`m3 ${n}`);
    const children: MadeKey[] = [];
    for (const [m, part] of [25n, 70n].entries()) {
      const child = await house.makeKey(`m3 ${n} ${m}`, { parent: parent.id });
      children.push(child);
      cap(`m3-sub-${n}-${m}`, { key: child.id }, (all * share * part) / 10_000n, [child], 'month');
    }
    keys.push(...children);
    cap(`m3-key-${n}`, { key: parent.id }, (all * share * 80n) / 10_000n, children, 'lifetime');
  }
  cap('m3-project', { project: PROJECT }, (all * 62n) / 100n, keys, 'lifetime');
  cap('m3-organisation', 'organisation', (all * 60n) / 100n, keys, 'month');
  await house.addBudgets(budgets);
  return { keys, membersOf };
}

async function runLoad(house: House, { keys }: Family, calls: number): Promise<Told[]> {
  const random = seededRandom(3);
  const wishes = Array.from({ length: calls }, (_, n): Wish => {
    const stream = random.float() < 0.5;
    const leaves = stream && random.float() < 0.1;
    const model = random.float() < 0.08 ? 'route/drained' : 'draining/sim-small';
    return {
      key: keys[Math.floor(random.float() * keys.length)]?.key ?? '',
      body: {
        model,
        // Some bounds are what is used, others much above it.
        max_tokens: 16 + Math.floor(random.float() * 150),
        stream,
        messages: [{ role: 'user', content: `What does gull ${n} cry?` }],
      },
      ...(leaves ? { leaveAfterEvents: Math.floor(random.float() * 12) } : {}),
    };
  });
  const told: Told[] = [];
  const client = async () => {
    for (let wish = wishes.pop(); wish !== undefined; wish = wishes.pop()) told.push(await house.callers.call(wish));
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return told;
}

function checkLoad(told: readonly Told[], checks: Checks): void {
  const strange = told.filter(
    ({ status, left, broke }) => broke !== undefined || (!left && status !== 200 && status !== 402),
  );
  checks.none(
    'M3: every call is answered, or refused for want of money',
    strange.map((one) => statuses([one])),
  );
  const refused = told.filter(({ status, left }) => status === 402 && !left);
  const clamped = told.filter(({ headers }) => /token/i.test(headers['x-leeward-warnings'] ?? ''));
  const left = told.filter((one) => one.left);
  const scopes = new Set(refused.map((one) => errorIn(one).details?.['scope']));
  checks.that(
    'M3: the load met refusals of several levels',
    scopes.size >= 2,
    `${refused.length}: ${[...scopes].join(', ')}`,
  );
  checks.that('M3: the load met calls that were clamped', clamped.length > 0, `${clamped.length}`);
  checks.that('M3: the load met clients that left', left.length > 0, `${left.length}`);
}

function checkCaps(
  { accounts, holds, watched }: Books,
  { membersOf }: Family,
  { bill, lines }: { bill: readonly BillLine[]; lines: readonly Line[] },
  checks: Checks,
): void {
  checks.that('M3: every balance that was committed was looked at', (watched?.looks ?? 0) > 100, `${watched?.looks}`);
  checks.none('M3: at no instant did settled + held exceed a cap', watched?.broken ?? ['nobody looked']);
  checks.that('M3: no hold is left', holds.length === 0, `${holds.length}`);
  checks.none('M3: each line costs what was billed', costProblems(bill, lines), `${lines.length} lines`);
  checks.each('M3: what each level has settled is what its keys were billed', membersOf, ([name, members]) => {
    const [account, ...more] = accounts.filter(({ budget }) => budget.endsWith(name));
    if (account === undefined || more.length > 0) return [`${name} has ${accounts.length} accounts`];
    return accountProblem(name, account, billedTo(members, bill, lines));
  });
  const full = accounts.filter(({ settled, cap }) => cap !== undefined && settled * 100n >= cap * 90n);
  checks.that('M3: several caps were all but spent', full.length >= 2, full.map(({ budget }) => budget).join(', '));
}

function accountProblem(name: string, { settled, held }: Account, billed: bigint): string[] {
  if (held !== 0n) return [`${name} still holds ${held}`];
  return settled === billed ? [] : [`${name} has settled ${settled}, billed ${billed}`];
}

/** By the provider's own bill, of attempts of these keys that the customer pays for. */
function billedTo(members: ReadonlySet<string>, bill: readonly BillLine[], lines: readonly Line[]): bigint {
  const known = new Map(lines.map((line) => [line.id, line]));
  const last = new Map(lines.map(({ callId, attempt }) => [callId, attempt]));
  return bill.reduce((sum, { client_request_id: id, cost_nano_usd: cost }) => {
    const line = known.get(id ?? '');
    const pays = line !== undefined && members.has(line.key) && last.get(line.callId) === line.attempt;
    return pays ? sum + BigInt(cost) : sum;
  }, 0n);
}
