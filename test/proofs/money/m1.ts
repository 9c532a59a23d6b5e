import type { Checks } from '../parts/checks.ts';
import { booksOf, usdWords } from './books.ts';
import { errorIn, type Told } from './caller.ts';
import type { House, MadeKey } from './house.ts';
import { Overrun } from './overrun.ts';
import { bySize, type Figures, type Part, type Size } from './part.ts';
import { sumOfBill } from './provider.ts';

const CALLS = 1_000;
const PAID_FOR = 100;
/** Every answer has exactly so many tokens, and its input is free: a call's bound is what it costs. */
const TOKENS = 20;
const OUTPUT_NANO = 600n;
const CALL_NANO = BigInt(TOKENS) * OUTPUT_NANO;
const BUDGET_NANO = CALL_NANO * BigInt(PAID_FOR);
const NUMBERS = ['scope', 'spent', 'held', 'limit', 'resets_at'];

/** A thousand calls at once on a budget for exactly a hundred. */
export const m1: Part = {
  title: `${CALLS} calls at once on a budget for exactly ${PAID_FOR}: ${PAID_FOR} are paid for, and nothing more is spent`,
  kind: 'shared',
  async prove(house, checks, size) {
    const runs = bySize(size, { full: 20, quick: 3, sabotaged: 1 });
    const overrun = new Overrun(house, await house.makeKey('m1 overrun'));
    const keys = await makeKeys(house, runs, overrun);
    await house.provider.prices([{ model: 'sim-small', from: 0, input: 0n, cached: 0n, output: OUTPUT_NANO * 1_000n }]);
    const took: number[] = [];
    let right = 0;
    for (const [run, key] of keys.entries()) {
      const beginMs = performance.now();
      right += (await oneRun(house, key, `run ${run + 1}`, checks)) ? 1 : 0;
      took.push(performance.now() - beginMs);
    }
    checks.that(`M1: ${runs} of ${runs} runs`, right === runs && runs > 0, `${right}`);
    await overrun.prove(checks);
    await house.provider.prices([]);
    await checkBooks(house, { runs, overrun }, checks, size);
    const figures: Figures = { 'M1: runs, calls each': `${runs}, ${CALLS}` };
    figures['M1: a run takes, ms'] = `${Math.round(Math.min(...took))} to ${Math.round(Math.max(...took))}`;
    return figures;
  },
};

async function makeKeys(house: House, runs: number, { budget, key }: Overrun): Promise<MadeKey[]> {
  const keys: MadeKey[] = [];
  const budgets: Record<string, unknown> = {
    [budget.name]: { scope: { key: key.id }, per: 'lifetime', hard: usdWords(budget.nano) },
  };
  for (let run = 0; run < runs; run++) {
    const key = await house.makeKey(`m1 run ${run}`);
    keys.push(key);
    budgets[`m1-${run}`] = { scope: { key: key.id }, per: 'lifetime', hard: usdWords(BUDGET_NANO) };
  }
  await house.addBudgets(budgets);
  return keys;
}

/** @returns whether all of it was as it must be */
async function oneRun(house: House, { key }: MadeKey, name: string, checks: Checks): Promise<boolean> {
  const failedBefore = checks.failed.length;
  await house.provider.turnPage();
  const wishes = Array.from({ length: CALLS }, (_, n) => ({
    key,
    body: {
      model: 'flat/sim-small',
      max_tokens: TOKENS,
      stream: n % 2 === 0,
      messages: [{ role: 'user', content: `Which way does wave ${n} run?` }],
    },
  }));
  const told = await Promise.all(wishes.map((wish) => house.callers.call(wish)));
  const upstream = await house.provider.asked();
  const bill = await house.provider.bill();
  const answered = told.filter(({ status }) => status === 200).length;
  const refused = told.filter(({ status }) => status === 402);
  checks.that(
    `M1, ${name}: ${PAID_FOR} answers, ${CALLS - PAID_FOR} refusals with 402`,
    answered === PAID_FOR && refused.length === CALLS - PAID_FOR,
    statuses(told),
  );
  checks.that(`M1, ${name}: exactly ${PAID_FOR} calls went upstream`, upstream === PAID_FOR, `${upstream}`);
  const spent = sumOfBill(bill);
  checks.that(`M1, ${name}: overshoot 0`, spent === BUDGET_NANO, `${spent - BUDGET_NANO} nano-USD`);
  checks.each(`M1, ${name}: each refusal says the numbers`, refused, refusalProblem);
  return checks.failed.length === failedBefore;
}

function refusalProblem(told: Told): string[] {
  const error = errorIn(told);
  const text = JSON.stringify(error);
  if (error.code !== 'budget_exceeded') return [`its code is ${error.code}`];
  const missing = NUMBERS.filter((name) => !text.includes(`"${name}`));
  return missing.length === 0 ? [] : [`it lacks ${missing.join(', ')}: ${text.slice(0, 200)}`];
}

async function checkBooks(
  house: House,
  { runs, overrun }: { runs: number; overrun: Overrun },
  checks: Checks,
  size: Size,
): Promise<void> {
  const { accounts, holds } = await booksOf(house, { restart: size.name !== 'sabotaged' });
  const own = accounts.filter(({ budget }) => /m1-\d+$/.test(budget));
  checks.that('M1: each budget has its account', own.length === runs, `${own.length}`);
  checks.each(
    'M1: each account is spent to the last nano-dollar, and nothing is held',
    own,
    ({ budget, settled, held }) =>
      settled === BUDGET_NANO && held === 0n ? [] : [`${budget}: ${settled} of ${BUDGET_NANO}, ${held} held`],
  );
  overrun.checkAccount(accounts, checks);
  checks.that('M1: no hold is left', holds.length === 0, `${holds.length}`);
}

export function statuses(told: readonly Told[]): string {
  const counts = new Map<string, number>();
  for (const { status, broke, text } of told) {
    const name = status === 200 || status === 402 ? String(status) : `${status} ${broke ?? text.slice(0, 80)}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} × ${name}`).join(', ');
}
