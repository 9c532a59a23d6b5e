import type { BillLine } from '../../../src/sim/bill.ts';
import type { FaultRuleInput } from '../../../src/sim/faults/rules.ts';
import type { Checks } from '../parts/checks.ts';
import { ASKERS, type Asker, wishOf } from './askers.ts';
import { GEMINI_SHAPES } from './gemini-shapes.ts';
import type { House, MadeKey } from './house.ts';
import { checkOneLineEach, type Line } from './lines.ts';
import { MESSAGES_SHAPES } from './messages-shapes.ts';
import { bySize, type Figures, type Part } from './part.ts';
import { RESPONSES_SHAPES } from './responses-shapes.ts';
import { richCost } from './rich-prices.ts';
import { CHAT_SHAPES, type UsageShape } from './usage-shapes.ts';

/** The usage objects of one dialect, and where they come from. */
interface Family {
  readonly dialect: Asker;
  readonly model: string;
  readonly shapes: readonly UsageShape[];
  readonly shapesMin: number;
  readonly tokensMax: number;
  /** What plain tokens cost there, nano-USD. */
  cost(input: number, output: number): bigint;
}

const FAMILIES: readonly Family[] = [
  {
    dialect: 'chat',
    model: 'gold/sim-small',
    shapes: CHAT_SHAPES,
    shapesMin: 60,
    tokensMax: 16,
    cost: (input, output) => (BigInt(input) * 375n + BigInt(output) * 1_500n + 9n) / 10n,
  },
  { dialect: 'messages', model: 'rich-messages/sim-small', shapes: MESSAGES_SHAPES, shapesMin: 20, ...rich() },
  { dialect: 'responses', model: 'rich-native/sim-small', shapes: RESPONSES_SHAPES, shapesMin: 30, ...rich() },
  { dialect: 'gemini', model: 'rich-google/sim-small', shapes: GEMINI_SHAPES, shapesMin: 30, ...rich() },
];

function rich(): Pick<Family, 'tokensMax' | 'cost'> {
  return { tokensMax: 16, cost: richCost };
}

/** A request is measured as its client said it: dialects differ by what frames a message, and by no more. */
const FRAME_TOKENS = 6;

interface Case extends UsageShape {
  readonly family: Family;
  /** Who asks: another one than the provider's own is translated. */
  readonly asker: Asker;
  readonly stream: boolean;
  readonly callId: string;
  readonly status: number;
}

/** Whatever a provider says that it used, the price is the one worked out by hand, or an estimate that says so. */
export const m7: Part = {
  title: 'each shape of usage costs what it costs by hand, whoever asked',
  kind: 'shared',
  async prove(house, checks, size) {
    const figures: Figures = {};
    for (const family of FAMILIES) {
      const cases = await proveFamily(house, family, bySize(size, { full: true, quick: false }), checks);
      figures[`M7: shapes of ${family.dialect}, cases`] = `${family.shapes.length}, ${cases}`;
    }
    return figures;
  },
};

async function proveFamily(house: House, family: Family, whole: boolean, checks: Checks): Promise<number> {
  const { dialect, shapes, shapesMin } = family;
  const key = await house.makeKey(`m7 ${dialect}`);
  await house.provider.turnPage();
  const cases: Case[] = [];
  for (const [n, shape] of shapes.entries()) {
    for (const { asker, stream } of formsOf(dialect, shape, n, whole)) {
      cases.push(await askFor({ house, key, family, asker, stream }, shape));
    }
  }
  await house.provider.faults([]);
  const bill = await house.provider.bill();
  const lines = await house.settledLines(key);
  const name = `M7, ${dialect}`;
  checkOneLineEach(bill, lines, checks, name);
  checks.none(
    `${name}: every answer reached its client`,
    cases.filter(({ status }) => status !== 200).map((one) => `${titleOf(one)}: ${one.status}`),
  );
  const problems = cases.flatMap((one) => problemOf(one, bill, lines));
  checks.none(`${name}: each shape costs what it costs by hand, to the nano-dollar`, problems, `${cases.length} cases`);
  const names = new Set(shapes.map((shape) => shape.name)).size;
  checks.that(`${name}: there are at least ${shapesMin} shapes`, names >= shapesMin, `${names}`);
  const askers = new Set(cases.map(({ asker }) => asker)).size;
  checks.that(`${name}: clients of every dialect asked`, askers === ASKERS.length, `${askers}`);
  return cases.length;
}

