import type { FaultRuleInput } from '../../../src/sim/faults/rules.ts';
import type { Checks } from '../parts/checks.ts';
import { PRICES } from './house.ts';
import { checkOneLineEach, type Line } from './lines.ts';
import { bySize, type Figures, type Part } from './part.ts';

interface Case {
  readonly name: string;
  readonly faults: readonly FaultRuleInput[];
  readonly attempts: number;
  /** Whether the client gets the whole answer. */
  readonly whole: boolean;
  readonly stream: boolean;
}

const on = (model: string, fault: FaultRuleInput['fault']): FaultRuleInput => ({ match: { model }, fault });
const REFUSED: FaultRuleInput['fault'] = { kind: 'status', code: 500 };
/** The prompt is read and paid for, and nothing comes back. */
const READ: FaultRuleInput['fault'] = { kind: 'reset' };
const LOST: FaultRuleInput['fault'] = { kind: 'lost-answer' };

const CASES: readonly Case[] = [
  { name: 'the first target answers', faults: [], attempts: 1, whole: true, stream: false },
  { name: 'the first refuses', faults: [on('sim-large', REFUSED)], attempts: 2, whole: true, stream: false },
  {
    name: 'two refuse',
    faults: [on('sim-large', REFUSED), on('sim-reasoner', REFUSED)],
    attempts: 3,
    whole: true,
    stream: true,
  },
  {
    name: 'the first is reset once it has read',
    faults: [on('sim-large', READ)],
    attempts: 2,
    whole: true,
    stream: true,
  },
  {
    name: 'two are lost in three ways',
    faults: [on('sim-large', LOST), on('sim-reasoner', READ)],
    attempts: 3,
    whole: true,
    stream: false,
  },
  { name: 'all refuse', faults: [{ fault: REFUSED }], attempts: 3, whole: false, stream: false },
  { name: 'all are reset', faults: [{ fault: READ }], attempts: 3, whole: false, stream: true },
  {
    name: 'the stream breaks after its first bytes',
    faults: [on('sim-large', { kind: 'cut', afterEvents: 4 })],
    attempts: 1,
    whole: false,
    stream: true,
  },
];

/** As many lines as attempts, and the customer pays for the one that answered. */
export const m8: Part = {
  title: 'each attempt has its line, and the customer pays for one',
  kind: 'shared',
  async prove(house, checks, size): Promise<Figures> {
    let calls = 0;
    for (const one of CASES) {
      const key = await house.makeKey(`m8 ${one.name}`);
      await house.provider.turnPage();
      await house.provider.faults(one.faults);
      const wishes = Array.from({ length: bySize(size, { full: 8, quick: 3, sabotaged: 2 }) }, (_, turn) => ({
        key: key.key,
        body: {
          model: 'route/trio',
          max_tokens: 20 + turn,
          stream: one.stream,
          messages: [{ role: 'user', content: `Number ${turn}: where does the wind come from?` }],
        },
      }));
      const told = await Promise.all(wishes.map((wish) => house.callers.call(wish)));
      calls += told.length;
      await house.provider.faults([]);
      const lines = await house.settledLines(key);
      const bill = await house.provider.bill();
      const name = `M8, ${one.name}`;
      if (bill.length > 0) checkOneLineEach(bill, lines, checks, name);
      const counts = told.map(({ callId }) => lines.filter((line) => line.callId === callId).length);
      checks.none(
        `${name}: ${one.attempts} lines a call`,
        counts.flatMap((count) => (count === one.attempts ? [] : [`${count} lines`])),
        `${told.length} calls`,
      );
      checkCharges(name, one, { lines, bill: new Set(bill.map((line) => line.client_request_id)) }, checks);
    }
    return { 'M8: cases, calls': `${CASES.length}, ${calls}` };
  },
};

function checkCharges(
  name: string,
  { attempts, whole }: Case,
  { lines, bill }: { lines: readonly Line[]; bill: ReadonlySet<string | undefined> },
  checks: Checks,
): void {
  checks.none(
    `${name}: what upstream refused costs nothing, what it read costs something`,
    lines
      .filter(({ id, cost }) => cost === undefined || cost > 0n !== bill.has(id))
      .map(({ id, cost }) => `${id}: ${cost}`),
    `${lines.length} lines`,
  );
  const earlier = lines.filter(({ attempt }) => attempt < attempts);
  checks.none(
    `${name}: only the last attempt is charged`,
    earlier.filter(({ charge }) => charge !== 0n).map(({ id, charge }) => `${id} is charged ${charge}`),
  );
  const last = lines.filter(({ attempt }) => attempt === attempts);
  checks.none(
    `${name}: the last one is charged what it costs`,
    last.filter(({ charge, cost }) => charge !== cost).map(({ id, charge, cost }) => `${id}: ${charge}, costs ${cost}`),
  );
  const answered = last.filter(({ outcome }) => outcome === 'ok');
  checks.that(
    `${name}: ${whole ? 'each' : 'no'} call was answered`,
    whole ? answered.length === last.length && last.length > 0 : answered.length === 0,
    `${answered.length} of ${last.length}, at the prices of ${Object.keys(PRICES).length} models`,
  );
}
