import type { Guard } from '../../../src/edge/http/routes.ts';
import type { Checks } from '../parts/checks.ts';
import { type House, type KnownRoute, pathOf, routeName } from './house.ts';
import { bearer, Session } from './session.ts';

/** What a stranger may see. A route that is opened must be added here, so that somebody thinks about it. */
const OPEN = new Set([
  'GET /healthz',
  'GET /readyz',
  'GET /schemas/config.v1.json',
  'GET /schemas/traffic.v1.json',
  'GET /schemas/weather.v1.json',
  // Says that somebody is there, and nothing else.
  'HEAD /',
]);
/** The page's script and style hold nothing; its data and its feed ask for a session themselves. */
const PAGE_ASSETS = new Set(['GET /page.js', 'GET /page.css']);
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'get'];
const UNKNOWN_PATHS = ['/nothing', '/v1/nothing', '/admin', '/admin/nothing', '/v1', '/metrics/x', '/.env', '/page/x'];

interface Credential {
  readonly name: string;
  readonly headers: readonly string[];
  readonly query?: string;
  /** The guards it opens. */
  readonly opens: readonly Guard[];
}

function credentialsOf(house: House): Credential[] {
  const { client, metrics, revoked, expired } = house.keys;
  const wrong = (name: string, ...headers: string[]): Credential => ({ name, headers, opens: [] });
  return [
    wrong('nothing'),
    { name: 'a client key', headers: [bearer(client)], opens: ['key'] },
    { name: 'a client key as x-api-key', headers: [`x-api-key: ${client}`], opens: ['key'] },
    { name: 'a client key as x-goog-api-key', headers: [`x-goog-api-key: ${client}`], opens: ['key'] },
    { name: 'a key for metrics', headers: [bearer(metrics)], opens: ['key', 'metrics'] },
    { name: 'the admin token', headers: [bearer(house.adminToken)], opens: ['admin', 'metrics'] },
    { ...wrong('a key in the address'), query: `key=${client}&api_key=${client}&access_token=${client}` },
    { ...wrong('the admin token in the address'), query: `key=${house.adminToken}&token=${house.adminToken}` },
    wrong('a revoked key', bearer(revoked)),
    wrong('an expired key', bearer(expired)),
    wrong('an empty bearer', 'authorization: Bearer '),
    wrong('an empty header', 'authorization:'),
    wrong('the word undefined', bearer('undefined')),
    wrong('the word null', bearer('null')),
    wrong('a key cut by one', bearer(client.slice(0, -1))),
    wrong('a key and more', bearer(`${client}0`)),
    wrong('a key in other case', bearer(client.toUpperCase())),
    wrong('the admin token cut by one', bearer(house.adminToken.slice(0, -1))),
    wrong('a key as Basic', `authorization: Basic ${Buffer.from(`x:${client}`).toString('base64')}`),
    wrong(
      'the admin token as Basic',
      `authorization: Basic ${Buffer.from(`x:${house.adminToken}`).toString('base64')}`,
    ),
    wrong('a key in a cookie', `cookie: authorization=Bearer ${client}; leeward_page=${client}`),
    wrong('the admin token in a cookie', `cookie: leeward_page_${house.port}=${house.adminToken}`),
    wrong('a key in another header', `x-admin-token: ${house.adminToken}`, `proxy-authorization: Bearer ${client}`),
    wrong('a claim to be somebody', 'x-forwarded-user: admin', 'x-remote-user: admin', 'x-forwarded-for: 127.0.0.1'),
  ];
}

/** Who may use what: every route of the table with every kind of credential. */
export async function proveGuards(house: House, checks: Checks): Promise<Record<string, number>> {
  using session = new Session(house.port);
  const open = house.routes.filter(({ guard }) => guard === 'open').map(routeName);
  const unexpected = open.filter((name) => !OPEN.has(name));
  checks.none('only the routes that are known to be open are', unexpected, open.join(', '));
  const page = house.routes.filter(({ guard }) => guard === 'page').map(routeName);
  const credentials = credentialsOf(house);
  const problems: string[] = [];
  let asked = 0;
  for (const route of house.routes) {
    for (const credential of credentials) {
      const { status } = await session.send({
        method: route.method,
        target: credential.query === undefined ? pathOf(route) : `${pathOf(route)}?${credential.query}`,
        headers: [...credential.headers, 'content-type: application/json'],
        ...(route.method === 'POST' ? { body: '{}' } : {}),
      });
      asked++;
      const wrong = judged(route, credential, status);
      if (wrong !== undefined) problems.push(`${routeName(route)} with ${credential.name}: ${wrong}`);
    }
  }
  checks.none('each guard opens for its own kind of credential and for no other', problems, `${asked} requests`);
  checks.that(
    'there are routes of every guard',
    new Set(house.routes.map(({ guard }) => guard)).size >= 5,
    page.join(', '),
  );
  checks.none(
    'no other method opens a route, and no path that does not exist says so',
    await strangers(house, session),
  );
  return { routes: house.routes.length, credentials: credentials.length, 'guarded requests': asked };
}

function judged(route: KnownRoute, { opens, name }: Credential, status: number): string | undefined {
  const { guard } = route;
  if (status >= 500 && !(routeName(route) === 'GET /readyz')) return `status ${status}`;
  if (guard === 'open' || PAGE_ASSETS.has(routeName(route))) return status === 401 ? 'it is not open' : undefined;
  const refused = status === 401 || status === 403;
  if (!opens.includes(guard)) {
    // A good key without the scope is known, and told so.
    return refused ? undefined : `it got in (${status})`;
  }
  return refused ? `${name} is refused (${status})` : undefined;
}

async function strangers(house: House, session: Session): Promise<string[]> {
  const problems: string[] = [];
  const guarded = house.routes.filter((route) => route.guard !== 'open' && !PAGE_ASSETS.has(routeName(route)));
  for (const target of [...guarded.map((route) => pathOf(route)), ...UNKNOWN_PATHS]) {
    for (const method of METHODS) {
      const { status, text } = await session.send({ method, target, headers: ['connection: close'] });
      if (status < 400 && !OPEN.has(`${method} ${target}`))
        problems.push(`${method} ${target} without credentials got ${status}`);
      if (UNKNOWN_PATHS.includes(target) && status === 404)
        problems.push(`${method} ${target} tells a stranger that it is not there`);
      if (/canary/.test(text)) problems.push(`${method} ${target} told a secret`);
    }
  }
  return problems;
}
