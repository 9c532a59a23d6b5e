import { chunk, DELTA, DONE, event, LAST_CHUNK, STREAM_HEAD } from '../../../faults/harness/http-bytes.ts';
import { type Answerer, answerBytes } from '../../support/raw-upstream.ts';
import { answerWell, CANARY, type House, pathOf, routeName } from './house.ts';
import { bearer, Session } from './session.ts';

/** Something that was shown, and where. */
export type Text = readonly [where: string, text: string | Buffer];

const QUOTE = `Incorrect API key provided: ${CANARY.providerKey}`;
const quoted = JSON.stringify({ error: { message: QUOTE, type: 'x', code: CANARY.providerKey } });
const json =
  (status: number, body: string): Answerer =>
  (socket) =>
    void socket.end(answerBytes(status, 'application/json', body, 'connection: close\r\n'));
const stream =
  (...events: readonly string[]): Answerer =>
  (socket) =>
    void socket.end(Buffer.concat([Buffer.from(STREAM_HEAD), ...events.map(chunk), Buffer.from(LAST_CHUNK)]));
const spoken = event({ choices: [{ index: 0, delta: { content: CANARY.completion }, finish_reason: null }] });

/** How a provider can quote our credential back at us, and how else a call can go wrong. */
const ANSWERERS: readonly (readonly [string, Answerer])[] = [
  ['well', answerWell],
  ...[400, 401, 403, 404, 429, 500, 503].map((status) => [`${status} that quotes`, json(status, quoted)] as const),
  ['200 that quotes', json(200, quoted)],
  ['a text that quotes', json(500, QUOTE)],
  [
    'a page that quotes',
    (socket) => void socket.end(answerBytes(502, 'text/html', `<html>${QUOTE}</html>`, 'connection: close\r\n')),
  ],
  ['cut JSON that quotes', json(200, quoted.slice(0, -4))],
  ['a stream that quotes', stream(`data: ${quoted}\n\n`)],
  ['a stream that quotes late', stream(DELTA, `data: ${quoted}\n\n`)],
  [
    'a stream of a completion',
    stream(spoken, event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }), DONE),
  ],
  ['a stream that is cut', stream(spoken)],
  [
    'a redirect that quotes',
    (socket) =>
      void socket.end(
        `HTTP/1.1 302 X\r\nlocation: http://x/?key=${CANARY.providerKey}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
      ),
  ],
  [
    'headers that quote',
    (socket) =>
      void socket.end(
        answerBytes(
          200,
          'text/plain',
          'no',
          `x-request-id: ${CANARY.providerKey}\r\nwww-authenticate: ${QUOTE}\r\nconnection: close\r\n`,
        ),
      ),
  ],
  ['bytes that quote', (socket) => void socket.end(`${QUOTE}\r\n\r\n`)],
  ['nothing', (socket) => void socket.destroy()],
  ['silence', (socket) => void socket.on('error', () => socket.destroy())],
];

/** Calls that go wrong in every way there is, and what their clients saw. */
export async function errorPaths(house: House): Promise<Text[]> {
  using session = new Session(house.port);
  const texts: Text[] = [];
  const send = async (name: string, headers: readonly string[], body: string, target = '/v1/chat/completions') => {
    const { head, text } = await session.send({
      method: 'POST',
      target,
      headers: [...headers, 'content-type: application/json'],
      body,
    });
    texts.push([name, `${head}\n${text}`]);
  };
  const key = [bearer(house.keys.client)];
  for (const [name, answer] of ANSWERERS) {
    house.raw.answer = answer;
    for (const streamed of [false, true]) {
      await send(name, key, chat(name === 'silence' ? 'quick/m' : 'raw/m', streamed));
    }
    // What answers go through on their way into another dialect must not tell either.
    for (const { target, body } of otherDialects(name === 'silence' ? 'quick/m' : 'raw/m')) {
      await send(`${name}, ${target}`, key, body, target);
    }
  }
  house.raw.answer = answerWell;
  for (const model of ['refused/m', 'unresolved/m', 'nowhere/m', CANARY.providerKey.slice(0, 9)]) {
    await send(model, key, chat(model, false));
  }
  await send('cut JSON', key, chat('raw/m', false).slice(0, -3));
  await send('broken JSON', key, `{"messages": "${CANARY.prompt}" "x"}`);
  await send('a wrong field', key, JSON.stringify({ model: 'raw/m', messages: CANARY.prompt }));
  await send('a wrong header', [...key, `x-leeward-metadata: {"a":{"${CANARY.prompt}":1}}`], chat('raw/m', false));
  for (const wrong of [house.adminToken, house.keys.revoked, `${house.keys.client}0`, CANARY.providerKey]) {
    await send('a wrong key', [bearer(wrong)], chat('raw/m', false));
    for (const { target, body } of otherDialects('raw/m')) {
      await send(`a wrong key, ${target}`, [`x-goog-api-key: ${wrong}`], body, target);
      const address = `${target}${target.includes('?') ? '&' : '?'}key=${wrong}`;
      await send(`a key in the address, ${target}`, [], body, address);
    }
  }
  return texts;
}

function chat(model: string, streamed: boolean): string {
  return JSON.stringify({ model, stream: streamed, messages: [{ role: 'user', content: CANARY.prompt }] });
}

/** The same call by clients of other dialects; one of Responses that wants nothing kept, for what is kept is its prompt's home. */
function otherDialects(model: string): { readonly target: string; readonly body: string }[] {
  const contents = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: CANARY.prompt }] }] });
  const responses = { model, input: CANARY.prompt, store: false };
  const messages = { model, max_tokens: 16, messages: [{ role: 'user', content: CANARY.prompt }] };
  return [
    { target: '/v1/responses', body: JSON.stringify(responses) },
    { target: '/v1/responses', body: JSON.stringify({ ...responses, stream: true }) },
    { target: '/v1/messages', body: JSON.stringify({ ...messages, stream: true }) },
    { target: `/v1beta/models/${model}:generateContent`, body: contents },
    { target: `/v1beta/models/${model}:streamGenerateContent`, body: contents },
    { target: `/v1beta/models/${model}:streamGenerateContent?alt=sse`, body: contents },
  ];
}

/** Every GET route with its own credential, the page's among them. */
export async function administration(house: House): Promise<Text[]> {
  using session = new Session(house.port);
  const texts: Text[] = [];
  for (const route of house.routes.filter(({ method }) => method === 'GET')) {
    const credential = route.guard === 'key' ? house.keys.client : house.adminToken;
    const { head, text } = await session.send({ target: pathOf(route), headers: [bearer(credential)] });
    texts.push([routeName(route), `${head}\n${text}`]);
  }
  return texts;
}
