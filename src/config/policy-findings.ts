import { memberOf, members, valueAt } from './document-tree.ts';
import { type ConfigPath, error, type Finding, warning } from './problem.ts';
import { type FlatTarget, flatTargets, type RouteGraph } from './route-graph.ts';
import { durationMs } from './units.ts';

/** `less` may not be above `more`, in one mapping or over several places of which a later one wins. */
interface Order {
  /** The mapping that both stand in, as `policies.breaker`. */
  readonly at: readonly string[];
  readonly less: string;
  readonly more: string;
  readonly kind: 'count' | 'time';
}

const time = (at: readonly string[], less: string, more: string): Order => ({ at, less, more, kind: 'time' });
const count = (at: readonly string[], less: string, more: string): Order => ({ at, less, more, kind: 'count' });

const TIMEOUTS = ['timeouts'];
const CONCURRENCY = ['policies', 'concurrency'];

const TARGET_ORDERS: readonly Order[] = [
  time(['policies', 'breaker'], 'open', 'open_max'),
  count(CONCURRENCY, 'min', 'max'),
  count(CONCURRENCY, 'initial', 'max'),
  count(CONCURRENCY, 'min', 'initial'),
  time(TIMEOUTS, 'connect', 'first_byte'),
  time(TIMEOUTS, 'connect', 'total'),
  time(TIMEOUTS, 'first_byte', 'total'),
  time(TIMEOUTS, 'first_token', 'total'),
  time(TIMEOUTS, 'idle', 'total'),
];
const ROUTE_ORDERS: readonly Order[] = [time(['policies', 'backoff'], 'base', 'max')];

/** What a route's own time bounds, and how long that is by default. */
const ROUTE_TIMEOUT = '10m';
const BOUNDED = ['first_byte', 'first_token', 'idle', 'total'];

/** Something that was written, and where. */
interface Said {
  readonly path: ConfigPath;
  readonly value: unknown;
}

/**
 * Policies that cannot work: bounds in the wrong order, a timeout longer than
 * what it is part of, a hedge without a second target. Values that are wrong by
 * themselves are the schema's to report, and are passed over here.
 *
 * @param sound whether names are known and go in no circle, so that routes can be taken apart
 */
export function policyFindings(document: unknown, graph: RouteGraph, sound: boolean): Finding[] {
  const findings = new Map<string, Finding>();
  const add = (found: readonly Finding[]) => {
    for (const finding of found) findings.set(JSON.stringify([finding.path, finding.message]), finding);
  };
  add(orderFindings(document, [[]], [...TARGET_ORDERS, ...ROUTE_ORDERS]));
  for (const [name] of members(document, 'providers')) {
    add(orderFindings(document, [[], ['providers', name]], TARGET_ORDERS));
  }
  const routes = members(document, 'routes');
  const atTargets = routes.some(([, route]) => targetsOf(route).some(speaks));
  for (const [name, route] of routes) {
    // Nearly all of a thousand routes say nothing of their own.
    if (!speaks(route) && !atTargets) continue;
    const path = ['routes', name];
    add(orderFindings(document, [[], path], ROUTE_ORDERS));
    add(longerThanRoute(document, path, route));
    if (!sound) continue;
    const targets = flatTargets(graph, name);
    for (const places of placesOf(targets, path)) add(orderFindings(document, places, TARGET_ORDERS));
    add(hedgeFindings(document, path, route, targets));
    add(latencyFindings(document, path, route, targets));
  }
  return [...findings.values()];
}

function targetsOf(route: unknown): readonly unknown[] {
  const targets = memberOf(route, 'targets');
  return Array.isArray(targets) ? targets : [];
}

function speaks(place: unknown): boolean {
  return memberOf(place, 'policies') !== undefined || memberOf(place, 'timeouts') !== undefined;
}

/** The places that speak of a route's targets, the least specific first; each combination once. */
function placesOf(targets: readonly FlatTarget[], route: ConfigPath): ConfigPath[][] {
  const places = new Map<string, ConfigPath[]>();
  for (const { provider, mentions } of targets) {
    const entries = mentions.flatMap(({ path }) => (path.at(-1) === 'target' ? [path.slice(0, -1)] : []));
    places.set(JSON.stringify([provider, entries]), [[], ['providers', provider], route, ...entries]);
  }
  return [...places.values()];
}

