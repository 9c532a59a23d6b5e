import { expect, test } from 'vitest';
import { VirtualClock } from '../../kernel/clock.ts';
import type { CorrectionBooking } from '../admin-parts.ts';
import { correctionsAnswer } from './corrections.ts';

const corrections = (...attempts: readonly [callId: string, attempt: number][]) => ({
  body: {
    statement: 'bill',
    corrections: attempts.map(([call_id, attempt]) => ({ call_id, attempt, cost_nano_usd: '1' })),
  },
});

/** What the ledger says to each correction in turn. */
function parts(...bookings: readonly CorrectionBooking[]) {
  const left = [...bookings];
  return {
    clock: new VirtualClock(),
    journal: { flush: async () => undefined, lag: () => ({ oldestMs: 0 }) },
    warn: () => undefined,
    corrections: {
      correct: async () => ({ kind: 'corrected' as const, ledger: left.shift() ?? ('none' as const) }),
    },
  } as unknown as Parameters<typeof correctionsAnswer>[0];
}

test.each(['settled', 'none'] as const)(
  'a hold that waited for its call’s other attempt is booked once that is %s',
  async (last) => {
    const answer = await correctionsAnswer(
      parts('hold_waits_for_other_attempts', last),
      corrections(['call_1', 1], ['call_1', 2]),
    );
    expect([answer.unbooked, answer.corrected]).toEqual([[], 2]);
  },
);

test('a hold that still waits at the end is told', async () => {
  const answer = await correctionsAnswer(
    parts('hold_waits_for_other_attempts', 'settled'),
    corrections(['call_1', 1], ['call_2', 1]),
  );
  expect(answer.unbooked).toEqual([{ call_id: 'call_1', attempt: 1, reason: 'hold_waits_for_other_attempts' }]);
});
