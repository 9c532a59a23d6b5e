import { chunk, DELTA, DONE, FINISH, LAST_CHUNK, OK_ANSWER } from '../../../faults/harness/http-bytes.ts';
import type { Checks } from '../parts/checks.ts';
import { answerWell, CANARY, type House } from './house.ts';
import { bearer, Session } from './session.ts';

/** What an answer of ours may hold; everything else of a provider stays with us. */
const ANSWER_HEADERS = new Set([
  'content-type',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'date',
  'cache-control',
  'x-accel-buffering',
  'x-request-id',
  'request-id',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
]);
/** What a provider may be told. */
const UPSTREAM_HEADERS = new Set([
  'host',
  'connection',
  'content-type',
  'content-length',
  'transfer-encoding',
  'accept',
  'accept-encoding',
  'user-agent',
  'authorization',
  'x-client-request-id',
  'openai-beta',
  'anthropic-version',
  'anthropic-beta',
  'traceparent',
  'tracestate',
]);

const FROM_PROVIDER = [
  'set-cookie: session=stolen',
  'server: internal-lb-7',
  'x-powered-by: secret',
  'openai-organization: org-secret',
  'openai-processing-ms: 12',
  'x-ratelimit-limit-requests: 1',
  'via: 1.1 internal',
  'location: http://evil.example/',
  'refresh: 0; url=http://evil.example/',
  'access-control-allow-origin: *',
  'access-control-allow-credentials: true',
  'strict-transport-security: max-age=1',
  'content-security-policy: none',
  'clear-site-data: "*"',
  'link: <http://evil.example>; rel=preload',
  'alt-svc: h2="evil.example:443"',
  'x-leeward-cost: 0',
  'x-leeward-provider: somebody',
  'x-internal-trace: secret',
  'proxy-authenticate: Basic',
  'authorization: Bearer secret',
  `x-echo: ${CANARY.providerKey}`,
  'trailer: x-late',
];

const FROM_CLIENT = [
  'cookie: session=client',
  'x-api-key: lw_something',
  'x-forwarded-for: 10.0.0.1',
  'x-real-ip: 10.0.0.1',
  'forwarded: for=10.0.0.1',
  'via: 1.1 client',
  'referer: http://intranet/secret',
  'origin: http://intranet',
  'x-internal: secret',
  'openai-organization: org-client',
  'openai-project: proj-client',
  'proxy-authorization: Basic x',
  'te: trailers',
  'x-leeward-metadata: {"team":"secret"}',
  'x-leeward-tags: secret',
  'x-leeward-end-user: alice',
  'x-stainless-os: Linux',
  'accept-language: de',
  'user-agent: Client/1',
  'openai-beta: assistants=v2',
  'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
];

/** Which headers travel, in both directions: those on a list. */
export async function proveHeaders(house: House, checks: Checks): Promise<undefined> {
  using session = new Session(house.port);
  const problems: string[] = [];
  const more = `${FROM_PROVIDER.join('\r\n')}\r\n`;
  const answers: readonly (readonly [string, boolean, string])[] = [
    [
      'an answer',
      false,
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${OK_ANSWER.length}\r\n${more}\r\n${OK_ANSWER}`,
    ],
    [
      'an error',
      false,
      `HTTP/1.1 400 X\r\ncontent-type: application/json\r\ncontent-length: 25\r\n${more}\r\n{"error":{"message":"no"}}`,
    ],
    [
      'a stream',
      true,
      `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n${more}\r\n${[DELTA, FINISH, DONE].map(chunk).join('')}0\r\nx-late: secret\r\n\r\n`,
    ],
    [
      'hints',
      false,
      `HTTP/1.1 103 X\r\n${more}\r\nHTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${OK_ANSWER.length}\r\n\r\n${OK_ANSWER}`,
    ],
    [
      'a whole stream',
      true,
      `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${[DELTA, FINISH, DONE].map(chunk).join('')}${LAST_CHUNK}`,
    ],
  ];
  for (const [name, stream, bytes] of answers) {
    house.raw.answer = (socket) => void socket.end(bytes);
    const answer = await call(session, house, stream, []);
    if (!answer.head.startsWith('HTTP/1.1 ')) problems.push(`${name}: no answer`);
    for (const [header, value] of answer.headers) {
      if (!ANSWER_HEADERS.has(header) && !header.startsWith('x-leeward-'))
        problems.push(`${name} carried ${header}: ${value}`);
      if (/secret|somebody|stolen|evil/.test(value))
        problems.push(`${name} carried the provider's ${header}: ${value}`);
    }
    if (answer.text.includes('x-late')) problems.push(`${name} carried a trailer`);
  }
  checks.none("of a provider's headers only those on the list reach a client", problems);
  checks.none("of a client's headers only those on the list reach a provider", await sent(house, session));
}

async function sent(house: House, session: Session): Promise<string[]> {
  house.raw.answer = answerWell;
  house.raw.seen.splice(0);
  await call(session, house, false, FROM_CLIENT);
  const [request] = house.raw.seen;
  if (request === undefined) return ['the call did not reach the provider'];
  const problems: string[] = [];
  for (const line of request.head.split('\r\n').slice(1)) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).toLowerCase();
    if (!UPSTREAM_HEADERS.has(name)) problems.push(`the provider was sent ${line}`);
    if (/secret|alice|Client\/1/.test(line)) problems.push(`the provider was sent ${line}`);
  }
  if (request.head.includes(house.keys.client)) problems.push("the provider was sent the client's key");
  if (!request.head.includes(CANARY.providerKey)) problems.push('the provider was not sent its own key');
  if (!/openai-beta: assistants=v2/i.test(request.head))
    problems.push('openai-beta was not passed on, though it is on the list');
  return problems;
}

function call(session: Session, house: House, stream: boolean, headers: readonly string[]) {
  return session.send({
    method: 'POST',
    target: '/v1/chat/completions',
    headers: [...headers, bearer(house.keys.client), 'content-type: application/json'],
    body: JSON.stringify({ model: 'raw/m', stream, messages: [{ role: 'user', content: 'hi' }] }),
  });
}