function orderFindings(document: unknown, places: readonly ConfigPath[], orders: readonly Order[]): Finding[] {
  return orders.flatMap(({ at, less, more, kind }) => {
    const small = lastSaid(document, places, [...at, less]);
    const large = lastSaid(document, places, [...at, more]);
    if (small === undefined || large === undefined) return [];
    const [one, other] = [measureOf(small.value, kind), measureOf(large.value, kind)];
    if (one === undefined || other === undefined || one <= other) return [];
    // Whoever spoke last made the contradiction.
    return small.place >= large.place
      ? [error(small.path, `${less} must not be above ${more} (${shown(large.value)})`)]
      : [error(large.path, `${more} must not be below ${less} (${shown(small.value)})`)];
  });
}

function lastSaid(
  document: unknown,
  places: readonly ConfigPath[],
  at: ConfigPath,
): (Said & { readonly place: number }) | undefined {
  for (let place = places.length - 1; place >= 0; place--) {
    const path = [...(places[place] ?? []), ...at];
    const value = valueAt(document, path);
    if (value !== undefined) return { path, value, place };
  }
  return undefined;
}

function measureOf(value: unknown, kind: Order['kind']): number | undefined {
  if (kind === 'time') return typeof value === 'string' ? durationMs(value) : undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** A call that is over cannot be waited for. */
function longerThanRoute(document: unknown, path: ConfigPath, route: unknown): Finding[] {
  const timeout = memberOf(route, 'timeout') ?? ROUTE_TIMEOUT;
  const routeMs = measureOf(timeout, 'time');
  if (routeMs === undefined) return [];
  const timeouts = targetsOf(route).flatMap((_, index) =>
    BOUNDED.map((word) => [...path, 'targets', index, 'timeouts', word]),
  );
  return [...timeouts, [...path, 'policies', 'first_token_target']].flatMap((place) => {
    const ms = measureOf(valueAt(document, place), 'time');
    if (ms === undefined || ms <= routeMs) return [];
    return [error(place, `${place.at(-1)} must not be above the route's timeout (${shown(timeout)})`)];
  });
}

function hedgeFindings(document: unknown, path: ConfigPath, route: unknown, targets: readonly FlatTarget[]): Finding[] {
  const place = [...path, 'policies', 'hedge'];
  const hedge = valueAt(document, place);
  if (hedge === undefined || hedge === false || hedge === 'off') return [];
  const distinct = new Map(targets.map(({ provider, model }) => [`${provider}/${model}`, provider]));
  const places = [...distinct.values()].reduce((sum, provider) => sum + credentialsOf(document, provider), 0);
  if (places < 2) return [error(place, 'a hedge needs a second target to ask: this route leads to one only', 'key')];
  const attempts = measureOf(memberOf(route, 'attempts_max') ?? 3, 'count');
  return attempts === 1 ? [error(place, 'a hedge is a second attempt, and attempts_max is 1', 'key')] : [];
}

/** Two keys to one provider are two targets. */
function credentialsOf(document: unknown, provider: string): number {
  const credentials = valueAt(document, ['providers', provider, 'credentials']);
  return Array.isArray(credentials) ? credentials.length : 1;
}

/** A target that its timeout gives up first never misses the route's aim. */
function latencyFindings(
  document: unknown,
  path: ConfigPath,
  route: unknown,
  targets: readonly FlatTarget[],
): Finding[] {
  const place = [...path, 'policies', 'first_token_target'];
  const aim = valueAt(route, ['policies', 'first_token_target']);
  const aimMs = measureOf(aim, 'time');
  if (aimMs === undefined) return [];
  return placesOf(targets, path).flatMap((places) => {
    const timeout = lastSaid(document, places, ['timeouts', 'first_token']);
    const timeoutMs = timeout && measureOf(timeout.value, 'time');
    if (timeout === undefined || timeoutMs === undefined || timeoutMs >= aimMs) return [];
    return [warning(place, `first_token_target is above a target's timeout for it (${shown(timeout.value)})`)];
  });
}

/** What a reference gave may be a secret that was put in the wrong place: only what can be a measure is quoted. */
function shown(value: unknown): string {
  return String(value);
}
