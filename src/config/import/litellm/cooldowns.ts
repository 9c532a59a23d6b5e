import { durationOf } from '../amounts.ts';
import type { Importer } from '../importer.ts';
import type { SourcePart } from '../source-part.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const FAILS_MAX = 999;
/** Beside the first attempt. */
const RETRIES = 2;

/** When LiteLLM leaves a deployment alone, and for how long. @see docs.litellm.ai/docs/proxy/reliability (read 2026-11-21) */
export function cooldowns(router: SourcePart, { draft, ledger }: Importer): void {
  const disabled = router.at('disable_cooldowns');
  if (disabled.value === true) {
    draft.policies.breaker = 'off';
    ledger.carried(disabled, 'policies.breaker');
    return;
  }
  ledger.noted(disabled);
  const time = router.at('cooldown_time');
  const open = durationOf(time, SECOND, HOUR);
  const fails = router.at('allowed_fails');
  const consecutive = Number.isInteger(fails.number) ? (fails.number ?? 0) + 1 : 0;
  const counted = consecutive >= 1 && consecutive <= FAILS_MAX;
  if (open !== undefined) {
    draft.policies.coolDown = { unasked: open };
    ledger.carried(time, 'policies.breaker.open and policies.cool_down.unasked');
  }
  if (counted) {
    ledger.carried(fails, 'policies.breaker.consecutive');
    ledger.left(fails, 'failures are counted in a row, not in a minute', 'policies.breaker has shares of failures too');
  }
  if (open === undefined && !counted) return;
  draft.policies.breaker = { ...(counted ? { consecutive } : {}), ...(open === undefined ? {} : { open }) };
}

/** Tries at one target: here the next target comes first, and a call makes three attempts in all. */
export function retries(part: SourcePart, { draft, ledger }: Importer): void {
  const { number } = part;
  if (number === undefined) return;
  if (number < 1) {
    draft.policies.backoff = 'off';
    ledger.carried(part, 'policies.backoff');
    return;
  }
  if (number === RETRIES) {
    ledger.carried(part, 'routes.*.attempts_max, which is 3 anyway');
    return;
  }
  ledger.left(
    part,
    'a call makes at most 3 attempts, each at another target as long as there is one',
    'lower attempts_max of a route where that is too many',
  );
}
