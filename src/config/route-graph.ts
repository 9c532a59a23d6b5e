import { memberOf, members } from './document-tree.ts';
import type { ConfigPath } from './problem.ts';
import { type Reference, readReference } from './references.ts';

/** One mention of a model, an alias or a route, and where it stands. */
export interface Mention {
  readonly reference: Reference;
  readonly weight: number;
  readonly path: ConfigPath;
}

export interface RouteNode {
  readonly weighted: boolean;
  readonly mentions: readonly Mention[];
  /** What `on` and `degrade` name, in order. */
  readonly asides: readonly Aside[];
}

export interface Aside extends Mention {
  readonly why: 'context_length' | 'content_policy' | 'budget' | 'degrade';
}

/** A place where a route ends, and the mentions that lead there: the route's own is the last. */
export interface FlatTarget {
  readonly provider: string;
  readonly model: string;
  readonly weight: number;
  readonly mentions: readonly Mention[];
}

/** Which routes and aliases mention which. Read leniently, so that names are checked even where other things are wrong. */
export interface RouteGraph {
  readonly routes: ReadonlyMap<string, RouteNode>;
  readonly aliases: ReadonlyMap<string, Mention>;
}

export function routeGraph(document: unknown): RouteGraph {
  const aliases = new Map<string, Mention>();
  for (const [name, value] of members(document, 'aliases')) {
    const path = ['aliases', name];
    if (typeof value === 'string') aliases.set(name, { reference: readReference(value), weight: 1, path });
  }
  const routes = new Map<string, RouteNode>();
  for (const [name, value] of members(document, 'routes')) {
    const targets = memberOf(value, 'targets');
    const mentions = (Array.isArray(targets) ? targets : []).flatMap((target, index) =>
      mentionOf(target, ['routes', name, 'targets', index]),
    );
    const asides = asidesOf(value, ['routes', name]);
    routes.set(name, { weighted: memberOf(value, 'strategy') === 'weighted', mentions, asides });
  }
  return { routes, aliases };
}

function asidesOf(route: unknown, path: ConfigPath): Aside[] {
  const on = memberOf(route, 'on');
  const asides = (['context_length', 'content_policy', 'budget'] as const).flatMap((why) => {
    const named = memberOf(on, why);
    const place = [...path, 'on', why];
    const mentions = Array.isArray(named)
      ? named.flatMap((target, index) => mentionOf(target, [...place, index]))
      : mentionOf(named, place);
    return mentions.map((mention): Aside => ({ ...mention, why }));
  });
  const steps = memberOf(route, 'degrade');
  const degrade = (Array.isArray(steps) ? steps : []).flatMap((step, index) =>
    mentionOf(step, [...path, 'degrade', index]).map((mention): Aside => ({ ...mention, why: 'degrade' })),
  );
  return [...asides, ...degrade];
}

function mentionOf(target: unknown, path: ConfigPath): Mention[] {
  if (typeof target === 'string') return [{ reference: readReference(target), weight: 1, path }];
  const text = memberOf(target, 'target');
  if (typeof text !== 'string') return [];
  const weight = Number(memberOf(target, 'weight') ?? 1);
  return [{ reference: readReference(text), weight, path: [...path, 'target'] }];
}

/** What an alias stands for in the end; `undefined` for one that leads nowhere or in a circle. */
export function aliasEnd(graph: RouteGraph, name: string): Exclude<Reference, { kind: 'alias' }> | undefined {
  const passed = new Set<string>();
  let next = graph.aliases.get(name)?.reference;
  while (next !== undefined && next.kind === 'alias') {
    if (passed.has(next.name)) return undefined;
    passed.add(next.name);
    next = graph.aliases.get(next.name)?.reference;
  }
  return next;
}

/**
 * A route's targets with aliases and nested routes taken apart: a nested
 * fallback gives its targets in order, a nested weighting shares its parent's
 * weight. Needs a graph without circles and unknown names.
 */
export function flatTargets(graph: RouteGraph, name: string): FlatTarget[] {
  const route = graph.routes.get(name);
  return route === undefined ? [] : route.mentions.flatMap((mention) => flatMention(graph, mention, route.weighted));
}

/** What one mention leads to, in order. */
export function flatMention(graph: RouteGraph, mention: Mention, weighted = false): FlatTarget[] {
  const end = mentionEnd(graph, mention);
  if (end === undefined) return [];
  const weight = weighted ? mention.weight : 1;
  if (end.kind === 'model') return [{ provider: end.provider, model: end.model, weight, mentions: [mention] }];
  const nested = flatTargets(graph, end.name);
  const whole = nested.reduce((sum, target) => sum + target.weight, 0);
  return nested.map((target) => ({
    ...target,
    weight: weighted ? (weight * target.weight) / whole : weight,
    mentions: [...target.mentions, mention],
  }));
}

/** The model or the route that a mention stands for. */
export function mentionEnd(
  graph: RouteGraph,
  { reference }: Mention,
): Exclude<Reference, { kind: 'alias' }> | undefined {
  return reference.kind === 'alias' ? aliasEnd(graph, reference.name) : reference;
}
