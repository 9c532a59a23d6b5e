import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { Loss } from '../protocol/chat/codec.ts';
import { oneAnswer, type WholeAnswer } from '../providers/one-answer.ts';
import type { Plan, PlannedTarget } from '../routing/target.ts';
import type { AdmittedCall } from './call.ts';
import { upstreamPathOf } from './lanes.ts';
import type { TokenCounter } from './token-counter.ts';
import { upstreamHeaders } from './upstream-headers.ts';

/** A provider counts in moments; who waits longer is better served with a count of ours. */
const COUNT_MS_MAX = 30_000;

export interface TokenCountParts {
  readonly clock: Clock;
  readonly tokens: TokenCounter;
  /** @throws `no_route`, `forbidden` */
  plan(call: AdmittedCall): Plan;
  /** The count in a provider's answer; `undefined` where there is none. */
  readCount(body: Buffer): number | undefined;
}

/** How many input tokens a request has, and who says so. */
export type TokenCount =
  /** The provider's answer as it came, of its dialect. */
  | {
      readonly kind: 'asked';
      readonly body: Buffer;
      readonly target: PlannedTarget;
      readonly losses: readonly Loss[];
    }
  | { readonly kind: 'estimated'; readonly tokens: number }
  /** The provider says that the request is wrong, with which no count of ours would help. */
  | { readonly kind: 'refused'; readonly status: number; readonly body: Buffer; readonly target: PlannedTarget };

/**
 * Counts a request's input tokens, for which nobody is charged: there is no
 * hold, no attempt and no record. The targets to which the call would go first
 * are asked as long as they count in the request's own dialect; where the first
 * does not, or none answers for reasons of its own, the gateway counts.
 *
 * @throws what `plan` throws
 */
export async function countTokens(call: AdmittedCall, parts: TokenCountParts): Promise<TokenCount> {
  const plan = parts.plan(call);
  const { id } = call.request.dialect;
  const deadlineMs = parts.clock.monotonicMs() + Math.min(plan.totalMs, COUNT_MS_MAX);
  for (const target of plan.targets.slice(0, plan.attemptsMax)) {
    const withinMs = deadlineMs - parts.clock.monotonicMs();
    if (!target.provider.dialects.has(id) || withinMs <= 0) break;
    const count = await askedOf(target, call, { ...parts, withinMs });
    if (count !== undefined) return count;
  }
  return { kind: 'estimated', tokens: await ownCount(call, parts.tokens) };
}

interface Asking extends Pick<TokenCountParts, 'clock' | 'readCount'> {
  readonly withinMs: number;
}

/** @returns `undefined` where the provider, and not the request, is why there is no count */
async function askedOf(target: PlannedTarget, call: AdmittedCall, asking: Asking): Promise<TokenCount | undefined> {
  const { provider, model, credential } = target;
  const { dialect } = call.request;
  const { bytes, losses = [] } = call.request.encode({
    model: provider.nameOf(model),
    streamUsageOption: false,
    maxTokensField: provider.maxTokensField,
  });
  const answer = await answered(target, asking, async () => {
    await credential?.prepare?.();
    const path = upstreamPathOf(target, call.request.upstreamPath ?? dialect.upstreamPath);
    return { method: 'POST', path, headers: upstreamHeaders(call, target, 1), body: bytes };
  });
  if (answer === undefined) return undefined;
  const { status, header, body } = answer;
  if (status === 200) return asking.readCount(body) === undefined ? undefined : { kind: 'asked', body, target, losses };
  if (status === 401) credential?.refused?.();
  if (status < 400) return undefined;
  const refusal = { status, header, body, credential, dialect: dialect.id };
  const judged = provider.judge(refusal);
  return judged.relay && judged.error.retry === 'never' ? { kind: 'refused', status, body, target } : undefined;
}

async function answered(
  { provider }: PlannedTarget,
  { clock, withinMs }: Asking,
  request: () => Promise<Parameters<typeof oneAnswer>[1]>,
): Promise<WholeAnswer | undefined> {
  try {
    return await oneAnswer(provider.transport, await request(), { clock, withinMs, from: provider.name });
  } catch (thrown) {
    // Whoever cannot be reached, or has no credential for it, counts nothing: our own count is what is left, and says so.
    if (thrown instanceof GatewayError) return undefined;
    throw thrown;
  }
}

async function ownCount(call: AdmittedCall, tokens: TokenCounter): Promise<number> {
  const { texts, otherTokens } = call.request.measure().prompt();
  const counts = await tokens.count(texts);
  return counts.reduce((sum, count) => sum + count, otherTokens);
}
