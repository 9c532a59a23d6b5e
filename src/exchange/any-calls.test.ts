import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HandHouse, type HandHouseOptions } from '../../test/support/hand/house.ts';
import { DELTA, MESSAGES } from '../../test/support/hand/upstream.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { DegradeStep } from '../protocol/policy.ts';

/** Whatever happens to calls, in whatever order: each ends once, in one of its attempts, and leaves nothing. */

const FULL = () => new GatewayError('budget_unavailable', { message: 'The journal is full.' });

const STATUSES = [400, 401, 402, 404, 429, 500, 503] as const;
const CODES = ['context_length_exceeded', 'content_filter', 'insufficient_quota', 'other'] as const;
const which = fc.nat({ max: 5 });

/** One thing that happens; `at` picks among the calls or requests there are. */
const happening = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 60, 250, 5_000, 70_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('call' as const), stream: fc.boolean(), impatient: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('answer' as const, 'fail' as const), at: which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('refuse' as const),
      at: which,
      status: fc.constantFrom(...STATUSES),
      code: fc.constantFrom(...CODES),
      retryAfter: fc.constantFrom(undefined, '0', '1', '30', '600'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('begin' as const, 'finish' as const, 'end' as const), at: which }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('leave' as const, 'stop' as const), at: which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('slow' as const, 'write' as const, 'refuseRecords' as const, 'room' as const),
    }),
  },
);

type Happening = typeof happening extends fc.Arbitrary<infer One> ? One : never;

const DEGRADE: readonly (readonly DegradeStep[])[] = [
  [],
  [{ kind: 'text', text: 'Later.' }],
  [
    { kind: 'target', target: 'd/m', keepMessages: 1 },
    { kind: 'text', text: 'Later.' },
  ],
];

const setting = fc.record({
  targets: fc.constantFrom(
    ['a/m'],
    ['a/m', 'b/m'],
    ['a/m', 'b/m', 'c/m'],
    ['k/m', 'a/m'],
    ['e/m'],
    ['a/m', 'e/m'],
    ['e/m', 'a/m', 'b/m'],
  ),
  hedged: fc.boolean(),
  retried: fc.boolean(),
  aimed: fc.boolean(),
  beside: fc.boolean(),
  degrade: fc.constantFrom(...DEGRADE),
  budget: fc.constantFrom(undefined, 10n, 2_000n, 100_000_000n),
  charge: fc.constantFrom('winner_only' as const, 'all_attempts' as const),
  drain: fc.boolean(),
  attemptsMax: fc.constantFrom(1, 2, 3),
});

type Setting = typeof setting extends fc.Arbitrary<infer One> ? One : never;

function houseOf(chosen: Setting): HandHouse {
  const end = chosen.drain ? ('drain' as const) : ('abort' as const);
  const provider = { onClientGone: { stream: end, answer: end } };
  const options: HandHouseOptions = {
    providers: {
      a: provider,
      b: { ...provider, outputPicoUsd: 9_000n },
      c: provider,
      d: provider,
      // Speaks another dialect than the calls.
      e: { ...provider, dialects: ['anthropic-messages'] },
      k: { ...provider, credentials: ['one', 'two'] },
    },
    targets: chosen.targets,
    attemptsMax: chosen.attemptsMax,
    charge: chosen.charge,
    ...(chosen.budget === undefined ? {} : { budget: chosen.budget }),
    policies: {
      ...(chosen.retried ? { backoff: { baseMs: 250, maxMs: 8_000 } } : {}),
      ...(chosen.hedged ? { hedge: { afterMs: 50, percent: 100 } } : {}),
      ...(chosen.aimed ? { firstTokenMs: 200 } : {}),
      on: chosen.beside ? { contextLength: ['d/m'], contentPolicy: ['d/n'], budget: ['d/m'] } : {},
      degrade: chosen.degrade,
    },
  };
  return new HandHouse(options);
}

type Call = ReturnType<HandHouse['begin']> & { left?: boolean };

async function happens(own: HandHouse, calls: Call[], one: Happening): Promise<void> {
  const asked = 'at' in one ? own.asked[own.asked.length - 1 - one.at] : undefined;
  const call = 'at' in one ? calls[calls.length - 1 - one.at] : undefined;
  switch (one.kind) {
    case 'wait':
      return own.clock.advance(one.ms);
    case 'call':
      calls.push(own.begin({ stream: one.stream, facts: one.impatient ? { firstTokenMs: 100 } : {} }));
      break;
    case 'answer':
      asked?.answer();
      break;
    case 'refuse': {
      const headers: Record<string, string> = one.retryAfter === undefined ? {} : { 'retry-after': one.retryAfter };
      asked?.refuse(one.status, { code: one.code }, headers);
      break;
    }
    case 'fail':
      asked?.fail();
      break;
    case 'begin':
      asked?.stream();
      break;
    case 'finish':
      asked?.finish();
      break;
    case 'end':
      asked?.more(asked.provider === 'e' ? MESSAGES.delta : DELTA);
      asked?.end();
      break;
    case 'leave':
      if (call !== undefined) call.left = true;
      call?.exchange.clientGone();
      break;
    case 'stop':
      call?.exchange.shutDown();
      break;
    case 'slow':
      own.records.slow = true;
      break;
    case 'write':
    case 'refuseRecords':
      own.records.slow = false;
      own.records.write(one.kind === 'write' ? undefined : FULL());
      break;
    case 'room':
      own.records.room = !own.records.room;
      break;
  }
  await own.clock.advance(0);
}

test('every call ends once, whatever happens to it', async () => {
  await fc.assert(
    fc.asyncProperty(setting, fc.array(happening, { maxLength: 40 }), async (chosen, happenings) => {
      const own = houseOf(chosen);
      await own.translations.prepare();
      const calls: Call[] = [own.begin({ stream: true }), own.begin()];
      for (const one of happenings) await happens(own, calls, one);
      own.records.slow = false;
      own.records.write();
      // Longer than any call may take, and than what is read on for clients that left.
      await own.clock.advance(300_000);
      for (const { got, left } of calls) {
        const endings = got.ended + got.cut;
        // Who has left may not be told.
        expect([got.heads <= 1, endings === 1 || (left === true && endings === 0)]).toEqual([true, true]);
      }
      expect(own.records.starts.filter(({ attempt }) => attempt > chosen.attemptsMax)).toEqual([]);
      if (chosen.budget !== undefined) expect(own.balance.settled).toBeLessThanOrEqual(chosen.budget);
      await own.over();
    }),
    { numRuns: 400 },
  );
}, 60_000);
