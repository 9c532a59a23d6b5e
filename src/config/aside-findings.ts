import { memberOf, members } from './document-tree.ts';
import { type ConfigPath, error, type Finding, warning } from './problem.ts';
import { type Aside, flatMention, flatTargets, mentionEnd, type RouteGraph } from './route-graph.ts';

const ASIDES_MAX = 16;

/** What is wrong with where routes go besides their targets. Needs a graph without circles and unknown names. */
export function asideFindings(graph: RouteGraph): Finding[] {
  return [...graph.routes].flatMap(([name, { asides }]) => {
    if (asides.length === 0) return [];
    const circles = asides.filter((aside) => leadsTo(graph, aside, name));
    if (circles.length > 0) return circles.map(({ path }) => error(path, `this leads back to route/${name} itself`));
    const targets = new Set(flatTargets(graph, name).map(({ provider, model }) => `${provider}/${model}`));
    const flat = asides.flatMap((aside) => flatMention(graph, aside));
    const many =
      flat.length > ASIDES_MAX
        ? [
            error(
              ['routes', name],
              `on and degrade lead to ${flat.length} targets, at most ${ASIDES_MAX} are allowed`,
              'key',
            ),
          ]
        : [];
    return [...many, ...asides.flatMap((aside) => pointless(graph, aside, targets))];
  });
}

/** A route's own `on` and `degrade` are not taken along by whoever names it: only its targets count. */
function leadsTo(graph: RouteGraph, aside: Aside, name: string): boolean {
  const end = mentionEnd(graph, aside);
  if (end?.kind !== 'route') return false;
  if (end.name === name) return true;
  return (
    graph.routes.get(end.name)?.mentions.some((mention) => leadsTo(graph, { ...mention, why: aside.why }, name)) ===
    true
  );
}

function pointless(graph: RouteGraph, aside: Aside, targets: ReadonlySet<string>): Finding[] {
  const end = mentionEnd(graph, aside);
  if (end?.kind === 'route' && graph.routes.get(end.name)?.weighted === true) {
    return [error(aside.path, 'a weighted route has no order to go by here: name its targets')];
  }
  const named = flatMention(graph, aside).map(({ provider, model }) => `${provider}/${model}`);
  if (aside.why === 'degrade' || targets.size > 1 || !named.every((target) => targets.has(target))) return [];
  const [only] = targets;
  return [error(aside.path, `${only} is the route's only target already: name another one`)];
}

const UNBUILT = ['cached', 'job'];

/** Steps of `degrade` that say nothing, too much, or what is not built yet. */
export function degradeFindings(document: unknown): Finding[] {
  return members(document, 'routes').flatMap(([name, route]) => {
    const steps = memberOf(route, 'degrade');
    if (!Array.isArray(steps)) return [];
    return steps.flatMap((step: unknown, index) =>
      stepFindings(step, ['routes', name, 'degrade', index], index < steps.length - 1, route),
    );
  });
}

function stepFindings(step: unknown, path: ConfigPath, goesOn: boolean, route: unknown): Finding[] {
  const oneAttempt = warning(path, 'attempts_max is 1: this target is used only where no other could be asked');
  const attemptsMax = memberOf(route, 'attempts_max');
  const tooFew = attemptsMax === 1 || attemptsMax === '1' ? [oneAttempt] : [];
  if (typeof step === 'string') return tooFew;
  if (typeof step !== 'object' || step === null) return [];
  const unbuilt = UNBUILT.filter((word) => memberOf(step, word) !== undefined);
  if (unbuilt.length > 0) {
    return unbuilt.map((word) => error([...path, word], `${word} is not built yet: use target or text`, 'key'));
  }
  const [target, text] = [memberOf(step, 'target'), memberOf(step, 'text')];
  if (target === undefined && text === undefined) return [error(path, 'this needs a target or a text')];
  if (target !== undefined && text !== undefined) {
    return [error([...path, 'text'], 'a target answers by itself: give each a step of its own', 'key')];
  }
  if (target !== undefined) return tooFew;
  const shaping = ['keep_messages', 'output_tokens_max'].filter((word) => memberOf(step, word) !== undefined);
  return [
    ...(typeof text === 'string' && text !== '' && text.trim() === ''
      ? [error([...path, 'text'], 'text must not be empty')]
      : []),
    ...shaping.map((word) => error([...path, word], `${word} means something with a target only`, 'key')),
    ...(goesOn ? [error(path, 'a text always answers: what comes after it is never reached')] : []),
  ];
}
