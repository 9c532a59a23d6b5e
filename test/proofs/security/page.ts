import type { Checks } from '../parts/checks.ts';
import { CANARY, type House, pathOf, routeName } from './house.ts';
import { MARKER, MARKUP } from './payloads.ts';
import { bearer, Session } from './session.ts';

const ORIGINS = ['http://evil.example', 'null', 'http://127.0.0.1.evil.example', 'http://localhost:1'];

/** What a browser could be made to do: read across origins, act with a session, run what a call said. Needs a house in dev mode. */
export async function provePage(house: House, checks: Checks): Promise<undefined> {
  using session = new Session(house.port);
  checks.none('no route answers to another origin', await crossOrigin(house, session));
  const cookie = await claimed(house, session, checks);
  if (cookie === undefined) return;
  checks.none('a page session opens the page and nothing else', await cookieAlone(house, session, cookie));
  checks.none('what calls say is text on the page', await rendered(house, session, cookie));
}

async function crossOrigin(house: House, session: Session): Promise<string[]> {
  const problems: string[] = [];
  for (const route of house.routes) {
    for (const origin of ORIGINS) {
      const foreign = [`origin: ${origin}`, 'sec-fetch-site: cross-site'];
      const preflight = [
        ...foreign,
        `access-control-request-method: ${route.method}`,
        'access-control-request-headers: authorization',
      ];
      for (const [method, headers] of [
        ['OPTIONS', preflight],
        [route.method, foreign],
      ] as const) {
        const answer = await session.send({
          method,
          target: pathOf(route),
          headers: [...headers, ...(method === 'OPTIONS' ? [] : [bearer(house.adminToken)]), 'connection: close'],
        });
        const allowed = [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'));
        if (allowed.length > 0) problems.push(`${method} ${routeName(route)} says ${allowed.join(', ')} to ${origin}`);
        if (method === 'OPTIONS' && answer.status < 400) problems.push(`OPTIONS ${route.path} got ${answer.status}`);
      }
    }
  }
  return problems;
}

/** Uses the printed link as a browser would, and again as somebody who found it. */
async function claimed(house: House, session: Session, checks: Checks): Promise<string | undefined> {
  const claim = house.gateway.lines
    .map((line) => /\?claim=([\w-]+)/.exec(line)?.[1])
    .find((found) => found !== undefined);
  if (claim === undefined) {
    checks.that('the start prints a link to the page', false, house.gateway.lines.slice(-12).join(' | ').slice(0, 300));
    return undefined;
  }
  const stranger = await session.send({ target: '/' });
  const peek = await session.send({ method: 'HEAD', target: `/?claim=${claim}` });
  const first = await session.send({ target: `/?claim=${claim}` });
  const again = await session.send({ target: `/?claim=${claim}` });
  const wrong = await session.send({ target: `/?claim=${claim.slice(0, -1)}x` });
  const set = first.headers.get('set-cookie') ?? '';
  const policy = first.headers.get('content-security-policy') ?? '';
  const problems = [
    ...(stranger.status === 401 ? [] : [`a stranger got ${stranger.status}`]),
    ...(peek.headers.has('set-cookie') ? ['a preview used the link up'] : []),
    ...(first.status === 303 && first.headers.get('location') === '/' ? [] : [`the link gave ${first.status}`]),
    ...(again.status === 401 && !again.headers.has('set-cookie')
      ? []
      : [`the same link gave ${again.status} a second time`]),
    ...(wrong.status === 401 ? [] : [`a wrong link gave ${wrong.status}`]),
    ...(/HttpOnly/i.test(set) && /SameSite=(?:Lax|Strict)/i.test(set)
      ? []
      : [`the cookie is ${set.replace(/=[^;]+/, '=…')}`]),
    ...(/unsafe-inline|unsafe-eval/.test(policy) || !/frame-ancestors 'none'/.test(policy)
      ? [`the policy is ${policy}`]
      : []),
    ...(first.headers.get('x-content-type-options') === 'nosniff' ? [] : ['types may be sniffed']),
    ...(first.headers.get('referrer-policy') === 'no-referrer' ? [] : ['the address may travel as a referrer']),
  ];
  checks.none('a link opens the page once, into a session that scripts and other sites do not get', problems);
  return set.split(';')[0];
}

async function cookieAlone(house: House, session: Session, cookie: string): Promise<string[]> {
  const problems: string[] = [];
  const value = cookie.slice(cookie.indexOf('=') + 1);
  for (const route of house.routes) {
    if (route.guard === 'page' || route.guard === 'open') continue;
    for (const headers of [[`cookie: ${cookie}`], [bearer(value)], [`cookie: ${cookie}`, 'content-type: text/plain']]) {
      const { status } = await session.send({
        method: route.method,
        target: pathOf(route),
        headers: [...headers, 'origin: http://evil.example', 'connection: close'],
        ...(route.method === 'POST' ? { body: '{"name":"csrf"}' } : {}),
      });
      if (status !== 401)
        problems.push(`${routeName(route)} with ${headers.join(', ').replace(value, '…')} got ${status}`);
    }
  }
  const { status } = await session.send({ target: '/', headers: [`cookie: ${cookie}`] });
  if (status !== 200) problems.push(`the page itself got ${status}`);
  return problems;
}

/** Calls whose every text is hostile, then the page that shows them. */
async function rendered(house: House, session: Session, cookie: string): Promise<string[]> {
  for (const payload of MARKUP) {
    const safe = payload.replaceAll(/[^\x20-\x7e]/g, '');
    for (const model of [`raw/${payload}`, `nowhere/${payload}`]) {
      await session.send({
        method: 'POST',
        target: '/v1/chat/completions',
        headers: [
          bearer(house.keys.client),
          'content-type: application/json',
          `x-leeward-task: ${safe}`,
          `x-leeward-tags: ${safe}`,
          `x-leeward-end-user: ${safe}`,
          `x-request-id: ${safe}`,
        ],
        body: JSON.stringify({ model, user: payload, messages: [{ role: 'user', content: CANARY.prompt }] }),
      });
    }
  }
  const { text } = await session.send({ target: '/', headers: [`cookie: ${cookie}`] });
  const problems: string[] = [];
  if (!text.includes(MARKER)) problems.push('the calls are not on the page, so that nothing was tried');
  if (new RegExp(`<(?:script|img)[^>]*>?${MARKER}|<img src=x|onerror=${MARKER}>`).test(text))
    problems.push('the page holds markup of a call');
  const tags = text.match(/<script\b[^>]*>/g) ?? [];
  const inline = tags.filter((tag) => !/ src="\/page\.js/.test(tag));
  if (inline.length > 0) problems.push(`the page has ${inline.join(' ')}`);
  if (/\son\w+=["']/.test(text)) problems.push('the page has a handler in an attribute');
  if (text.includes(CANARY.prompt)) problems.push('the page holds a prompt');
  return problems;
}
