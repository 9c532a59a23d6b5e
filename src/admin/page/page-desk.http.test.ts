import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../kernel/clock.ts';
import { systemRandom } from '../../kernel/random.ts';
import { PageDesk } from './page-desk.ts';
import { PageSessions } from './page-sessions.ts';
import { endRecord, startRecord, testPage } from './page-test-data.ts';

const clock = new VirtualClock();
const page = testPage();
const sessions = new PageSessions(clock, systemRandom());
const desk = new PageDesk(page, sessions, clock);
let server: Server;
let base: string;

beforeEach(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://page');
    const { cookie } = request.headers;
    const answer = desk.answer({ method: request.method ?? '', path: url.pathname, query: url.searchParams, cookie });
    if (answer === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(answer.status, answer.headers);
    if (!('open' in answer)) {
      response.end(answer.body);
      return;
    }
    answer.open({
      send: (chunk) => response.write(chunk),
      onClose: (listener) => response.once('close', listener),
      end: () => response.end(),
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  desk.endFeeds();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  expect(desk.openFeeds).toBe(0);
  expect(clock.pendingTimers).toBe(0);
});

function get(path: string, cookie?: string, method = 'GET'): Promise<Response> {
  return fetch(base + path, { method, redirect: 'manual', headers: cookie === undefined ? {} : { cookie } });
}

async function openSession(): Promise<string> {
  const answer = await get(`/?claim=${sessions.issueClaim()}`);
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

test('without a session there is only the 401 page, its style and the script', async () => {
  for (const path of ['/', '/page/live', '/?claim=wrong']) expect((await get(path)).status).toBe(401);
  expect((await get('/page.js')).status).toBe(200);
  expect((await get('/page.css')).status).toBe(200);
  expect((await get('/v1/models')).status).toBe(404);
  expect((await get('/', undefined, 'POST')).status).toBe(405);
});

test('a link turns into a cookie that scripts cannot read, and leaves the address', async () => {
  const token = sessions.issueClaim();
  const answer = await get(`/?claim=${token}`);
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe('/');
  expect(answer.headers.get('set-cookie')).toMatch(
    /^leeward_page=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200$/,
  );
  const cookie = `other=1; ${answer.headers.get('set-cookie')?.split(';')[0]}`;
  expect((await get('/', cookie)).status).toBe(200);
  expect((await get(`/?claim=${token}`)).status).toBe(401);
  expect((await get(`/?claim=${token}`, cookie)).status).toBe(303);
});

test('a look ahead with HEAD does not use the link up', async () => {
  const token = sessions.issueClaim();
  expect((await get(`/?claim=${token}`, undefined, 'HEAD')).status).toBe(401);
  expect((await get(`/?claim=${token}`)).status).toBe(303);
});

test('an open page hears of a call, and leaves nothing behind when it closes', async () => {
  const cookie = await openSession();
  const leaving = new AbortController();
  const answer = await fetch(`${base}/page/live`, { headers: { cookie }, signal: leaving.signal });
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(desk.openFeeds).toBe(1);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let heard = '';
  const hear = async (text: string) => {
    while (!heard.includes(text)) heard += (await reader?.read())?.value ?? '';
  };
  await hear('event: server');
  page.recent.record(startRecord('call_1'));
  page.recent.record(endRecord('call_1'));
  await clock.advance(200);
  await hear('event: call\ndata: {"id":"call_1"');
  leaving.abort();
  await expect.poll(() => desk.openFeeds).toBe(0);
  expect(clock.pendingTimers).toBe(0);
});

test('thirty-two feeds are kept; one more ends the oldest', async () => {
  const cookie = await openSession();
  const answers: Response[] = [];
  for (let count = 0; count < 33; count++) answers.push(await get('/page/live', cookie));
  expect(desk.openFeeds).toBe(32);
  expect(await answers[0]?.text()).toContain('event: calls');
});
