import type { BillLine } from '../../../src/sim/bill.ts';
import type { FaultRuleInput } from '../../../src/sim/faults/rules.ts';
import type { House, MadeKey } from './house.ts';
import { checkOneLineEach, type Line } from './lines.ts';
import type { Part } from './part.ts';
import { SHAPES, STREAMED_SHAPES, type UsageShape } from './usage-shapes.ts';

const CASES_MIN = 60;

interface Case extends UsageShape {
  readonly stream: boolean;
  readonly callId: string;
  readonly status: number;
}

/** Whatever a provider says that it used, the price is the one worked out by hand, or an estimate that says so. */
export const m7: Part = {
  title: 'each shape of usage costs what it costs by hand',
  kind: 'shared',
  async prove(house, checks) {
    const key = await house.makeKey('m7');
    await house.provider.turnPage();
    const cases: Case[] = [];
    for (const shape of SHAPES) {
      for (const stream of [false, true]) cases.push(await askFor(house, key, shape, stream));
    }
    for (const shape of STREAMED_SHAPES) cases.push(await askFor(house, key, shape, true));
    await house.provider.faults([]);
    const bill = await house.provider.bill();
    const lines = await house.settledLines(key);
    checkOneLineEach(bill, lines, checks, 'M7');
    checks.none(
      'M7: every answer reached its client',
      cases.filter(({ status }) => status !== 200).map(({ name, stream, status }) => `${name} (${stream}): ${status}`),
    );
    const problems = cases.flatMap((one) => problemOf(one, bill, lines));
    checks.none('M7: each shape costs what it costs by hand, to the nano-dollar', problems, `${cases.length} cases`);
    checks.that(`M7: there are at least ${CASES_MIN} shapes`, new Set(cases.map(({ name }) => name)).size >= CASES_MIN);
    return { 'M7: shapes, cases': `${new Set(cases.map(({ name }) => name)).size}, ${cases.length}` };
  },
};

async function askFor(house: House, { key }: MadeKey, shape: UsageShape, stream: boolean): Promise<Case> {
  const { usage, place } = shape;
  const text = usage === undefined ? {} : { text: usage };
  const fault: FaultRuleInput['fault'] = { kind: 'usage', place: place ?? 'own', ...text };
  await house.provider.faults([{ fault }]);
  const body = {
    model: 'gold/sim-small',
    max_tokens: 5,
    stream,
    messages: [{ role: 'user', content: `How do they count ${shape.name}?` }],
  };
  const { callId, status } = await house.callers.call({ key, body });
  return { ...shape, stream, callId, status };
}

function problemOf({ name, stream, callId, costs }: Case, bill: readonly BillLine[], lines: readonly Line[]): string[] {
  const line = lines.find((one) => one.id === `${callId}-1`);
  const billed = bill.find((one) => one.client_request_id === `${callId}-1`);
  const what = `${name}${stream ? ' (streamed)' : ''}`;
  if (line === undefined || billed === undefined) return [`${what} has no line`];
  const source = costs === 'estimated' ? 'estimated' : 'provider';
  if (line.source !== source) return [`${what} is ${line.source}, not ${source}`];
  if (typeof costs === 'bigint') return line.cost === costs ? [] : [`${what} costs ${line.cost}, by hand ${costs}`];
  if (costs === 'billed') {
    const byHand = (BigInt(billed.prompt_tokens) * 375n + BigInt(billed.completion_tokens) * 1_500n + 9n) / 10n;
    return line.cost === byHand ? [] : [`${what} costs ${line.cost}, by hand ${byHand}`];
  }
  return estimateProblem(what, line, billed);
}

/** A count that was credible stays; the other is within a token of what was made. */
function estimateProblem(what: string, line: Line, billed: BillLine): string[] {
  if (line.cost === undefined) return [`${what} has no price`];
  const near = (mine: number | undefined, theirs: number, told: readonly number[]) =>
    mine !== undefined && (Math.abs(mine - theirs) <= 1 || told.includes(mine));
  const fine =
    near(line.inputTokens, billed.prompt_tokens, [3, 5, 9]) &&
    near(line.outputTokens, billed.completion_tokens, [3, 9]);
  const made = `${billed.prompt_tokens} + ${billed.completion_tokens}`;
  return fine ? [] : [`${what} is estimated as ${line.inputTokens} + ${line.outputTokens}, made ${made}`];
}
