import type { Checks } from '../parts/checks.ts';
import { errorIn, type Told } from './caller.ts';
import type { House, MadeKey } from './house.ts';
import { proveClamp, proveOverrun } from './m1-scenes.ts';
import { bySize, type Figures, type Part } from './part.ts';
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
    const runs = await makeRuns(house, bySize(size, { full: 20, quick: 3, sabotaged: 1 }));
    await house.provider.prices([{ model: 'sim-small', from: 0, input: 0n, cached: 0n, output: OUTPUT_NANO * 1_000n }]);
    const took: number[] = [];
    let right = 0;
    for (const [n, run] of runs.entries()) {
      const beginMs = performance.now();
      right += (await oneRun(house, run, `run ${n + 1}`, checks)) ? 1 : 0;
      took.push(performance.now() - beginMs);
    }
    checks.that(`M1: ${runs.length} of ${runs.length} runs`, right === runs.length && right > 0, `${right}`);
    await proveOverrun(house, checks);
    await proveClamp(house, checks);
    await house.provider.prices([]);
    const figures: Figures = { 'M1: runs, calls each': `${runs.length}, ${CALLS}` };
    figures['M1: a run takes, ms'] = `${Math.round(Math.min(...took))} to ${Math.round(Math.max(...took))}`;
    return figures;
  },
};

interface Run {
  readonly key: MadeKey;
  readonly budget: string;
}

async function makeRuns(house: House, count: number): Promise<Run[]> {
  const runs: Run[] = [];
  for (let run = 0; run < count; run++) {
    const key = await house.makeKey(`m1 run ${run}`);
    runs.push({ key, budget: await house.capKey(key, BUDGET_NANO) });
  }
  return runs;
}

/** @returns whether all of it was as it must be */
async function oneRun(house: House, { key: { key }, budget }: Run, name: string, checks: Checks): Promise<boolean> {
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
  const [account] = await house.accountsOf(budget);
  checks.that(
    `M1, ${name}: the account is spent to the last nano-dollar, and holds nothing`,
    account?.settled === BUDGET_NANO && account.held === 0n,
    `${account?.settled} of ${BUDGET_NANO}, ${account?.held} held`,
  );
  return checks.failed.length === failedBefore;
}

function refusalProblem(told: Told): string[] {
  const error = errorIn(told);
  const text = JSON.stringify(error);
  if (error.code !== 'budget_exceeded') return [`its code is ${error.code}`];
  const missing = NUMBERS.filter((name) => !text.includes(`"${name}`));
  return missing.length === 0 ? [] : [`it lacks ${missing.join(', ')}: ${text.slice(0, 200)}`];
}

export function statuses(told: readonly Told[]): string {
  const counts = new Map<string, number>();
  for (const { status, broke, text } of told) {
    const name = status === 200 || status === 402 ? String(status) : `${status} ${broke ?? text.slice(0, 80)}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} × ${name}`).join(', ');
}
