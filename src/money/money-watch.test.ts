import { expect, test } from 'vitest';
import { nano } from '../kernel/amounts.ts';
import { VirtualClock } from '../kernel/clock.ts';
import { type Alert, Alerts } from './alerts.ts';
import type { AccountRef, Budget } from './budget.ts';
import type { Payer } from './hold.ts';
import type { Settlement } from './ledger.ts';
import type { Balance } from './ledger-books.ts';
import { MoneyWatch } from './money-watch.ts';

const usd = (dollars: number) => nano(BigInt(Math.round(dollars * 1e9)));

const daily: Budget = {
  id: 'bud_day',
  organisation: 'org',
  scope: { kind: 'key', id: 'key_1' },
  period: 'day',
  timeZone: 'UTC',
  hard: usd(5),
  soft: usd(4),
  credit: false,
};
const pool: Budget = { ...daily, id: 'bud_pool', period: 'lifetime', credit: true, soft: usd(1) };
const payer: Payer = {
  callId: 'call_1',
  organisation: 'org',
  project: 'proj',
  keyId: 'key_1',
  models: [],
  at: 0,
  resolveBy: 1,
};
const plain: Settlement = {
  found: true,
  first: true,
  charged: usd(1),
  overrun: nano(0n),
  remaining: undefined,
  passed: [],
};

function watched() {
  const clock = new VirtualClock();
  const heard: Alert[] = [];
  const alerts = new Alerts(clock, (alert) => heard.push(alert));
  const balances = new Map<string, Balance>();
  const credit: AccountRef[] = [];
  let looks = 0;
  const watch = new MoneyWatch({
    alerts,
    clock,
    budget: (id) => [daily, pool].find((budget) => budget.id === id),
    creditOf: () => credit,
    balance: async ({ budget }) => {
      looks++;
      return balances.get(budget.id);
    },
    onTrouble: (error) => {
      throw error;
    },
  });
  return { clock, heard, alerts, balances, credit, watch, looks: () => looks };
}

const kinds = (heard: readonly Alert[]) => heard.map(({ kind }) => kind);

test('each mark is told once in a window, and again in the next', () => {
  const { watch, heard } = watched();
  const passed = (mark: 'soft' | 'hard', windowStart: number) =>
    watch.settled(
      {
        ...plain,
        passed: [
          {
            budgetId: 'bud_day',
            subject: '',
            windowStart,
            mark,
            settled: usd(4.5),
            limit: mark === 'soft' ? usd(4) : usd(5),
          },
        ],
      },
      payer,
    );
  passed('soft', 0);
  passed('soft', 0);
  passed('hard', 0);
  passed('soft', 86_400_000);
  expect(kinds(heard)).toEqual(['soft_passed', 'hard_passed', 'soft_passed']);
  expect(heard[0]?.message).toBe('The budget bud_day has passed its alert mark ($4.5 of $4).');
});

test('an overrun says by how much', () => {
  const { watch, heard } = watched();
  watch.settled({ ...plain, overrun: usd(0.25) }, payer);
  expect(heard).toMatchObject([{ kind: 'overrun', callId: 'call_1', excess: usd(0.25), number: 1 }]);
});

test('credit that runs out is told at 20 % and at 5 %, and anew after a top-up', async () => {
  const { watch, heard, clock, balances, credit, looks } = watched();
  credit.push({ budget: pool, subject: '', windowStart: 0 });
  const spend = async (settled: number, credited = 100) => {
    balances.set('bud_pool', { settled: usd(settled), held: nano(0n), credited: usd(credited) });
    for (let charge = 0; charge < 50; charge++) watch.settled(plain, payer);
    await clock.advance(1_000);
  };
  await spend(79.9);
  expect(kinds(heard)).toEqual([]);
  await spend(80);
  await spend(81);
  await spend(95);
  await spend(100);
  expect(heard.map(({ message }) => message.slice(-21))).toEqual([
    'less than 20 % is left.'.slice(-21),
    'less than 5 % is left.'.slice(-21),
  ]);
  await spend(101, 200);
  expect(heard).toHaveLength(2);
  await spend(170, 200);
  expect(heard).toHaveLength(3);
  // Fifty charges share one look.
  expect(looks()).toBe(7);
  expect(clock.pendingTimers).toBe(0);
});

test('unpriced models and bad usage are told once an hour', async () => {
  const { watch, heard, clock } = watched();
  for (let call = 0; call < 3; call++) {
    watch.unpriced('acme', 'large');
    watch.badUsage('acme', 'large', 'negative tokens');
  }
  expect(kinds(heard)).toEqual(['unpriced', 'bad_usage']);
  await clock.advance(3_600_000);
  watch.unpriced('acme', 'large');
  expect(heard).toHaveLength(3);
});

test('only the latest alerts are kept, the newest first', () => {
  const { watch, alerts, heard } = watched();
  for (let n = 0; n < 600; n++) watch.unpriced('acme', `m${n}`);
  expect(heard).toHaveLength(600);
  expect(alerts.list()).toHaveLength(500);
  expect([alerts.list()[0]?.number, alerts.list().at(-1)?.number]).toEqual([600, 101]);
});

test('a gateway that ends leaves no look behind', async () => {
  const { watch, clock, credit } = watched();
  credit.push({ budget: pool, subject: '', windowStart: 0 });
  watch.settled(plain, payer);
  watch.close();
  watch.settled(plain, payer);
  expect(clock.pendingTimers).toBe(0);
});
