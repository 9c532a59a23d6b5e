import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { chunk, DELTA, DONE, event, LAST_CHUNK, STREAM_HEAD } from '../../../faults/harness/http-bytes.ts';
import { ROOT } from '../../../faults/harness/processes.ts';
import { comesTrue } from '../../../faults/harness/waiting.ts';
import { type Answerer, answerBytes } from '../../support/raw-upstream.ts';
import type { Checks } from '../parts/checks.ts';
import { answerWell, CANARY, type House, pathOf, routeName } from './house.ts';
import { bearer, Session } from './session.ts';

/** What is looked for, by name; bytes as they could stand in a file. */
type Secrets = ReadonlyMap<string, Buffer>;

/** Where a secret is at home. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  'the admin token': ['admin-token'],
  'the pepper': ['peppers.json'],
  'the dev key': ['dev.key'],
};

/** Every secret on every way out: answers, log, store, journal, metrics, page, administration, command line, crashes. */
export async function proveCanaries(house: House, checks: Checks): Promise<Record<string, number>> {
  const secrets = secretsOf(house);
  const answers = await errorPaths(house);
  checks.that(
    'the search would find them: the provider was sent its key and the prompt',
    house.raw.seen.some(({ head, body }) => head.includes(CANARY.providerKey) && body.includes(CANARY.prompt)),
  );
  const prompted = without(secrets, 'the prompt', 'the completion', 'the client key');
  checks.none('no answer to a call holds a secret', found(prompted, answers), `${answers.length} answers`);
  const told = await administration(house);
  checks.none(
    'nothing that can be read with a credential holds a secret',
    found(secrets, told),
    `${told.length} answers`,
  );
  checks.none(
    'no line of the log holds a secret or a prompt',
    found(secrets, [['the log', house.gateway.lines.join('\n')]]),
  );
  // Programs of their own, which take their time; no sabotage is about them.
  const whole = house.options.sabotage === undefined;
  if (whole) {
    const commands = await commandLine(house);
    checks.none('no command prints a secret', found(secrets, commands), `${commands.length} commands`);
  }
  await house.gateway.stop();
  const files = filesIn(house.dataDir);
  checks.none('no file but its own holds a secret', inFiles(secrets, files), `${files.length} files`);
  if (whole) {
    const crashes = await crashing(house);
    checks.none('no crash and no refused start prints a secret', found(secrets, crashes), `${crashes.length} ends`);
  }
  return { 'answers searched': answers.length + told.length, 'files searched': files.length };
}

function secretsOf(house: House): Secrets {
  const { peppers } = JSON.parse(readFileSync(join(house.dataDir, 'peppers.json'), 'utf8')) as {
    peppers: { secret: string }[];
  };
  const pepper = peppers[0]?.secret ?? '';
  return new Map([
    ["the provider's key", Buffer.from(CANARY.providerKey)],
    ['the prompt', Buffer.from(CANARY.prompt)],
    ['the completion', Buffer.from(CANARY.completion)],
    ['the admin token', Buffer.from(house.adminToken)],
    ['the client key', Buffer.from(house.keys.client)],
    ['the revoked key', Buffer.from(house.keys.revoked)],
    ['the pepper', Buffer.from(pepper)],
    ["the pepper's bytes", Buffer.from(pepper, 'base64')],
  ]);
}

function without(secrets: Secrets, ...names: readonly string[]): Secrets {
  return new Map([...secrets].filter(([name]) => !names.includes(name)));
}

type Text = readonly [where: string, text: string | Buffer];

function found(secrets: Secrets, texts: readonly Text[]): string[] {
  const problems: string[] = [];
  for (const [where, text] of texts) {
    const bytes = Buffer.from(text);
    for (const [name, secret] of secrets) if (bytes.includes(secret)) problems.push(`${where} holds ${name}`);
  }
  return problems;
}

