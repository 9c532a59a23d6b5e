import type { BillLine, OnCancel } from '../../../src/sim/bill.ts';
import type { Checks } from '../parts/checks.ts';
import type { Told } from './caller.ts';
import type { House, MadeKey } from './house.ts';
import { checkOneLineEach, costProblems, type Line } from './lines.ts';
import { bySize, type Figures, type Part } from './part.ts';

/** A token every so often: what is made between a client's leaving and the provider's noticing is at most one. */
const TOKEN_MS = 120;
const TOKENS = 10;
/** The opening event, one for each token, the finish, the usage; `[DONE]` is the last. */
const EVENTS = TOKENS + 4;
const OFF_MAX = 0.02;

/** Clients that leave at every chunk: of a provider that stops billing then, and of one that does not. */
export const m6: Part = {
  title: 'a client that leaves at any chunk pays for what was made',
  kind: 'shared',
  async prove(house, checks, size) {
    const figures: Figures = {};
    await house.provider.faults([{ match: { stream: true }, fault: { kind: 'slow-stream', intervalMs: TOKEN_MS } }]);
    for (const [what, provider] of [
      ['stop', 'up'],
      ['run-on', 'draining'],
    ] as const) {
      const key = await house.makeKey(`m6 ${what}`);
      const budget = await house.capKey(key, 1_000_000_000n);
      await house.provider.onCancel(what);
      await house.provider.turnPage();
      const told = await leaveEverywhere(house, key, provider, bySize(size, { full: 4, quick: 1 }));
      const lines = await house.settledLines(key, 30_000);
      const bill = await house.provider.bill();
      checkOneLineEach(bill, lines, checks, `M6 ${what}`);
      checkLeft(what, { bill, lines, told }, checks);
      await checkCharged(house, budget, { lines, name: `M6 ${what}` }, checks);
      figures[`M6 ${what}: calls, left`] = `${told.length}, ${told.filter(({ left }) => left).length}`;
    }
    await house.provider.faults([]);
    await house.provider.onCancel('stop');
    return figures;
  },
};

async function leaveEverywhere(house: House, { key }: MadeKey, provider: string, rounds: number): Promise<Told[]> {
  const told: Promise<Told>[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let event = 0; event <= EVENTS; event++) {
      for (const path of ['/v1/chat/completions', '/v1/completions']) {
        const words = `Tell me of harbour ${round} and of light ${event}.`;
        const said = path === '/v1/completions' ? { prompt: words } : { messages: [{ role: 'user', content: words }] };
        const asked = { model: `${provider}/sim-small`, max_tokens: TOKENS, stream: true, ...said };
        const usageAsked = event % 2 === 0 ? { stream_options: { include_usage: true } } : {};
        told.push(house.callers.call({ key, path, body: { ...asked, ...usageAsked }, leaveAfterEvents: event }));
      }
    }
    // And one that is not streamed, whose client does not wait for it.
    const body = {
      model: `${provider}/sim-slow`,
      max_tokens: 1,
      messages: [{ role: 'user', content: `Wait, ${round}.` }],
    };
    told.push(house.callers.call({ key, body, leaveBeforeHeadMs: 100 }));
    await Promise.all(told);
  }
  return Promise.all(told);
}

/** The customer pays for what was made, whether somebody waited for its end or not. */
async function checkCharged(
  house: House,
  budget: string,
  { lines, name }: { readonly lines: readonly Line[]; readonly name: string },
  checks: Checks,
): Promise<void> {
  checks.each(`${name}: each line is charged what it costs`, lines, ({ id, charge, cost }) =>
    charge === cost ? [] : [`${id} is charged ${charge}, costs ${cost}`],
  );
  const owed = lines.reduce((sum, { charge }) => sum + (charge ?? 0n), 0n);
  const [account] = await house.accountsOf(budget);
  checks.that(
    `${name}: the account has settled the charges, and holds nothing`,
    account?.settled === owed && account.held === 0n,
    `${account?.settled} settled, ${account?.held} held, ${owed} charged`,
  );
}

interface Left {
  readonly bill: readonly BillLine[];
  readonly lines: readonly Line[];
  readonly told: readonly Told[];
}

function checkLeft(what: OnCancel, { bill, lines, told }: Left, checks: Checks): void {
  const name = `M6 ${what}`;
  const troubles = told.filter(({ status, left, broke }) => broke !== undefined || (!left && status !== 200));
  checks.none(
    `${name}: every call was answered, or left by its client`,
    troubles.map(({ status, broke, text }) => `${status} ${broke ?? text.slice(0, 120)}`),
    `${told.length} calls`,
  );
  const known = new Map(lines.map((line) => [line.id, line]));
  const unpriced = lines.filter(({ cost }) => cost === undefined);
  checks.none(
    `${name}: each line has its price`,
    unpriced.map(({ id, outcome }) => `${id} (${outcome})`),
  );
  if (what === 'run-on') {
    checks.none(`${name}: what runs on is drained, and booked as billed`, costProblems(bill, lines), `${bill.length}`);
    return;
  }
  const whole = bill.filter((line) => known.get(line.client_request_id ?? '')?.source === 'provider');
  checks.none(`${name}: what the provider counted is booked as billed`, costProblems(whole, lines), `${whole.length}`);
  const guessed = bill.flatMap((line) => {
    const own = known.get(line.client_request_id ?? '');
    return own?.source === 'estimated' ? [{ billed: line, own }] : [];
  });
  checks.that(`${name}: clients left in the middle`, guessed.length >= TOKENS, `${guessed.length} estimates`);
  checks.none(
    `${name}: estimates are within 2 %, or one token, of what was made`,
    guessed.flatMap(({ billed, own }) => estimateProblem(billed, own)),
    `${guessed.length} estimates`,
  );
}

function estimateProblem(billed: BillLine, own: Line): string[] {
  const off = (mine: number | undefined, theirs: number) =>
    mine === undefined || Math.abs(mine - theirs) > Math.max(1, theirs * OFF_MAX);
  if (!off(own.inputTokens, billed.prompt_tokens) && !off(own.outputTokens, billed.completion_tokens)) return [];
  return [
    `${own.id} (${own.outcome}) has ${own.inputTokens} + ${own.outputTokens}, made ${billed.prompt_tokens} + ${billed.completion_tokens}`,
  ];
}
