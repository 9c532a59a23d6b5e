import type {
  DegradeStep,
  GlobalPolicies,
  RouteAlternatives,
  RoutePolicies,
  TargetPolicies,
} from '../protocol/policy.ts';
import type { PoliciesConfig } from './config.ts';
import type { JsonObject } from './plain-json.ts';
import { POLICY_WORDS, type PolicyName } from './policy-words.ts';
import { durationText } from './units.ts';

type Value = JsonObject[string];

/** What holds everywhere, as the file would say it. */
export function writtenPolicies({ global, target, route }: PoliciesConfig): JsonObject {
  return { ...writtenTargetPolicies(target), ...writtenRouteSettings(route), ...writtenGlobal(global) };
}

export function writtenTargetPolicies(policies: TargetPolicies): JsonObject {
  const { retryBudget, breaker, coolDown, headroom, concurrency } = policies;
  return {
    retry_budget: written('retryBudget', retryBudget),
    breaker: breaker === undefined ? 'off' : { ...mapping('breaker', breaker), slow: written('slow', breaker.slow) },
    cool_down: written('coolDown', coolDown),
    headroom: written('headroom', headroom),
    concurrency: written('concurrency', concurrency),
  };
}

/** A route's policies without where it goes besides: `on` and `degrade` stand beside them in the file. */
export function writtenRouteSettings({ backoff, hedge, firstTokenMs, encryptedState }: RoutePolicies): JsonObject {
  return {
    backoff: written('backoff', backoff),
    hedge: hedge === undefined ? 'off' : { after: 'p95', ...mapping('hedge', hedge) },
    first_token_target: firstTokenMs === undefined ? 'off' : durationText(firstTokenMs),
    encrypted_state: encryptedState ?? 'drop',
  };
}

export function writtenAlternatives({ contextLength, contentPolicy, budget }: RouteAlternatives): JsonObject {
  return {
    ...(contextLength === undefined ? {} : { context_length: contextLength }),
    ...(contentPolicy === undefined ? {} : { content_policy: contentPolicy }),
    ...(budget === undefined ? {} : { budget }),
  };
}

export function writtenStep(step: DegradeStep): JsonObject {
  if (step.kind === 'text') return { text: step.text };
  const { target, keepMessages, outputTokensMax } = step;
  return {
    target,
    ...(keepMessages === undefined ? {} : { keep_messages: keepMessages }),
    ...(outputTokensMax === undefined ? {} : { output_tokens_max: outputTokensMax }),
  };
}

function writtenGlobal({ retriesInFlight, pingMs, shed }: GlobalPolicies): JsonObject {
  return {
    retries_in_flight: written('retriesInFlight', retriesInFlight),
    keep_alive: pingMs === undefined ? 'off' : durationText(pingMs),
    shed: written('shed', shed),
  };
}

function written(name: PolicyName, policy: object | undefined): Value {
  return policy === undefined ? 'off' : mapping(name, policy);
}

/** Members that are a mapping or absent are left to the caller. */
function mapping(name: PolicyName, policy: object): JsonObject {
  const members: Readonly<Record<string, unknown>> = { ...policy };
  return Object.fromEntries(
    Object.entries(POLICY_WORDS[name]).flatMap(([member, word]): [string, Value][] => {
      const value = members[member];
      if (typeof value === 'number') return [[word, /ms(Max|Min)?$/i.test(member) ? durationText(value) : value]];
      if (typeof value === 'boolean') return [[word, value]];
      return Array.isArray(value) ? [[word, value.map(Number)]] : [];
    }),
  );
}
