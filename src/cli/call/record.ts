import { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import { deadline } from '../deadline.ts';
import type { Caller } from './caller.ts';
import { parsed } from './chat-reader.ts';
import { send, textOf } from './send.ts';

/** The record of a call stands in memory by the time its stream ends: nobody waits longer for it. */
const RECORD_MS_MAX = 2_000;

const money = z.looseObject({ currency: z.string(), amount: z.string() });
const usage = z.looseObject({ input_tokens: z.number().nullish(), output_tokens: z.number().nullish() });

const attemptRecord = z.looseObject({
  attempt: z.number(),
  provider: z.string(),
  model: z.string(),
  route_reason: z.string(),
  outcome: z.string().nullish(),
  error: z.string().nullish(),
  error_message: z.string().nullish(),
  first_token_ms: z.number().nullish(),
  total_ms: z.number().nullish(),
  usage: usage.nullish(),
  cost: money.nullish(),
});

/** The part of `GET /v1/calls/{id}` that is read here; the rest is let through. */
export const callRecord = z.looseObject({ id: z.string(), cost: money.nullish(), attempts: z.array(attemptRecord) });

export type CallRecord = z.output<typeof callRecord>;

/** A call's record as the gateway keeps it; `undefined` where it cannot be had, which nobody's answer depends on. */
export async function recordOfCall(
  requestId: string,
  { url, key }: Caller,
  clock: Clock,
): Promise<CallRecord | undefined> {
  const waiting = deadline(clock, RECORD_MS_MAX);
  try {
    const path = `${url}/v1/calls/${encodeURIComponent(requestId)}`;
    const answer = await send({ method: 'GET', url: path, key, signal: waiting.signal });
    const record = callRecord.safeParse(parsed(await textOf(answer)));
    return answer.statusCode === 200 && record.success ? record.data : undefined;
  } catch {
    // The answer is already printed: a record that cannot be had leaves its cost unknown, and the line says so.
    return undefined;
  } finally {
    waiting.cancel();
  }
}
