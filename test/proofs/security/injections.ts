import { ask, askJson } from '../../../faults/harness/http-json.ts';
import type { Checks } from '../parts/checks.ts';
import { CANARY, type House, type KnownRoute, pathOf, routeName } from './house.ts';
import { BYTES, HEADERS, LINES, MARKER, MARKUP, QUERIES, SQL } from './payloads.ts';
import { bearer, type RawAnswer, type RawRequest, Session } from './session.ts';

const PAYLOADS = [...SQL, ...MARKUP, ...LINES, ...BYTES];
/** A payload that sleeps in the database would take seconds. */
const SLOW_MS = 2_500;

/** Hostile text in every header, query and path of every route, with the right credential and without. */
export async function proveInjections(house: House, checks: Checks, quick: boolean): Promise<Record<string, number>> {
  const before = await storedKeys(house);
  const perPlace = quick ? 2 : 12;
  /** Few routes have them: all payloads are tried in each. */
  const every = new Set(['the model', 'the path', 'the path, as it is']);
  const problems: string[] = [];
  let asked = 0;
  let turn = 0;
  using session = new Session(house.port);
  for (const route of house.routes) {
    for (const place of placesOf(route)) {
      for (let nth = 0; nth < (every.has(place.name) ? PAYLOADS.length : perPlace); nth++) {
        // Each place gets others of them, so that over all routes every one is tried in every place.
        const payload = PAYLOADS[turn++ % PAYLOADS.length] ?? '';
        const request = place.request(payload, credentialOf(house, route));
        const startedMs = performance.now();
        const answer = await session.send(request);
        const tookMs = performance.now() - startedMs;
        asked++;
        const wrong = judged(route, answer, tookMs);
        // A refused request may leave half of its bytes to be read as the next one.
        session.close();
        if (wrong !== undefined) {
          problems.push(`${routeName(route)}, ${JSON.stringify(payload.slice(0, 40))} in ${place.name}: ${wrong}`);
        }
      }
    }
  }
  checks.none(
    'hostile text is an error at most, splits no head and comes back only as data',
    problems,
    `${asked} requests`,
  );
  checks.none('the store is as it was', await changed(house, before));
  checks.none('a hostile name is stored as it is, and as nothing else', await storedLiterally(house));
  const refused = house.gateway.lines.filter((line) => /"level":"(?:error|fatal)"/.test(line));
  checks.none(
    'no request was an error to the gateway itself',
    refused.map((line) => line.slice(0, 300)),
  );
  return { 'hostile requests': asked };
}

interface Place {
  readonly name: string;
  request(payload: string, credential: readonly string[]): RawRequest;
}

function placesOf(route: KnownRoute): Place[] {
  const base = (target: string, headers: readonly string[]): RawRequest => ({
    method: route.method,
    target,
    headers: [...headers, 'content-type: application/json'],
    ...(route.method === 'POST' ? { body: bodyOf(route) } : {}),
  });
  const path = pathOf(route);
  const encoded = (payload: string) => encodeURIComponent(payload.toWellFormed());
  const places: Place[] = HEADERS.map((header) => ({
    name: header,
    request: (payload, credential) =>
      base(path, [...credential.filter((line) => !line.startsWith(`${header}:`)), `${header}: ${payload}`]),
  }));
  for (const query of QUERIES) {
    places.push({
      name: `?${query}`,
      request: (payload, credential) => base(`${path}?${query}=${encoded(payload)}`, credential),
    });
  }
  if (route.method === 'POST' && route.path.startsWith('/v1/')) {
    places.push({
      name: 'the model',
      request: (payload, credential) => ({ ...base(path, credential), body: bodyOf(route, `raw/${payload}`) }),
    });
  }
  if (!route.path.includes('{')) return places;
  return [
    ...places,
    { name: 'the path', request: (payload, credential) => base(pathOf(route, encoded(payload)), credential) },
    {
      name: 'the path, as it is',
      request: (payload, credential) => base(pathOf(route, payload.replaceAll(' ', '+')), credential),
    },
  ];
}

/** What reads a body gets one it understands where that changes nothing. */
function bodyOf(route: KnownRoute, model = 'raw/m'): string {
  if (!route.path.startsWith('/v1/')) return '{"name":';
  return JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }], prompt: 'hi', input: 'hi' });
}

function credentialOf(house: House, { guard }: KnownRoute): string[] {
  if (guard === 'key') return [bearer(house.keys.client)];
  return guard === 'admin' || guard === 'metrics' ? [bearer(house.adminToken)] : [];
}

function judged({ path }: KnownRoute, answer: RawAnswer, tookMs: number): string | undefined {
  const { status, head, headers, text } = answer;
  if (status >= 500 && path !== '/readyz') return `status ${status}: ${text.slice(0, 120)}`;
  if (status < 200) return `no answer (${status})`;
  if (new RegExp(`^x-${MARKER}`, 'im').test(head)) return 'it became a header of the answer';
  if ((head.match(/^HTTP\/1\.1/gm) ?? []).length > 1) return 'it split the answer';
  const type = headers.get('content-type') ?? '';
  if (status === 200 && type === '') return 'the answer has lost its headers';
  if (/html/.test(type) && new RegExp(`<[^>]*${MARKER}|<script>${MARKER}`).test(text))
    return 'it is markup of the page';
  const saved = /^attachment/.test(headers.get('content-disposition') ?? '');
  const download = saved && headers.get('x-content-type-options') === 'nosniff';
  if (text.includes('<script>') && !download && !/json|html|text\/plain|javascript/.test(type)) {
    return `it came back as ${type}`;
  }
  if (/syntax error at or near|PostgresError|SQLSTATE|relation "|pg_catalog/i.test(text)) return 'the database speaks';
  if (/node:internal|\n\s+at .+:\d+:\d+/.test(text)) return 'a stack came back';
  if (text.includes(CANARY.providerKey)) return "the provider's key came back";
  return tookMs > SLOW_MS ? `it took ${tookMs.toFixed(0)} ms` : undefined;
}

async function storedKeys(house: House): Promise<string> {
  const { text } = await ask(`${house.url}/admin/keys`, { bearer: house.adminToken });
  return text;
}

async function changed(house: House, before: string): Promise<string[]> {
  const after = await storedKeys(house);
  const call = await ask(`${house.url}/v1/models`, { bearer: house.keys.client });
  return [
    ...(after === before ? [] : ['the list of keys is another one']),
    ...(call.status === 200 ? [] : [`the client's key now gets ${call.status}`]),
  ];
}

async function storedLiterally(house: House): Promise<string[]> {
  const problems: string[] = [];
  for (const name of [...SQL, ...MARKUP].slice(0, 24)) {
    const made = await askJson(`${house.url}/admin/keys`, { bearer: house.adminToken, body: { name } });
    if (made['name'] !== name.trim()) problems.push(`${JSON.stringify(name)} became ${JSON.stringify(made['name'])}`);
    await ask(`${house.url}/admin/keys/${String(made['id'])}/revoke`, { method: 'POST', bearer: house.adminToken });
  }
  const list = await storedKeys(house);
  if (!list.includes(JSON.stringify(SQL[2]?.trim()).slice(1, -1))) problems.push('the hostile name is not in the list');
  return problems;
}
