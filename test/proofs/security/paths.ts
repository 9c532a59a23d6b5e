import type { Checks } from '../parts/checks.ts';
import { type House, type KnownRoute, pathOf, routeName } from './house.ts';
import { bearer, Session } from './session.ts';

const KNOWN = /"object":"list"|"data":\[|leeward_calls_total|"key":"lw_/;

/** Ways to write a path that some proxy or router takes for it. */
function spellings(path: string, port: number): string[] {
  const [, first = '', ...rest] = path.split('/');
  const tail = rest.length === 0 ? '' : `/${rest.join('/')}`;
  return [
    `http://127.0.0.1:${port}${path}`,
    `http://evil.example${path}`,
    `HTTP://127.0.0.1${path}`,
    `//${first}${tail}`,
    `//evil.example${path}`,
    `/.${path}`,
    `/healthz/..${path}`,
    `/healthz/%2e%2e${path}`,
    `/healthz/..%2f${path.slice(1)}`,
    `/page.js/..${path}`,
    `/%2e${path}`,
    `/%2f${path.slice(1)}`,
    path.replaceAll('/', '%2f'),
    path.replace(/\/(?=[^/]*$)/, '%2F'),
    path.replace(/\/(?=[^/]*$)/, '//'),
    path.replace(/\/(?=[^/]*$)/, '\\'),
    path.toUpperCase(),
    `${path}/`,
    `${path}//`,
    `${path}/.`,
    `${path}.`,
    `${path};x=y`,
    `${path};.css`,
    `${path}/../page.js`,
    `${path}%00`,
    `${path}%20`,
    `${path}%3f`,
    `${path}%23`,
    `${path}#/healthz`,
    `${path}?/healthz`,
    `${path}\t`,
    path.replace('a', '%61').replace('m', '%6d'),
    path.replace('a', '%2561'),
  ];
}

/** Headers by which a proxy would have said that it was another path, host or method. */
const CLAIMS: readonly (readonly string[])[] = [
  ['x-original-url: /healthz'],
  ['x-rewrite-url: /healthz'],
  ['x-forwarded-path: /healthz', 'x-forwarded-uri: /healthz', 'x-forwarded-prefix: /healthz'],
  ['x-forwarded-host: localhost', 'x-forwarded-proto: https', 'x-forwarded-for: 127.0.0.1', 'x-real-ip: 127.0.0.1'],
  ['forwarded: for=127.0.0.1;host=localhost;proto=https'],
  ['x-http-method-override: GET', 'x-method-override: GET', 'x-http-method: GET'],
  ['x-forwarded-user: admin', 'x-authenticated-user: admin', 'remote-user: admin'],
];

const REFUSED_HOSTS = [
  'evil.example',
  'evil.example:80',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'evil.example#127.0.0.1',
  'evil.example@127.0.0.1',
  'evil.example/127.0.0.1',
  'x/#@y',
  '[::ffff:1.2.3.4]',
  '0.0.0.0',
  'localhost..',
  '2130706433',
  '',
];
const GOOD_HOSTS = ['127.0.0.1', 'localhost', 'LOCALHOST', '127.0.0.1:1', '[::1]'];

/** Whether guard and handler can be made to see two different paths, hosts or methods. */
export async function provePaths(house: House, checks: Checks): Promise<Record<string, number>> {
  using session = new Session(house.port);
  const guarded = house.routes.filter(({ guard }) => guard === 'key' || guard === 'admin' || guard === 'metrics');
  const spelled = await spelledOtherwise(house, session, guarded);
  checks.none(
    'no spelling of a guarded path gets in without its credential',
    spelled.problems,
    `${spelled.asked} requests`,
  );
  const claimed = await claimedOtherwise(session, guarded);
  checks.none('no header of a proxy opens a guarded path, or leads from an open path to it', claimed);
  checks.none('a Host that is not this gateway is refused, whatever it looks like', await hosts(house));
  return { 'spelled paths': spelled.asked };
}

async function spelledOtherwise(house: House, session: Session, guarded: readonly KnownRoute[]) {
  const problems: string[] = [];
  let asked = 0;
  const wrongly: readonly (readonly [string, readonly string[]])[] = [
    ['without a credential', []],
    ['with a client key', [bearer(house.keys.client)]],
  ];
  for (const route of guarded) {
    for (const target of spellings(pathOf(route), house.port)) {
      for (const [who, headers] of wrongly) {
        if (who !== 'without a credential' && route.guard === 'key') continue;
        const { status, text } = await session.send({
          method: route.method,
          target,
          headers: [...headers, 'connection: close'],
        });
        asked++;
        if (status < 400 || KNOWN.test(text)) problems.push(`${route.method} ${target} ${who} got ${status}`);
        if (status >= 500) problems.push(`${route.method} ${target} ${who} got ${status}`);
      }
    }
  }
  return { problems, asked };
}

async function claimedOtherwise(session: Session, guarded: readonly KnownRoute[]): Promise<string[]> {
  const problems: string[] = [];
  for (const headers of CLAIMS) {
    for (const route of guarded) {
      const target = pathOf(route);
      const { status } = await session.send({
        method: route.method,
        target,
        headers: [...headers, 'connection: close'],
      });
      if (status !== 401) problems.push(`${routeName(route)} with ${headers[0]} got ${status}`);
    }
    const claim = headers.map((header) => header.replace('/healthz', '/admin/keys'));
    const { status, text } = await session.send({ target: '/healthz', headers: [...claim, 'connection: close'] });
    if (status !== 200 || KNOWN.test(text))
      problems.push(`GET /healthz with ${claim[0]} got ${status}: ${text.slice(0, 80)}`);
  }
  return problems;
}

async function hosts(house: House): Promise<string[]> {
  const problems: string[] = [];
  const ask = async (lines: readonly string[]) => {
    using session = new Session(house.port);
    return session.send({ target: '/v1/models', headers: [...lines, bearer(house.keys.client), 'connection: close'] });
  };
  for (const host of REFUSED_HOSTS) {
    const { status } = await ask([`host: ${host}`]);
    if (status !== 403 && status !== 400) problems.push(`Host '${host}' got ${status}`);
  }
  for (const host of GOOD_HOSTS) {
    const { status } = await ask([`host: ${host}`]);
    if (status !== 200) problems.push(`Host '${host}' got ${status}, though it is this gateway`);
  }
  for (const pair of [
    ['host: 127.0.0.1', 'host: evil.example'],
    ['host: evil.example', 'host: 127.0.0.1'],
  ]) {
    const { status } = await ask(pair);
    if (status !== 400 && status !== 403) problems.push(`two Hosts (${pair.join(', ')}) got ${status}`);
  }
  const { status } = await ask(['host: evil.example', 'x-forwarded-host: 127.0.0.1']);
  if (status !== 403) problems.push(`a foreign Host with X-Forwarded-Host got ${status}`);
  return problems;
}
