import { z } from 'zod';
import type { House } from './house.ts';
import { ask } from './http-json.ts';
import { comesTrue } from './waiting.ts';

const usage = z.object({
  input_tokens: z.number().nullable(),
  output_tokens: z.number().nullable(),
});
const money = z.object({ currency: z.literal('USD'), amount: z.string() });
const attempt = z.object({
  attempt: z.number(),
  provider: z.string(),
  model: z.string(),
  credential: z.string().nullable(),
  route_reason: z.string(),
  outcome: z.string().nullable(),
  status: z.number().nullable(),
  error: z.string().nullable(),
  error_message: z.string().nullable(),
  finish_reason: z.string().nullable(),
  total_ms: z.number().nullable(),
  usage: usage.nullable(),
  usage_source: z.string().nullable(),
  cost: money.nullable(),
});
const call = z.object({
  id: z.string(),
  state: z.enum(['running', 'ended']),
  status: z.number().nullable(),
  error: z.string().nullable(),
  total_ms: z.number().nullable(),
  cost: money.nullable(),
  attempts: z.array(attempt),
});

/** A call as `GET /v1/calls/{id}` tells it. */
export type CallRecord = z.infer<typeof call>;

const SETTLED_MS = 3_000;

/**
 * Reads the record once the call and each of its attempts have ended: one that
 * was given up is still being counted when another has answered. One that never
 * ends is returned as it is.
 */
export async function recordOf(house: House, callId: string): Promise<CallRecord | undefined> {
  let record: CallRecord | undefined;
  await comesTrue(async () => {
    const { status, text } = await ask(`${house.url}/v1/calls/${callId}`, { bearer: house.key });
    if (status !== 200) return false;
    record = call.parse(JSON.parse(text));
    return record.state === 'ended' && record.attempts.every(({ outcome }) => outcome !== null);
  }, SETTLED_MS);
  return record;
}

/** As one cell of the table. */
export function recordText(record: CallRecord | undefined): string {
  if (record === undefined) return 'no record';
  const attempts = record.attempts.map(({ outcome, error, usage: used, cost }) => {
    const what = error === null ? '' : ` ${error}`;
    const tokens = used === null ? '' : ` ${used.input_tokens ?? '?'}+${used.output_tokens ?? '?'}`;
    return `${outcome ?? 'open'}${what}${tokens} ${cost === null ? 'cost unknown' : `$${cost.amount}`}`;
  });
  return `${record.status ?? '-'} ${attempts.join(' | ')}`;
}
