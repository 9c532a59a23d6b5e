import type { BillLine } from '../../../src/sim/bill.ts';
import type { Checks } from '../parts/checks.ts';
import type { Books } from './books.ts';
import type { Told } from './caller.ts';
import { checkOneLineEach, costProblems, type Line } from './lines.ts';
import { sumOfBill } from './provider.ts';

/** What three sides say of the same calls. */
export interface Reckoning {
  readonly bill: readonly BillLine[];
  readonly lines: readonly Line[];
  readonly books: Books;
  readonly told: readonly Told[];
  /** Keys with a cap, by id. */
  readonly capped: ReadonlySet<string>;
  /** Attempts that the provider answered without their usage, where somebody has to know. */
  readonly uncounted?: ReadonlySet<string | undefined>;
  /** The lines as they were before they were reconciled. */
  readonly before?: readonly Line[];
}

const OVERDUE_MS = 5 * 60_000;

/** Before anybody has seen the provider's bill. */
export function checkBefore({ bill, lines, books, told, capped, uncounted }: Reckoning, checks: Checks): void {
  checkOneLineEach(bill, lines, checks, 'M4');
  const counted = new Set(lines.filter(({ source }) => source === 'provider').map(({ id }) => id));
  checks.none(
    'M4: what the provider counted and a client may have seen is booked as billed',
    costProblems(
      bill.filter(({ client_request_id: id }) => counted.has(id ?? '')),
      lines,
    ),
    `${counted.size} lines`,
  );
  const known = new Map(lines.map((line) => [line.id, line]));
  checks.each('M4: each whole answer that a client got is recorded as ok', whole(told), ({ callId, attempts }) => {
    const id = `${callId}-${attempts}`;
    const outcome = known.get(id)?.outcome;
    // No client waits for more than a moment until its answer is counted where the provider did not: a kill may be faster.
    const cut = outcome === 'interrupted' && uncounted?.has(id) === true;
    return outcome === 'ok' || cut ? [] : [`${id} is ${outcome ?? 'missing'}`];
  });
  checkOff({ bill, lines, books, capped }, checks);
  checkResolved({ lines, books }, checks);
  checks.none(
    'M4: a hold that is open is one of an attempt that a kill interrupted',
    books.holds
      .filter(({ callId }) => !lines.some((line) => line.callId === callId && line.outcome === 'interrupted'))
      .map(({ callId }) => callId),
    `${books.holds.length} kept`,
  );
}

/** Whose cost is known, by a checkpoint or otherwise, waits for nobody. */
function checkResolved({ lines, books }: Pick<Reckoning, 'lines' | 'books'>, checks: Checks): void {
  const unknown = new Set(
    lines.filter(({ outcome, cost }) => outcome === 'interrupted' && cost === undefined).map(({ callId }) => callId),
  );
  checks.none(
    'M4: no hold is open whose call’s cost is known',
    books.holds.filter(({ callId }) => !unknown.has(callId)).map(({ callId }) => callId),
    `${books.holds.length} kept, ${unknown.size} unknown`,
  );
}

/** What nobody could know is off by no more than was set aside for it. */
function checkOff(
  { bill, lines, books, capped }: Pick<Reckoning, 'bill' | 'lines' | 'books' | 'capped'>,
  checks: Checks,
): void {
  const billed = new Map(bill.map((line) => [line.client_request_id, BigInt(line.cost_nano_usd)]));
  const lastOf = new Map(lines.map((line) => [line.callId, line]));
  const calls = [...lastOf.values()].filter(({ key, callId }) => capped.has(key) && books.heldOf.has(callId));
  checks.each('M4: no capped call is off by more than its hold', calls, ({ id, callId }) => {
    const hold = books.heldOf.get(callId) ?? 0n;
    const open = books.holds.some((one) => one.callId === callId);
    const booked = open ? hold : (books.charged.get(callId) ?? 0n);
    const off = booked - (billed.get(id) ?? 0n);
    return (off < 0n ? -off : off) <= hold ? [] : [`${id} is off by ${off}, held ${hold}`];
  });
}

/** After the provider's bill was reconciled with the ledger. */
export function checkAfter({ bill, lines, books, capped }: Reckoning, checks: Checks): void {
  checkOneLineEach(bill, lines, checks, 'M4, reconciled');
  checks.none('M4: reconciled, each line costs what was billed', costProblems(bill, lines), `${bill.length} lines`);
  const ours = lines.reduce((sum, { cost }) => sum + (cost ?? 0n), 0n);
  const theirs = sumOfBill(bill);
  checks.that('M4: reconciled, the difference is 0', ours === theirs && theirs > 0n, `${ours} and ${theirs} nano-USD`);
  const now = Date.now();
  checks.none(
    'M4: no hold is older than its deadline and five minutes',
    books.holds.filter(({ resolveBy }) => resolveBy + OVERDUE_MS < now).map(({ callId }) => callId),
  );
  checks.that('M4: reconciled, no hold is left open', books.holds.length === 0, `${books.holds.length}`);
  checks.each('M4: reconciled, no balance holds anything', books.accounts, ({ budget, held }) =>
    held === 0n ? [] : [`${budget} holds ${held}`],
  );
  checkBalances({ lines, bill, books, capped }, checks);
}

function checkBalances(
  { lines, bill, books, capped }: Pick<Reckoning, 'bill' | 'lines' | 'books' | 'capped'>,
  checks: Checks,
): void {
  const billed = new Map(bill.map((line) => [line.client_request_id, BigInt(line.cost_nano_usd)]));
  const last = new Map(lines.map((line) => [line.callId, line]));
  const calls = [...last.values()].filter(({ key }) => capped.has(key));
  checks.each(
    'M4: reconciled, each capped call was charged what it was billed',
    calls,
    ({ id, callId, attempt, outcome }) => {
      const [charged, due] = [books.charged.get(callId) ?? 0n, billed.get(id) ?? 0n];
      const held = books.heldOf.get(callId);
      return charged === due
        ? []
        : [`${callId}, attempt ${attempt} (${outcome}) was charged ${charged}, billed ${due}, held ${held}`];
    },
  );
  const owed = [...last.values()].reduce(
    (sum, { id, key }) => (capped.has(key) ? sum + (billed.get(id) ?? 0n) : sum),
    0n,
  );
  const settledOn = (names: RegExp) =>
    books.accounts.reduce((sum, { budget, settled }) => (names.test(budget) ? sum + settled : sum), 0n);
  const [keys, family] = [settledOn(/m4-(rich|poor)$/), settledOn(/m4-family$/)];
  checks.that(
    'M4: reconciled, what capped keys have settled is what they were billed, on both levels',
    keys === owed && family === owed && owed > 0n,
    `${keys} and ${family}, billed ${owed}`,
  );
}

function whole(told: readonly Told[]): Told[] {
  return told.filter(({ status, text, left, broke }) => {
    if (status !== 200 || left || broke !== undefined) return false;
    return text.startsWith('{') || (text.includes('data: [DONE]') && !text.includes('"error"'));
  });
}
