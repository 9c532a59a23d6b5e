import { type DraftAlternatives, type DraftTarget, isModelName, TARGETS_MAX } from '../draft.ts';
import type { Importer } from '../importer.ts';
import type { SourcePart } from '../source-part.ts';
import type { Deployment } from './deployment.ts';

/** The deployments that clients call by one name. */
export interface ModelGroup {
  /** As the source has it. */
  readonly group: string;
  /** As clients can call it here. */
  readonly name: string;
  readonly deployments: readonly Deployment[];
}

export interface FallbackTarget {
  /** A group's name or a deployment's id. */
  readonly name: string;
  readonly part: SourcePart;
}

/** For one kind of failure. */
export interface FallbackLists {
  readonly byGroup: ReadonlyMap<string, readonly FallbackTarget[]>;
  /** For groups that have none of their own. */
  readonly defaults: readonly FallbackTarget[];
}

export interface GroupRules {
  /** By group. */
  readonly fallbacks: ReadonlyMap<string, readonly FallbackTarget[]>;
  readonly defaultFallbacks: readonly FallbackTarget[];
  readonly contextLength: FallbackLists;
  readonly contentPolicy: FallbackLists;
  /** How often a call is tried again; absent where the source says nothing. */
  readonly retries: SourcePart;
}

const ATTEMPTS_MAX = 3;

export function modelGroups(deployments: readonly Deployment[], importer: Importer): ModelGroup[] {
  const byGroup = Map.groupBy(deployments, ({ group }) => group);
  // All names are taken before the first is made up, so that no route gets the name of a group.
  for (const group of byGroup.keys()) if (isModelName(group) && !group.includes('*')) reserve(group, importer);
  return [...byGroup].flatMap(([group, all]): ModelGroup[] => {
    const [first] = all;
    if (first === undefined) return [];
    if (all.some(({ model }) => model.includes('*')) || group.includes('*')) {
      importer.draft.aliases.delete(group);
      for (const deployment of all) leaveWildcard(deployment, importer);
      return [];
    }
    // "openai/gpt-4o" for just that is how models are called here anyway.
    const direct = all.length === 1 && group === targetOf(first);
    const name = isModelName(group) || direct ? group : importer.draft.clientName(group.replaceAll('/', '-'));
    if (!direct) reserve(name, importer);
    for (const { part } of all) {
      if (name !== group) {
        importer.ledger.left(
          part.at('model_name'),
          'a slash divides provider and model here, and a name has no spaces',
          `clients send "${name}" instead`,
        );
      }
    }
    return [{ group, name, deployments: all }];
  });
}

function reserve(name: string, { draft }: Importer): void {
  draft.aliases.set(name, { target: '', from: [] });
}

function leaveWildcard({ group, provider, part, model }: Deployment, importer: Importer): void {
  const { ledger } = importer;
  const name = part.at('model_name');
  if (model === '*' && group === `${provider.name}/*`) {
    ledger.carried(name, `providers.${provider.name}, whose models are called ${provider.name}/<model>`);
  } else {
    ledger.left(name, 'there are no patterns for names', `clients send ${provider.name}/<model> instead`);
  }
}

/** Writes the aliases and routes for all groups. */
export function writeGroups(groups: readonly ModelGroup[], rules: GroupRules, importer: Importer): void {
  for (const group of groups) writeGroup(group, groups, rules, importer);
  for (const target of rules.defaultFallbacks) {
    if (deploymentsOf(target.name, groups).length === 0) leaveUnknown(target, importer);
    else importer.ledger.carried(target.part, 'routes');
  }
}

function writeGroup(group: ModelGroup, groups: readonly ModelGroup[], rules: GroupRules, importer: Importer): void {
  const { draft, ledger } = importer;
  const own = rules.fallbacks.get(group.group);
  const fallbacks = (own ?? rules.defaultFallbacks).filter(({ name }) => name !== group.group);
  const others = fallbacks.flatMap(({ name }) => deploymentsOf(name, groups));
  const from = group.deployments.map(({ part }) => part.place);
  const weights = weightsOf(group.deployments);
  const ordered = others.length === 0 ? group.deployments : byWeight(group.deployments, weights);
  const targets = distinct(
    [...ordered, ...others].map((one) => ({ one, weight: weights.get(one) })),
    others.length > 0,
  );
  const direct = isModelName(group.name) ? undefined : group.name;
  if (targets.length > TARGETS_MAX) {
    const last = group.deployments.at(-1)?.part ?? group.deployments[0]?.part;
    if (last !== undefined) {
      ledger.left(
        last.at('model_name'),
        `a route has at most ${TARGETS_MAX} targets`,
        'write a second route for the rest',
      );
    }
  }
  const asides = asidesOf(group, targets, groups, rules);
  if (direct !== undefined && targets.length === 1 && asides.on === undefined) {
    for (const { part, provider } of group.deployments) {
      ledger.carried(part.at('model_name'), `providers.${provider.name}, called as ${direct}`);
    }
    return;
  }
  const name = direct === undefined ? group.name : draft.clientName(group.name.replaceAll('/', '-'));
  const attemptsMax = attemptsOf(rules.retries, others.length > 0 ? fallbacks.length : 0, targets.length, importer);
  const place = draft.callable(name, {
    strategy: others.length > 0 ? 'fallback' : 'weighted',
    targets,
    ...(attemptsMax === undefined ? {} : { attemptsMax }),
    ...(asides.on === undefined ? {} : { on: asides.on }),
    from,
  });
  for (const { part } of group.deployments) {
    if (direct === undefined) ledger.carried(part.at('model_name'), place);
    else
      ledger.left(part.at('model_name'), 'a slash divides provider and model here', `clients send "${name}" instead`);
  }
  accountForWeights(group.deployments, place, others.length > 0, importer);
  for (const fallback of own ?? []) {
    if (deploymentsOf(fallback.name, groups).length === 0) leaveUnknown(fallback, importer);
    else ledger.carried(fallback.part, place);
  }
  for (const { part } of asides.used) ledger.carried(part, `${place}.on`);
  for (const { byGroup } of [rules.contextLength, rules.contentPolicy]) {
    for (const fallback of byGroup.get(group.group) ?? []) {
      if (deploymentsOf(fallback.name, groups).length === 0) leaveUnknown(fallback, importer);
    }
  }
}

