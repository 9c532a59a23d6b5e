import type { NanoUsd } from '../kernel/amounts.ts';
import { GatewayError } from '../kernel/errors.ts';
import { isNamePattern } from '../kernel/name-pattern.ts';
import { isTimeZone } from '../kernel/time-zone.ts';
import { NANO_USD_MAX } from '../kernel/usd-amount.ts';
import { usdText } from '../kernel/usd-text.ts';
import type { Budget } from './budget.ts';

/** A budget that somebody wants. */
export interface BudgetRequest extends Omit<Budget, 'id' | 'organisation' | 'declaredIn'> {
  /** Known already, where the scope is being made; absent: it is looked up. */
  readonly organisation?: string;
  readonly by: string;
}

type Limits = Omit<BudgetRequest, 'by' | 'scope' | 'organisation'>;

const RATES_MAX = 100;
const RATE_PPM_MAX = 1_000_000_000n;

/**
 * @param cheapest what a call in the scope can cost at least; `undefined` where no price is known
 * @throws `invalid_request` with what is wrong and why
 */
export function checkBudget(limits: Limits, cheapest: NanoUsd | undefined): void {
  const { period, timeZone, hard, soft, credit, each, rates = [] } = limits;
  if (!isTimeZone(timeZone)) {
    throw refused('time_zone', `'${timeZone.slice(0, 64)}' is no time zone. Take one such as Europe/Berlin or UTC.`);
  }
  checkAmount('hard_usd', hard);
  checkAmount('soft_usd', soft);
  if (credit && period !== 'lifetime')
    throw refused('per', 'Credit has no windows: what was bought is there until it is used up.');
  if (credit && hard !== undefined)
    throw refused('hard_usd', 'Credit has no cap but what was bought. Leave hard_usd out.');
  if (credit && each !== undefined) throw refused('each', 'Credit belongs to its whole scope. Leave each out.');
  if (hard !== undefined && soft !== undefined && soft > hard) {
    throw refused(
      'soft_usd',
      `The alert at $${usdText(soft)} would never come: calls are refused at $${usdText(hard)}.`,
    );
  }
  checkFloor(hard, cheapest);
  if (rates.length > RATES_MAX) throw refused('rates', `There are more than ${RATES_MAX} rates.`);
  const wrong = rates.find(({ models, ratePpm }) => !isNamePattern(models) || ratePpm < 0n || ratePpm > RATE_PPM_MAX);
  if (wrong !== undefined) throw refused('rates', `The rate of '${wrong.models.slice(0, 64)}' is not from 0 to 1000.`);
}

/**
 * A cap that pays for no call at all is a mistake, or a way to lock a key that has better ones.
 *
 * @throws `invalid_request`
 */
export function checkFloor(hard: NanoUsd | undefined, cheapest: NanoUsd | undefined): void {
  if (hard === undefined || cheapest === undefined || hard >= cheapest) return;
  throw refused(
    'hard_usd',
    `A cap of $${usdText(hard)} pays for no call: the cheapest that can be made costs $${usdText(cheapest)}. Raise it, or revoke the key.`,
  );
}

function checkAmount(param: string, amount: NanoUsd | undefined): void {
  if (amount === undefined || (amount > 0n && amount <= NANO_USD_MAX)) return;
  throw refused(param, `${param} must be above 0 and at most a thousand million US dollars.`);
}

function refused(param: string, message: string): GatewayError {
  return new GatewayError('invalid_request', { message, param });
}
