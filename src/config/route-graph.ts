import type { RouteTargetConfig } from './config.ts';
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
    routes.set(name, { weighted: memberOf(value, 'strategy') === 'weighted', mentions });
  }
  return { routes, aliases };
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
export function flatTargets(graph: RouteGraph, name: string): RouteTargetConfig[] {
  const route = graph.routes.get(name);
  if (route === undefined) return [];
  return route.mentions.flatMap((mention) => {
    const end = mention.reference.kind === 'alias' ? aliasEnd(graph, mention.reference.name) : mention.reference;
    if (end === undefined) return [];
    const weight = route.weighted ? mention.weight : 1;
    if (end.kind === 'model') return [{ provider: end.provider, model: end.model, weight }];
    const nested = flatTargets(graph, end.name);
    if (!route.weighted) return nested.map((target) => ({ ...target, weight }));
    const whole = nested.reduce((sum, target) => sum + target.weight, 0);
    return nested.map((target) => ({ ...target, weight: (weight * target.weight) / whole }));
  });
}
