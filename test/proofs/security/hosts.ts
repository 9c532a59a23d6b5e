import { comesTrue, pause } from '../../../faults/harness/waiting.ts';
import type { Checks } from '../parts/checks.ts';
import { answerWell, type House } from './house.ts';
import { bearer, Session } from './session.ts';

/** Headers by which callers of other gateways choose where a call goes. */
const HEADERS = [
  'x-portkey-custom-host',
  'x-portkey-provider-url',
  'helicone-target-url',
  'helicone-openai-api-base',
  'x-base-url',
  'x-api-base',
  'x-target-url',
  'x-upstream-url',
  'x-leeward-base-url',
  'x-leeward-host',
  'x-leeward-provider-url',
  'openai-api-base',
  'openai-base-url',
  'api-base',
  'base-url',
  'x-forwarded-host',
  'x-forwarded-server',
  'x-original-host',
  'x-host',
  'forwarded',
  'cf-aig-base-url',
  'x-litellm-api-base',
  'proxy',
  'http_proxy',
];

const FIELDS = [
  'base_url',
  'baseURL',
  'api_base',
  'apiBase',
  'base',
  'host',
  'url',
  'endpoint',
  'custom_host',
  'proxy',
  'azure_endpoint',
  'webhook',
  'callback_url',
  'fallbacks',
  'litellm_params',
  'extra_body',
];

/** Whether a caller, or a provider, can have the gateway talk to a host of their choice. */
export async function proveHosts(house: House, checks: Checks): Promise<Record<string, number>> {
  const { elsewhere } = house;
  using control = new Session(elsewhere.port);
  await control.send({ target: '/' });
  checks.that('the place elsewhere notices who comes', elsewhere.contacts === 1, `${elsewhere.contacts} contact`);
  elsewhere.contacts = 0;
  using session = new Session(house.port);
  house.raw.answer = answerWell;
  let asked = 0;
  const call = async (facts: { headers?: readonly string[]; body?: object; target?: string }) => {
    asked++;
    await session.send({
      method: 'POST',
      target: facts.target ?? '/v1/chat/completions',
      headers: [...(facts.headers ?? []), bearer(house.keys.client), 'content-type: application/json'],
      body: JSON.stringify({ model: 'raw/m', messages: [{ role: 'user', content: 'hi' }], ...facts.body }),
    });
  };
  const places = [elsewhere.url, `${elsewhere.url}/v1`, `127.0.0.1:${elsewhere.port}`, `//127.0.0.1:${elsewhere.port}`];
  for (const place of places) {
    for (const header of HEADERS) await call({ headers: [`${header}: ${place}`] });
    for (const field of FIELDS) {
      await call({ body: { [field]: place } });
      await call({ body: { metadata: { [field]: place }, [field]: [{ [field]: place, model: place }] } });
      await call({ target: `/v1/chat/completions?${field}=${encodeURIComponent(place)}` });
    }
    await call({ target: `${elsewhere.url}/v1/chat/completions` });
    for (const model of [
      `${place}/m`,
      `raw@${place}/m`,
      `raw/../../@${place}`,
      `raw/m?base_url=${place}`,
      `raw/m#@${place}`,
    ]) {
      await call({ body: { model } });
    }
    await call({ body: { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: place } }] }] } });
  }
  const byCallers = elsewhere.contacts;
  checks.that('no caller chooses where a call goes', byCallers === 0, `${byCallers} contacts after ${asked} calls`);
  const byProvider = await lured(house, session);
  checks.that('no provider sends the gateway elsewhere', byProvider === 0, `${byProvider} contacts`);
  const kept = house.raw.seen.filter(({ head }) => !head.startsWith('POST /v1/chat/completions HTTP/1.1'));
  checks.none(
    'the path upstream is the operation alone',
    kept.map(({ head }) => head.split('\r\n')[0] ?? ''),
    `${house.raw.seen.length} calls`,
  );
  return { 'calls with a host of their own': asked };
}

/** Redirects, and headers that tell a client where it would be better off. */
async function lured(house: House, session: Session): Promise<number> {
  const { elsewhere } = house;
  elsewhere.contacts = 0;
  const away = [
    ...[300, 301, 302, 303, 305, 307, 308].map(
      (status) => `HTTP/1.1 ${status} X\r\nlocation: ${elsewhere.url}/v1/chat/completions`,
    ),
    `HTTP/1.1 200 OK\r\nrefresh: 0; url=${elsewhere.url}`,
    `HTTP/1.1 200 OK\r\nalt-svc: h2="127.0.0.1:${elsewhere.port}"; ma=60`,
    `HTTP/1.1 421 X\r\nlocation: ${elsewhere.url}`,
    `HTTP/1.1 503 X\r\nlocation: ${elsewhere.url}\r\nretry-after: 0`,
  ];
  for (const head of away) {
    house.raw.answer = (socket) => void socket.end(`${head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
    for (const stream of [false, true]) {
      await session.send({
        method: 'POST',
        target: '/v1/chat/completions',
        headers: [bearer(house.keys.client), 'content-type: application/json'],
        body: JSON.stringify({ model: 'raw/m', stream, messages: [] }),
      });
    }
  }
  house.raw.answer = answerWell;
  await pause(100);
  await comesTrue(() => house.raw.sockets.size === 0, 50);
  return elsewhere.contacts;
}
