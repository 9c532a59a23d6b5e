import {
  DEFAULT_BACKOFF,
  DEFAULT_GLOBAL_POLICIES,
  DEFAULT_HEDGE,
  DEFAULT_TARGET_POLICIES,
  type DegradeStep,
  type GlobalPolicies,
  type RouteAlternatives,
  type RoutePolicies,
  type SlowPolicy,
  type TargetPolicies,
} from '../protocol/policy.ts';
import type { PoliciesConfig, RouteConfig, RouteTargetConfig } from './config.ts';
import type { FileConfig } from './file-schema.ts';
import type { FileRoutePolicies, FileTargetPolicies } from './policy-schema.ts';
import { POLICY_WORDS, type PolicyName, type Written } from './policy-words.ts';
import { type Aside, type FlatTarget, flatMention, flatTargets, type Mention, type RouteGraph } from './route-graph.ts';

type FileRoute = FileConfig['routes'][string];
/** What places say of a target, the least specific first. */
type TargetLayers = readonly (FileTargetPolicies | undefined)[];

/** What holds where nothing more specific is said. */
export function resolvedPolicies({ policies }: FileConfig): PoliciesConfig {
  return {
    global: globalPoliciesOf(policies),
    target: targetPoliciesOf([policies]),
    route: { ...routeSettings([policies]), on: {}, degrade: [] },
  };
}

/** What holds for a provider's targets; `undefined` where it says nothing of its own. */
export function providerPolicies(file: FileConfig, name: string): TargetPolicies | undefined {
  const own = policiesOfProvider(file, name);
  return own && targetPoliciesOf([file.policies, own]);
}

/** A route's targets and policies, each with all that the places above it say. */
export function resolvedRoute(
  file: FileConfig,
  graph: RouteGraph,
  name: string,
  route: FileRoute,
): Pick<RouteConfig, 'targets' | 'policies' | 'targetPolicies'> {
  const asides = graph.routes.get(name)?.asides ?? [];
  const targets = flatTargets(graph, name);
  const policies: RoutePolicies = {
    ...routeSettings([file.policies, route.policies]),
    on: alternativesOf(graph, asides),
    degrade: degradeOf(graph, asides, route),
  };
  const resolved = targets.map((target) => targetOf(file, route, target));
  if (!saysOfTargets(route.policies)) return { targets: resolved, policies };
  const flat = [...targets, ...asides.flatMap((aside) => flatMention(graph, aside))];
  const targetPolicies = new Map(
    flat.map(({ provider }) => [
      provider,
      targetPoliciesOf([file.policies, policiesOfProvider(file, provider), route.policies]),
    ]),
  );
  return { targets: resolved, policies, targetPolicies };
}

function targetOf(file: FileConfig, route: FileRoute, target: FlatTarget): RouteTargetConfig {
  const { provider, model, weight, mentions } = target;
  const entries = mentions.map((mention) => entryOf(file, mention)).filter((entry) => typeof entry === 'object');
  const own = entries.map(({ policies }) => policies).filter((policies) => policies !== undefined);
  const above = [file.policies, policiesOfProvider(file, provider), route.policies];
  const timeouts = mergedTimeouts(entries.map((entry) => entry.timeouts));
  return {
    provider,
    model,
    weight,
    ...(own.length === 0 ? {} : { policies: targetPoliciesOf([...above, ...own]) }),
    ...(timeouts === undefined ? {} : { timeouts }),
  };
}

/** As the file writes a route's target: in the route that it stands in, which may be a nested one. */
function entryOf(file: FileConfig, { path }: Mention): FileRoute['targets'][number] | undefined {
  const [, route, , index] = path;
  return typeof route === 'string' && typeof index === 'number' ? file.routes[route]?.targets[index] : undefined;
}

function policiesOfProvider(file: FileConfig, name: string): FileTargetPolicies | undefined {
  return Object.hasOwn(file.providers, name) ? file.providers[name]?.policies : undefined;
}

type FileTimeouts = Exclude<FileRoute['targets'][number], string>['timeouts'];

function mergedTimeouts(layers: readonly FileTimeouts[]): RouteTargetConfig['timeouts'] {
  const said = Object.assign({}, ...layers) as NonNullable<FileTimeouts>;
  const { first_byte, first_token, idle, total } = said;
  const timeouts = {
    ...(first_byte === undefined ? {} : { firstByteMs: first_byte }),
    ...(first_token === undefined ? {} : { firstTokenMs: first_token }),
    ...(idle === undefined ? {} : { idleMs: idle }),
    ...(total === undefined ? {} : { totalMs: total }),
  };
  return Object.keys(timeouts).length === 0 ? undefined : timeouts;
}

function targetPoliciesOf(layers: TargetLayers): TargetPolicies {
  const { retryBudget, breaker, coolDown, headroom, concurrency } = DEFAULT_TARGET_POLICIES;
  const breakers = layers.map((layer) => layer?.breaker);
  const slow = breakers.map((layer) => (typeof layer === 'object' ? layer.slow : undefined));
  const resolvedSlow: SlowPolicy | undefined = breaker.slow && layered('slow', slow, breaker.slow);
  return {
    coolDown:
      layered(
        'coolDown',
        layers.map((layer) => layer?.cool_down),
        coolDown,
      ) ?? coolDown,
    ...present(
      'retryBudget',
      layered(
        'retryBudget',
        layers.map((layer) => layer?.retry_budget),
        retryBudget,
      ),
    ),
    ...present('breaker', layered('breaker', breakers, { ...breaker, slow: resolvedSlow })),
    ...present(
      'headroom',
      layered(
        'headroom',
        layers.map((layer) => layer?.headroom),
        headroom,
      ),
    ),
    ...present(
      'concurrency',
      layered(
        'concurrency',
        layers.map((layer) => layer?.concurrency),
        concurrency,
      ),
    ),
  };
}

