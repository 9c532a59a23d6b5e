import { GatewayError } from '../kernel/errors.ts';
import type { PlannedStep, PlannedTarget } from './target.ts';
import type { Closure } from './weather.ts';

/** A 503 of ours for want of room: by then some call will have ended. */
const FULL_RETRY_AFTER_MS = 1_000;
/** Of closed targets named in a reason. */
const NAMED_MAX = 3;

/** A target that was closed when its turn came. */
export interface Passed {
  readonly target: PlannedTarget;
  readonly closure: Closure;
}

/** When it opens again, on the monotonic clock; far away where nobody knows. */
export function untilOf({ closure }: Passed): number {
  return closure.untilMs ?? Number.MAX_SAFE_INTEGER;
}

/** The target with why it was chosen now, and which others were not. */
export function reasoned(target: PlannedTarget, passed: readonly Passed[], why: string | undefined): PlannedTarget {
  const over = passed.filter((other) => other.target !== target);
  const own = passed.find((other) => other.target === target);
  if (over.length === 0 && own === undefined && why === undefined) return target;
  const parts = [target.reason];
  if (why !== undefined) parts.push(why);
  if (own !== undefined) parts.push(`tried all the same: ${own.closure.reason}`);
  if (over.length > 0) parts.push(passedText(over));
  return { ...target, reason: parts.join(', ') };
}

export function passedText(passed: readonly Passed[]): string {
  const named = passed.slice(0, NAMED_MAX).map(({ target, closure }) => `${nameOf(target)} (${closure.reason})`);
  const more = passed.length > NAMED_MAX ? ` and ${passed.length - NAMED_MAX} more` : '';
  return `passed over ${named.join(', ')}${more}`;
}

export function afterFailure({ target, error }: { target: PlannedTarget; error: GatewayError }): string {
  return `after ${target.provider.name} gave ${error.code} (${error.status})`;
}

export function degradeName(step: PlannedStep): string {
  if (step.kind === 'text') return 'a fixed text';
  const shorter = step.keepMessages === undefined ? '' : `, the last ${step.keepMessages} messages`;
  const briefer = step.outputTokensMax === undefined ? '' : `, at most ${step.outputTokensMax} tokens`;
  return `${nameOf(step.target)}${shorter}${briefer}`;
}

function nameOf({ provider, model, credential }: PlannedTarget): string {
  return `${provider.name}/${model}${credential === undefined ? '' : `#${credential.name}`}`;
}

/** All providers of a call have asked to be left alone for longer than it may wait. */
export function throttled(passed: readonly Passed[], waitMs: number): GatewayError {
  return new GatewayError('rate_limited', {
    message: `No target of this call may be used now: ${passedText(passed)}. Send it again after ${Math.ceil(waitMs / 1_000)} s.`,
    retryAfterMs: Math.ceil(waitMs),
  });
}

/** Every target has as many calls as it bears. */
export function overfull(passed: readonly Passed[]): GatewayError {
  return new GatewayError('overloaded', {
    message: `Every target of this call has as many calls as it bears: ${passedText(passed)}.`,
    retryAfterMs: FULL_RETRY_AFTER_MS,
  });
}
