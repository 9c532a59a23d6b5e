import { asideFindings } from './aside-findings.ts';
import { didYouMean } from './did-you-mean.ts';
import { type ConfigPath, error, type Finding, warning } from './problem.ts';
import { aliasEnd, flatTargets, type Mention, type RouteGraph } from './route-graph.ts';

const TARGETS_MAX = 64;

export interface RouteContext {
  readonly providers: ReadonlySet<string>;
  /** A value as it may be quoted in a message: as the file writes it, never what a reference gave. */
  quoted(path: ConfigPath): string;
}

/** Names that lead nowhere, names that mean two things, circles, and nestings that have no order. */
export function routeFindings(graph: RouteGraph, context: RouteContext): Finding[] {
  const findings: Finding[] = [];
  for (const mention of allMentions(graph)) findings.push(...unknownNames(mention, graph, context));
  for (const name of graph.aliases.keys()) {
    if (!graph.routes.has(name)) continue;
    findings.push(error(['aliases', name], `"${name}" is also the name of a route: rename one of them`, 'key'));
  }
  const circles = circleFindings(graph);
  findings.push(...circles);
  if (findings.length === 0) findings.push(...nestingFindings(graph), ...asideFindings(graph));
  return findings;
}

function allMentions(graph: RouteGraph): Mention[] {
  return [
    ...graph.aliases.values(),
    ...[...graph.routes.values()].flatMap((route) => [...route.mentions, ...route.asides]),
  ];
}

function unknownNames({ reference, path }: Mention, graph: RouteGraph, context: RouteContext): Finding[] {
  const shown = context.quoted(path);
  switch (reference.kind) {
    case 'route':
      if (graph.routes.has(reference.name)) return [];
      return [error(path, `${shown} names an unknown route${didYouMean(reference.name, graph.routes.keys())}`)];
    case 'alias': {
      if (graph.aliases.has(reference.name)) return [];
      const isRoute = graph.routes.has(reference.name);
      const guess = isRoute
        ? `, write "route/${reference.name}"`
        : didYouMean(reference.name, graph.aliases.keys()) || ': write provider/model, an alias or route/<name>';
      return [error(path, `${shown} is no alias${guess}`)];
    }
    case 'model': {
      if (reference.model.trim() === '') return [error(path, `${shown} names no model: write provider/model`)];
      if (context.providers.has(reference.provider)) return [];
      const guess = didYouMean(reference.provider, context.providers);
      const known = [...context.providers].join(', ');
      return [error(path, `${shown} names an unknown provider${guess || `: known are ${known}`}`)];
    }
  }
}

/** Each circle once, at the mention that closes it. */
function circleFindings(graph: RouteGraph): Finding[] {
  const findings: Finding[] = [];
  const done = new Set<string>();
  const visit = (node: string, trail: readonly string[]): void => {
    if (done.has(node)) return;
    for (const mention of mentionsOf(graph, node)) {
      const next = nodeName(mention);
      if (next === undefined) continue;
      const here = [...trail, node];
      if (here.includes(next)) {
        const circle = [...here.slice(here.indexOf(next)), next].map(spoken).join(' → ');
        findings.push(error(mention.path, `this goes in a circle: ${circle}`));
      } else {
        visit(next, here);
      }
    }
    done.add(node);
  };
  for (const name of graph.aliases.keys()) visit(`alias ${name}`, []);
  for (const name of graph.routes.keys()) visit(`route ${name}`, []);
  return findings;
}

function mentionsOf(graph: RouteGraph, node: string): readonly Mention[] {
  const name = node.slice(6);
  if (node.startsWith('route ')) return graph.routes.get(name)?.mentions ?? [];
  const alias = graph.aliases.get(name);
  return alias === undefined ? [] : [alias];
}

function nodeName({ reference }: Mention): string | undefined {
  return reference.kind === 'model' ? undefined : `${reference.kind} ${reference.name}`;
}

function spoken(node: string): string {
  return node.startsWith('route ') ? `route/${node.slice(6)}` : node.slice(6);
}

/** A draw inside an order (or an order inside a draw) has no flat form. */
function nestingFindings(graph: RouteGraph): Finding[] {
  const findings: Finding[] = [];
  for (const [name, route] of graph.routes) {
    for (const mention of route.mentions) {
      const { reference } = mention;
      const end = reference.kind === 'alias' ? aliasEnd(graph, reference.name) : reference;
      const nested = end?.kind === 'route' ? graph.routes.get(end.name) : undefined;
      if (nested === undefined || nested.mentions.length < 2 || nested.weighted === route.weighted) continue;
      const kinds = route.weighted ? 'a fallback route in a weighted one' : 'a weighted route in a fallback one';
      findings.push(error(mention.path, `${kinds} has no meaning: give both the same strategy`));
    }
    if (findings.length > 0) continue;
    const targets = flatTargets(graph, name);
    const path = ['routes', name, 'targets'];
    if (targets.length > TARGETS_MAX) {
      findings.push(
        error(path, `route "${name}" leads to ${targets.length} targets, at most ${TARGETS_MAX} are allowed`),
      );
    }
    const distinct = new Set(targets.map((target) => `${target.provider}/${target.model}`));
    if (distinct.size < targets.length) findings.push(warning(path, `route "${name}" leads to one target twice`));
  }
  return findings;
}