interface Form {
  readonly asker: Asker;
  readonly stream: boolean;
}

/** The provider's own clients in both forms; of the others each one in both, or one of them in one. */
function formsOf(own: Asker, shape: UsageShape, n: number, whole: boolean): readonly Form[] {
  const streams = shape.place === undefined && shape.fault?.kind !== 'cut' ? [false, true] : [true];
  const others = ASKERS.filter((asker) => asker !== own);
  const both = (asker: Asker) => streams.map((stream) => ({ asker, stream }));
  if (whole) return ASKERS.flatMap(both);
  const asker = others[n % others.length] ?? own;
  return [...both(own), { asker, stream: streams[Math.floor(n / others.length) % streams.length] ?? true }];
}

interface Question extends Form {
  readonly house: House;
  readonly key: MadeKey;
  readonly family: Family;
}

async function askFor({ house, key: { key }, family, asker, stream }: Question, shape: UsageShape): Promise<Case> {
  const { usage, place } = shape;
  const text = usage === undefined ? {} : { text: usage };
  const fault: FaultRuleInput['fault'] = shape.fault ?? { kind: 'usage', place: place ?? 'own', ...text };
  await house.provider.faults([{ fault }]);
  const { model, tokensMax } = family;
  const wish = wishOf(asker, { model, text: `How do they count ${shape.name}?`, stream, tokensMax });
  const { callId, status } = await house.callers.call({ key, ...wish });
  return { ...shape, family, asker, stream, callId, status };
}

function titleOf({ name, asker, stream }: Case): string {
  return `${name} (${asker}${stream ? ', streamed' : ''})`;
}

function problemOf(one: Case, bill: readonly BillLine[], lines: readonly Line[]): string[] {
  const { callId, costs, family } = one;
  const line = lines.find(({ id }) => id === `${callId}-1`);
  const billed = bill.find(({ client_request_id: id }) => id === `${callId}-1`);
  const what = titleOf(one);
  if (line === undefined || billed === undefined) return [`${what} has no line`];
  const source = costs === 'estimated' ? 'estimated' : 'provider';
  if (line.source !== source) return [`${what} is ${line.source}, not ${source}`];
  if (costs === 'estimated')
    return estimateProblem(what, line, billed, one.asker === family.dialect ? 1 : FRAME_TOKENS);
  if (costs === 'unpriced') return line.cost === undefined ? [] : [`${what} costs ${line.cost}, which nobody can know`];
  const byHand = costs === 'billed' ? family.cost(billed.prompt_tokens, billed.completion_tokens) : costs;
  return line.cost === byHand ? [] : [`${what} costs ${line.cost}, by hand ${byHand}`];
}

/** A count that was credible stays; the other is what was made: within a token the output, and the input within so many. */
function estimateProblem(what: string, line: Line, billed: BillLine, inputWithin: number): string[] {
  if (line.cost === undefined) return [`${what} has no price`];
  const near = (mine: number | undefined, theirs: number, told: readonly number[], within = 1) =>
    mine !== undefined && (Math.abs(mine - theirs) <= within || told.includes(mine));
  const fine =
    near(line.inputTokens, billed.prompt_tokens, [3, 5, 9], inputWithin) &&
    near(line.outputTokens, billed.completion_tokens, [3, 9]);
  const made = `${billed.prompt_tokens} + ${billed.completion_tokens}`;
  return fine ? [] : [`${what} is estimated as ${line.inputTokens} + ${line.outputTokens}, made ${made}`];
}
