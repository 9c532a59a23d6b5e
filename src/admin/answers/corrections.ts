import type { CorrectedUsage } from '../../store/correction-queries.ts';
import type { AdminParts, CorrectionDesk } from '../admin-parts.ts';
import { freshen } from '../freshness.ts';
import type { Answer, Question } from './answers.ts';

const WAITS = 'hold_waits_for_other_attempts';

type Given = Question<'correct'>['body']['corrections'][number];

/** One after the other: each is its own transaction, and what one of them meets leaves the others alone. */
export async function correctionsAnswer(
  parts: Pick<AdminParts, 'clock' | 'journal' | 'warn' | 'corrections'>,
  { body }: Pick<Question<'correct'>, 'body'>,
): Promise<Answer<'correct'>> {
  await freshen(parts);
  const result: Answer<'correct'> = {
    statement: body.statement,
    corrected: 0,
    again: 0,
    booked: 0,
    settled: 0,
    refused: [],
    unbooked: [],
  };
  const waiting = new Set<string>();
  for (const given of body.corrections) {
    const place = { call_id: given.call_id, attempt: given.attempt };
    const outcome = await correct(parts.corrections, body.statement, given, parts.clock.now());
    if (outcome.kind === 'unknown' || outcome.kind === 'running') {
      result.refused.push({ ...place, reason: outcome.kind === 'unknown' ? 'unknown_attempt' : 'running' });
      continue;
    }
    result[outcome.kind]++;
    if (outcome.ledger === WAITS) waiting.add(given.call_id);
    else waiting.delete(given.call_id);
    if (outcome.ledger === 'booked' || outcome.ledger === 'settled') result[outcome.ledger]++;
    else if (outcome.ledger !== 'none') result.unbooked.push({ ...place, reason: outcome.ledger });
  }
  // The last of a call's attempts to be put right settles the hold that the others waited for, or finds it settled
  // by the recovery that waited for the same.
  result.unbooked = result.unbooked.filter(({ call_id: id, reason }) => reason !== WAITS || waiting.has(id));
  return result;
}

function correct(desk: CorrectionDesk, statement: string, given: Given, at: number) {
  const { call_id: callId, attempt, usage, cost_nano_usd: cost, charge_nano_usd: charge } = given;
  return desk.correct({
    statement,
    callId,
    attempt,
    costNanoUsd: BigInt(cost),
    ...(charge === undefined ? {} : { chargeNanoUsd: BigInt(charge) }),
    ...(usage === undefined ? {} : { usage: usageOf(usage) }),
    createdBy: 'admin',
    at,
  });
}

function usageOf(usage: NonNullable<Given['usage']>): CorrectedUsage {
  return {
    ...(usage.input_tokens === undefined ? {} : { inputTokens: usage.input_tokens }),
    ...(usage.cached_input_tokens === undefined ? {} : { cachedInputTokens: usage.cached_input_tokens }),
    ...(usage.cache_write_tokens === undefined ? {} : { cacheWriteTokens: usage.cache_write_tokens }),
    ...(usage.output_tokens === undefined ? {} : { outputTokens: usage.output_tokens }),
    ...(usage.reasoning_tokens === undefined ? {} : { reasoningTokens: usage.reasoning_tokens }),
  };
}
