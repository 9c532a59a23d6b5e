import { compare, type Fraction, ONE, sum, ZERO } from './fraction.ts';
import { type PriceBook, type RouteLine, type RoutePlan, TIERS } from './plan.ts';
import type { Fields } from './plan-fields.ts';
import { COUNT, RATE, SHARE } from './plan-number.ts';
import { PRICE_KEYS, readPrice } from './plan-prices.ts';

const ROUTE_KEYS = [
  'calls',
  'calls_per_session',
  'calls_per_month',
  'retries',
  'cache_hits',
  'tier',
  'tiers',
  'split',
  ...PRICE_KEYS,
];
const ROUTES_MAX = 200;

/** What a plan says for all its routes. */
export interface RouteDefaults {
  readonly retries: Fraction;
  readonly cacheHits: Fraction;
}

/** How calls are spread over cheap, middle and frontier models where a plan does not say. */
export const SHIPPED_SPLIT = {
  cheap: { num: 65n, den: 100n },
  middle: { num: 25n, den: 100n },
  frontier: { num: 10n, den: 100n },
} as const;

export function readRoutes(plan: Fields, book: PriceBook, defaults: RouteDefaults): RoutePlan[] {
  const routes = plan.fields('routes');
  if (routes.keys.length === 0 || routes.keys.length > ROUTES_MAX) {
    plan.refuse('routes', `a mapping with 1 to ${ROUTES_MAX} routes, each with its calls and their price`);
  }
  return routes.keys.flatMap((name) => readRoute(routes.fields(name, ROUTE_KEYS), name, book, defaults) ?? []);
}

function readRoute(
  fields: Fields,
  name: string,
  book: PriceBook,
  { retries, cacheHits }: RouteDefaults,
): RoutePlan | undefined {
  const volume = readVolume(fields);
  const own = {
    retries: fields.has('retries') ? fields.number('retries', RATE) : retries,
    cacheHits: fields.has('cache_hits') ? fields.number('cache_hits', SHARE) : cacheHits,
  };
  const lines = readLines(fields, name, book);
  if (volume === undefined || own.retries === undefined || own.cacheHits === undefined || lines === undefined) {
    return undefined;
  }
  return { name, volume, retries: own.retries, cacheHits: own.cacheHits, lines };
}

const VOLUMES = [
  ['calls', 'task'],
  ['calls_per_session', 'session'],
  ['calls_per_month', 'month'],
] as const;

function readVolume(fields: Fields): RoutePlan['volume'] | undefined {
  fields.onlyOne(...VOLUMES.map(([key]) => key));
  const [key, per] = VOLUMES.find(([candidate]) => fields.has(candidate)) ?? [];
  if (key === undefined || per === undefined) return { per: 'task', calls: ONE };
  const calls = fields.number(key, COUNT);
  return calls && { per, calls };
}

function readLines(fields: Fields, name: string, book: PriceBook): RouteLine[] | undefined {
  if (!fields.has('tiers')) return readOneLine(fields, name, book);
  fields.onlyOne('tiers', 'price', 'model', 'steps', 'tier');
  const tiers = fields.fields('tiers', TIERS);
  const split = readSplit(fields);
  if (split === undefined) return undefined;
  const lines: RouteLine[] = [];
  for (const tier of TIERS) {
    const share = split.get(tier) ?? ZERO;
    if (share.num === 0n && !tiers.has(tier)) continue;
    if (!tiers.has(tier)) {
      tiers.refuse(tier, 'there and priced, because the split sends calls to it');
      continue;
    }
    const priced = readPrice(tiers.fields(tier, PRICE_KEYS), tier, book, fields);
    if (priced !== undefined) lines.push({ tier, share, call: priced.call });
  }
  return lines.length === 0 ? undefined : lines;
}

function readOneLine(fields: Fields, name: string, book: PriceBook): RouteLine[] | undefined {
  if (fields.has('split')) fields.refuse('split', 'beside "tiers", which say what each part of the calls costs');
  const tier = fields.word('tier', TIERS);
  const priced = readPrice(fields, name, book);
  return priced && [{ tier: tier ?? priced.tier, share: ONE, call: priced.call }];
}

/** As a mapping of tiers, or as `65/25/10`; without one, what is shipped. */
function readSplit(fields: Fields): ReadonlyMap<string, Fraction> | undefined {
  if (!fields.has('split')) return new Map(Object.entries(SHIPPED_SPLIT));
  const allowed = 'shares of cheap, middle and frontier that add up to 100%, as in 65/25/10';
  const written = fields.node('split')?.value;
  const shares = typeof written === 'string' ? splitText(written) : splitMapping(fields);
  if (shares === undefined) {
    fields.refuse('split', allowed);
    return undefined;
  }
  if (shares.some((share) => share === undefined)) return undefined;
  const known = shares.filter((share) => share !== undefined);
  if (compare(sum(known), ONE) !== 0) {
    fields.refuse('split', allowed);
    return undefined;
  }
  return new Map(TIERS.map((tier, index) => [tier, known[index] ?? ZERO]));
}

function splitText(text: string): Fraction[] | undefined {
  const parts = text.split('/').map((part) => SHARE.read(`${part.trim().replace(/\s*%$/, '')}%`));
  const known = parts.filter((part) => part !== undefined);
  return parts.length === TIERS.length && known.length === parts.length ? known : undefined;
}

function splitMapping(fields: Fields): (Fraction | undefined)[] {
  const split = fields.fields('split', TIERS);
  return TIERS.map((tier) => (split.has(tier) ? split.number(tier, SHARE) : ZERO));
}