/** As many as a route may name for one reason. */
const ASIDES_MAX = 8;

/** Where a group's calls go for a reason of their own: to what is not the only target already. */
function asidesOf(
  { group }: ModelGroup,
  targets: readonly DraftTarget[],
  groups: readonly ModelGroup[],
  { contextLength, contentPolicy }: GroupRules,
): { readonly on: DraftAlternatives | undefined; readonly used: readonly FallbackTarget[] } {
  const used: FallbackTarget[] = [];
  const named = ({ byGroup, defaults }: FallbackLists) => {
    const fallbacks = (byGroup.get(group) ?? defaults).filter(({ name }) => name !== group);
    const found = new Set<string>();
    for (const fallback of fallbacks) {
      const others = deploymentsOf(fallback.name, groups).map(targetOf);
      const usable = others.filter((target) => targets.length > 1 || target !== targets[0]?.target);
      if (usable.length > 0 && found.size < ASIDES_MAX) used.push(fallback);
      for (const target of usable) if (found.size < ASIDES_MAX) found.add(target);
    }
    return found.size === 0 ? undefined : [...found];
  };
  const [length, policy] = [named(contextLength), named(contentPolicy)];
  if (length === undefined && policy === undefined) return { on: undefined, used };
  return {
    on: {
      ...(length === undefined ? {} : { contextLength: length }),
      ...(policy === undefined ? {} : { contentPolicy: policy }),
    },
    used,
  };
}

function deploymentsOf(name: string, groups: readonly ModelGroup[]): readonly Deployment[] {
  const group = groups.find((candidate) => candidate.group === name);
  if (group !== undefined) return group.deployments;
  return groups.flatMap(({ deployments }) => deployments.filter(({ id }) => id === name));
}

function leaveUnknown({ part }: FallbackTarget, importer: Importer): void {
  importer.ledger.left(part, 'no model of this name was carried over', 'add it to the targets of the route by hand');
}

type WeightKind = keyof Deployment['weights'];

/** As simple-shuffle draws: by weight where one is given, else by requests, else by tokens a minute. */
function weightsOf(deployments: readonly Deployment[]): Map<Deployment, number> {
  const kinds: readonly WeightKind[] = ['weight', 'rpm', 'tpm'];
  const kind = kinds.find((candidate) => deployments.some(({ weights }) => weights[candidate] !== undefined));
  return new Map(
    deployments.flatMap((deployment) => {
      const weight = kind === undefined ? undefined : deployment.weights[kind];
      return weight === undefined || deployments.length < 2 ? [] : [[deployment, weight] as const];
    }),
  );
}

function byWeight(deployments: readonly Deployment[], weights: ReadonlyMap<Deployment, number>): Deployment[] {
  return [...deployments].sort((a, b) => (weights.get(b) ?? 1) - (weights.get(a) ?? 1));
}

function targetOf({ provider, model }: Deployment): string {
  return `${provider.name}/${model}`;
}

/** One target once: the same model at the same provider twice would only be tried twice. */
function distinct(all: readonly { one: Deployment; weight: number | undefined }[], ordered: boolean): DraftTarget[] {
  const targets = new Map<string, DraftTarget>();
  for (const { one, weight } of all) {
    const target = targetOf(one);
    const known = targets.get(target)?.weight ?? 0;
    const sum = ordered || weight === undefined ? undefined : Math.min(1_000_000, weight + known);
    targets.set(target, { target, ...(sum === undefined ? {} : { weight: sum }) });
  }
  return [...targets.values()];
}

/** Written only where it is less than what a route does anyway. */
function attemptsOf(retries: SourcePart, fallbacks: number, targets: number, importer: Importer): number | undefined {
  const { number } = retries;
  if (number === undefined || targets < 2) return undefined;
  const attempts = Math.max(1, Math.floor(number) + 1 + fallbacks);
  if (attempts < ATTEMPTS_MAX) importer.ledger.carried(retries, 'routes.*.attempts_max');
  return attempts < ATTEMPTS_MAX ? attempts : undefined;
}

/** A limit is kept as a share, not as a limit. */
function accountForWeights(
  deployments: readonly Deployment[],
  place: string,
  ordered: boolean,
  importer: Importer,
): void {
  const { ledger } = importer;
  const weights = weightsOf(deployments);
  for (const [index, deployment] of deployments.entries()) {
    const params = deployment.part.at('litellm_params');
    if (ordered && index > 0) {
      ledger.left(
        deployment.part.at('model_name'),
        'calls are not spread over the deployments of a model that has fallbacks: a route tries its targets in order',
        'to spread them, remove the fallbacks and set strategy: weighted',
      );
    }
    const weight = params.at('weight');
    if (weights.has(deployment) && weight.number === weights.get(deployment)) {
      ledger.carried(weight, ordered ? `the order of ${place}.targets` : `${place}.targets`);
    }
    for (const limit of [params.at('rpm'), params.at('tpm')]) {
      const kept = !ordered && weights.has(deployment) && limit.number === weights.get(deployment);
      ledger.left(
        limit,
        kept ? 'it is kept as a weight, but not as a limit' : 'there are no rate limits for providers',
        'nothing: a 429 of the provider moves the call to the next target',
      );
    }
  }
}