function routeSettings(layers: readonly (FileRoutePolicies | undefined)[]): Omit<RoutePolicies, 'on' | 'degrade'> {
  const hedge = layered(
    'hedge',
    layers.map((layer) => layer?.hedge),
    DEFAULT_HEDGE,
    false,
  );
  const firstToken = layers.findLast((layer) => layer?.first_token_target !== undefined)?.first_token_target;
  const encryptedState = layers.findLast((layer) => layer?.encrypted_state !== undefined)?.encrypted_state;
  return {
    ...present(
      'backoff',
      layered(
        'backoff',
        layers.map((layer) => layer?.backoff),
        DEFAULT_BACKOFF,
      ),
    ),
    ...present('hedge', hedge),
    ...(typeof firstToken === 'number' ? { firstTokenMs: firstToken } : {}),
    ...(encryptedState === 'refuse' ? { encryptedState } : {}),
  };
}

function globalPoliciesOf(policies: FileConfig['policies']): GlobalPolicies {
  const { retriesInFlight, shed, pingMs } = DEFAULT_GLOBAL_POLICIES;
  const keepAlive = policies.keep_alive ?? pingMs;
  return {
    ...present('retriesInFlight', layered('retriesInFlight', [policies.retries_in_flight], retriesInFlight)),
    ...(keepAlive === 'off' ? {} : { pingMs: keepAlive }),
    ...present('shed', layered('shed', [policies.shed], shed)),
  };
}

function saysOfTargets(policies: FileTargetPolicies | undefined): boolean {
  if (policies === undefined) return false;
  const { retry_budget, breaker, cool_down, headroom, concurrency } = policies;
  return [retry_budget, breaker, cool_down, headroom, concurrency].some((one) => one !== undefined);
}

function alternativesOf(graph: RouteGraph, asides: readonly Aside[]): RouteAlternatives {
  const named = (why: Aside['why']) => {
    const targets = asides.filter((aside) => aside.why === why).flatMap((aside) => flatMention(graph, aside));
    return targets.length === 0 ? undefined : [...new Set(targets.map(nameOf))];
  };
  return {
    ...present('contextLength', named('context_length')),
    ...present('contentPolicy', named('content_policy')),
    ...present('budget', named('budget')),
  };
}

function degradeOf(graph: RouteGraph, asides: readonly Aside[], { degrade }: FileRoute): DegradeStep[] {
  return degrade.flatMap((step, index): DegradeStep[] => {
    if (typeof step === 'object' && step.text !== undefined) return [{ kind: 'text', text: step.text }];
    const aside = asides.find(({ why, path }) => why === 'degrade' && path[3] === index);
    const { keep_messages, output_tokens_max } = typeof step === 'object' ? step : {};
    return (aside === undefined ? [] : flatMention(graph, aside)).map((target) => ({
      kind: 'target',
      target: nameOf(target),
      ...present('keepMessages', keep_messages),
      ...present('outputTokensMax', output_tokens_max),
    }));
  });
}

function nameOf({ provider, model }: FlatTarget): string {
  return `${provider}/${model}`;
}

/** An absent member means off, so an `undefined` one must not be there. */
function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Member in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [Member in Name]: Value });
}

/**
 * One policy of several places: the last that says something decides whether it
 * is on, and member by member the last that names one decides what it is.
 * Defaults give way to what is written, so that `max: 10` alone is no
 * contradiction to a default of 20.
 */
function layered<Policy extends object>(
  name: PolicyName,
  layers: readonly Written[],
  defaults: Policy,
  onByDefault = true,
): Policy | undefined {
  let isOn = onByDefault;
  const written = new Map<string, unknown>();
  for (const layer of layers) {
    if (layer === undefined) continue;
    isOn = layer !== false;
    if (typeof layer !== 'object') continue;
    for (const [word, value] of Object.entries(layer)) if (value !== undefined) written.set(word, value);
  }
  if (!isOn) return undefined;
  const said = Object.entries(POLICY_WORDS[name])
    // A nested policy has layers of its own.
    .filter(([, word]) => written.has(word) && word !== 'slow')
    // p95 is what an absent time means.
    .map(([member, word]) => [member, written.get(word) === 'p95' ? undefined : written.get(word)]);
  return fitted(defaults, Object.fromEntries(said) as Partial<Policy>);
}

/** Pairs of members of which the first is never above the second. */
const ORDERED: readonly (readonly [string, string])[] = [
  ['min', 'max'],
  ['min', 'initial'],
  ['initial', 'max'],
  ['openMs', 'openMsMax'],
  ['baseMs', 'maxMs'],
];

function fitted<Policy extends object>(defaults: Policy, said: Partial<Policy>): Policy {
  const policy: Record<string, unknown> = { ...defaults, ...said };
  for (const [less, more] of ORDERED) {
    const [small, large] = [policy[less], policy[more]];
    if (typeof small !== 'number' || typeof large !== 'number' || small <= large) continue;
    if (less in said) policy[more] = small;
    else policy[less] = large;
  }
  return policy as Policy;
}