function inFiles(secrets: Secrets, files: readonly string[]): string[] {
  return files.flatMap((file) =>
    found(secrets, [[file, readFileSync(file)]]).filter(
      (problem) =>
        !Object.entries(HOMES).some(([name, homes]) => problem.endsWith(name) && homes.includes(basename(file))),
    ),
  );
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

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

async function errorPaths(house: House): Promise<Text[]> {
  using session = new Session(house.port);
  const texts: Text[] = [];
  const send = async (name: string, headers: readonly string[], body: string) => {
    const { head, text } = await session.send({
      method: 'POST',
      target: '/v1/chat/completions',
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
  }
  return texts;
}

function chat(model: string, streamed: boolean): string {
  return JSON.stringify({ model, stream: streamed, messages: [{ role: 'user', content: CANARY.prompt }] });
}

/** Every GET route with its own credential, the page's among them. */
async function administration(house: House): Promise<Text[]> {
  using session = new Session(house.port);
  const texts: Text[] = [];
  for (const route of house.routes.filter(({ method }) => method === 'GET')) {
    const credential = route.guard === 'key' ? house.keys.client : house.adminToken;
    const { head, text } = await session.send({ target: pathOf(route), headers: [bearer(credential)] });
    texts.push([routeName(route), `${head}\n${text}`]);
  }
  return texts;
}

/** Commands that run at the same time. */
const LANES = 3;

const COMMANDS: readonly (readonly string[])[] = [
  ['--help'],
  ['--version'],
  ['version', '--json'],
  ...['dev', 'serve', 'sim', 'init', 'call', 'calls', 'usage', 'models', 'keys', 'config', 'completion'].map((name) => [
    name,
    '--help',
  ]),
  ['keys', 'list', '--json'],
  ['calls', 'list', '--json'],
  ['config', 'validate'],
  ['config', 'print'],
  ['config', 'print', '--json'],
  ['config', 'schema'],
  ['nonsense'],
  ['keys', 'revoke', 'key_nonsense'],
];

async function commandLine(house: House): Promise<Text[]> {
  const left = [...COMMANDS];
  const texts: Text[] = [];
  const lane = async () => {
    for (let command = left.shift(); command !== undefined; command = left.shift()) {
      const alone = command.includes('--help') || command.length === 1 || command[0] === 'version';
      const args = alone ? command : [...command, ...whereOf(command, house)];
      texts.push([`leeward ${command.join(' ')}`, await runs(args, house)]);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return texts;
}

function whereOf([name]: readonly string[], house: House): string[] {
  return name === 'config' ? ['--config', house.configPath] : ['--data', house.dataDir];
}

/** Standard output and error of a command, however it ends. */
function runs(args: readonly string[], house: House, env: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve) => {
    const options = {
      cwd: ROOT,
      timeout: 20_000,
      env: { ...process.env, ...house.environment, LEEWARD_DEBUG: '1', NO_COLOR: '1', ...env },
    };
    execFile(process.execPath, ['bin/leeward.mjs', ...args], options, (_error, stdout, stderr) =>
      resolve(`${stdout}\n${stderr}`),
    );
  });
}

/** Starts that are refused, and a gateway that dies of an error nobody handled. */
async function crashing(house: House): Promise<Text[]> {
  const folder = mkdtempSync(join(tmpdir(), 'leeward-broken-'));
  const texts: Text[] = [];
  try {
    const broken = join(folder, 'leeward.yaml');
    const tries: readonly (readonly [string, string])[] = [
      [
        'a key on a line with a fault',
        `providers:\n  x: { api_key: "${CANARY.providerKey}", base_ulr: "http://x/v1" }\n`,
      ],
      [
        'a key where none belongs',
        `providers:\n  x:\n    preset: openai-compatible\n    base_url: "http://me:${CANARY.providerKey}@x/v1"\n`,
      ],
      ['a key in a broken line', `providers:\n  x: { api_key: ${CANARY.providerKey}\n`],
    ];
    for (const [name, text] of tries) {
      writeFileSync(broken, text);
      texts.push([
        name,
        await runs(['serve', '--port', '0', '--data', join(folder, 'data'), '--config', broken], house),
      ]);
    }
    const mark = house.gateway.mark;
    await house.startGateway();
    house.gateway.signal('SIGABRT');
    await comesTrue(() => house.gateway.dead, 5_000);
    texts.push(['an abort', [...house.gateway.since(mark), ...house.gateway.lines].join('\n')]);
    const peppers = join(house.dataDir, 'peppers.json');
    writeFileSync(peppers, `${readFileSync(peppers, 'utf8').trim()}!`);
    texts.push([
      'damaged peppers',
      await runs(['serve', '--port', '0', '--data', house.dataDir, '--config', house.configPath], house),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return texts;
}
