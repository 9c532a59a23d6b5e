import type { Random } from '../kernel/random.ts';

/** As OpenAI's SDK does it: half a second, doubled each time, at most eight, a quarter of it by chance; a longer `Retry-After` than this is not obeyed. */
const FIRST_MS = 500;
const MOST_MS = 8_000;
const JITTER_SHARE = 0.25;
const RETRY_AFTER_MS_MAX = 60_000;

export interface SdkAnswer {
  /** 0 where the connection was cut. */
  readonly status: number;
  header(name: string): string | undefined;
}

/** @returns how long the SDK waits before it sends the request again; `undefined` when it does not */
export function sdkRetryMs(answer: SdkAnswer, retriesDone: number, random: Random): number | undefined {
  const should = answer.header('x-should-retry');
  if (should === 'false') return undefined;
  const { status } = answer;
  const usual = status === 0 || status === 408 || status === 409 || status === 429 || status >= 500;
  if (should !== 'true' && !usual) return undefined;
  const asked = Number(answer.header('retry-after-ms') ?? Number(answer.header('retry-after')) * 1_000);
  if (asked >= 0 && asked < RETRY_AFTER_MS_MAX) return asked;
  return Math.min(FIRST_MS * 2 ** retriesDone, MOST_MS) * (1 - random.float() * JITTER_SHARE);
}
