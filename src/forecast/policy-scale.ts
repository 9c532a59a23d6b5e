import type { TargetPolicies } from '../protocol/policy.ts';
import type { SampleScale } from './forecast-asked.ts';

/** A window holds twice the calls that its policy wants to see before it judges. */
const CALLS_TWICE = 2;
/** A share of fewer calls than this is no share. */
const BUDGET_CALLS = 50;

/**
 * Policies as they must be where only a part of the calls is made. What is
 * counted within a window gets a longer one, until it holds as many calls as
 * the policy needs to judge by, and never more than it would hold of all
 * calls; what is allowed per second is so many times less. What depends on
 * single calls is left as it is.
 */
export function scaledPolicies(policies: TargetPolicies, { standsFor, ratePerSecond }: SampleScale): TargetPolicies {
  if (standsFor === 1) return policies;
  const { retryBudget, breaker } = policies;
  const stretched = (windowMs: number, calls: number) => {
    const neededMs = (calls / Math.max(ratePerSecond, Number.MIN_VALUE)) * 1_000;
    return Math.round(Math.max(windowMs, Math.min(windowMs * standsFor, neededMs)));
  };
  return {
    ...policies,
    ...(retryBudget === undefined
      ? {}
      : {
          retryBudget: {
            ...retryBudget,
            perSecondMin: retryBudget.perSecondMin / standsFor,
            windowMs: stretched(retryBudget.windowMs, BUDGET_CALLS),
          },
        }),
    ...(breaker === undefined
      ? {}
      : { breaker: { ...breaker, windowMs: stretched(breaker.windowMs, breaker.callsMin * CALLS_TWICE) } }),
  };
}
