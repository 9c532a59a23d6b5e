import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { CliFailure } from './failure.ts';
import type { Keyring } from './keyring.ts';
import { openKeyring } from './open-keyring.ts';

/** A server that answers as the admin API does, as far as the command line sees it. */
let server: Server;
let directory: string;
let url: string;
let asked: { line: string; authorization: string | undefined; body: string }[];
let answer: { status: number; body: string };
/** Bodies to give before that one. */
let answers: string[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-keys-'));
  asked = [];
  answers = [];
  answer = { status: 200, body: '{"data":[]}' };
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({
        line: `${request.method} ${request.url}`,
        authorization: request.headers.authorization,
        body: Buffer.concat(chunks).toString(),
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answers.shift() ?? answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  if (server.listening) await closed();
  rmSync(directory, { recursive: true });
});

function closed(): Promise<void> {
  return new Promise((resolve, reject) => server.close((error) => (error === undefined ? resolve() : reject(error))));
}

function announce(facts: unknown = { pid: process.pid, url }, token = 'tok\n'): void {
  writeFileSync(join(directory, 'server.json'), JSON.stringify(facts));
  writeFileSync(join(directory, 'admin-token'), token, { mode: 0o600 });
}

function open(openStore?: () => Promise<Keyring>): Promise<Keyring> {
  return openKeyring({ data: directory }, { clock: systemClock, ...(openStore === undefined ? {} : { openStore }) });
}

const fromStore: Keyring = {
  create: () => Promise.reject(new Error('not here')),
  list: async () => [{ id: 'from-store' }],
  revoke: () => Promise.reject(new Error('not here')),
  close: () => Promise.resolve(),
};

async function failure(act: Promise<unknown>): Promise<CliFailure> {
  const thrown = await act.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof CliFailure) return thrown;
  throw new Error('it did not fail as it should', { cause: thrown });
}

describe('with a server that runs', () => {
  test('keys are asked for with the admin token', async () => {
    announce();
    const keyring = await open(() => Promise.resolve(fromStore));
    answer.body = JSON.stringify({ data: [{ id: 'key_1', later: true }] });
    expect(await keyring.list()).toEqual([{ id: 'key_1', later: true }]);
    answer.body = JSON.stringify({ id: 'key_2', key: 'lw_x' });
    expect(await keyring.create({ name: 'app', scopes: ['metrics'] })).toEqual({ id: 'key_2', key: 'lw_x' });
    answer.body = JSON.stringify({ id: 'a/b' });
    await keyring.revoke('a/b');
    await keyring.close();
    expect(asked.map(({ line, body }) => [line, body])).toEqual([
      ['GET /admin/keys?limit=200', ''],
      ['POST /admin/keys', '{"name":"app","scopes":["metrics"]}'],
      ['POST /admin/keys/a%2Fb/revoke', '{}'],
    ]);
    expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer tok']));
  });

  test('a list of several pages is read to its end', async () => {
    announce();
    const keyring = await open(() => Promise.resolve(fromStore));
    answers = ['{"data":[{"id":"key_1"}],"next_cursor":"a b"}', '{"data":[{"id":"key_2"}],"next_cursor":null}'];
    expect((await keyring.list()).map(({ id }) => id)).toEqual(['key_1', 'key_2']);
    expect(asked.map(({ line }) => line)).toEqual([
      'GET /admin/keys?limit=200',
      'GET /admin/keys?limit=200&cursor=a+b',
    ]);
  });

  test.each([
    [401, 4],
    [403, 4],
    [402, 6],
    [404, 7],
    [409, 9],
    [400, 2],
    [502, 5],
    [504, 8],
    [500, 1],
  ])('an answer of %i ends the command with %i and the server’s own words', async (status, exitCode) => {
    announce();
    answer = { status, body: JSON.stringify({ error: { message: 'no key key_9', code: 'x' } }) };
    const failed = await failure((await open()).revoke('key_9'));
    expect([failed.exitCode, failed.message]).toEqual([exitCode, 'no key key_9']);
  });

  test('an answer that is none of ours is said to be that', async () => {
    announce();
    answer.body = '<h1>hello</h1>';
    expect((await failure((await open()).list())).message).toContain('answered something else');
    answer = { status: 500, body: '<h1>oops</h1>' };
    expect((await failure((await open()).list())).message).toBe('the server answered 500');
  });

  test('a token that is gone is named', async () => {
    announce({ pid: process.pid, url }, '');
    const failed = await failure(open(() => Promise.resolve(fromStore)));
    expect(failed.exitCode).toBe(4);
    expect(failed.message).toContain('admin-token');
  });
});

describe('without a server that runs', () => {
  test.each([
    ['a server.json of a process that is dead', () => announce({ pid: 2 ** 22 + 1, url })],
    ['a server.json that is half written', () => announce('{"pid": 12')],
    ['no server.json at all', () => undefined],
  ])('%s leads to the store', async (_, prepare) => {
    prepare();
    const keyring = await open(() => Promise.resolve(fromStore));
    expect(await keyring.list()).toEqual([{ id: 'from-store' }]);
    expect(asked).toEqual([]);
  });

  test('a reused pid leads to the store, once nothing listens', async () => {
    announce();
    await closed();
    let opened = 0;
    const keyring = await open(async () => {
      opened++;
      return fromStore;
    });
    expect(opened).toBe(0);
    expect(await keyring.list()).toEqual([{ id: 'from-store' }]);
    expect(await keyring.list()).toEqual([{ id: 'from-store' }]);
    expect(opened).toBe(1);
  });
});

describe('with a server named by its address', () => {
  function openAt(token?: string): Promise<Keyring> {
    const parts = { clock: systemClock, openStore: () => Promise.resolve(fromStore) };
    return openKeyring({ data: directory, url, ...(token === undefined ? {} : { token }) }, parts);
  }

  test('it is asked with the token that was given, and the directory is left alone', async () => {
    announce({ pid: process.pid, url: 'http://127.0.0.1:9' }, 'local');
    const keyring = await openAt('remote');
    await keyring.list();
    expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer remote']);
  });

  test("it never gets the directory's own token", async () => {
    announce();
    const failed = await failure(openAt());
    expect([failed.exitCode, failed.next]).toEqual([4, expect.stringContaining('LEEWARD_ADMIN_TOKEN')]);
    expect(asked).toEqual([]);
  });

  test('when nothing listens there, the store here does not answer for it', async () => {
    const keyring = await openAt('remote');
    await closed();
    const failed = await failure(keyring.list());
    expect([failed.exitCode, failed.message]).toEqual([7, `nothing listens at ${url}`]);
  });
});
