import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GatewayOptions } from '../compose.ts';
import { VirtualClock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { Context } from './context.ts';
import type { Keyring } from './keyring.ts';
import { buildProgram, runProgram } from './program.ts';

/** What a command printed, by stream, and a context that prints there. */
function testContext(overrides: Partial<Context> = {}): {
  context: Context;
  printed: { out: string; err: string };
} {
  const printed = { out: '', err: '' };
  const missing = (part: string) => () => Promise.reject(new Error(`this test has no ${part}`));
  const context: Context = {
    io: {
      out(text) {
        printed.out += text;
      },
      err(text) {
        printed.err += text;
      },
      env: {},
    },
    clock: new VirtualClock(),
    startGateway: missing('gateway'),
    serveSimulator: missing('simulator'),
    onLauncherGone: () => undefined,
    untilSignal: missing('signals'),
    setExitCode: () => undefined,
    ...overrides,
  };
  return { context, printed };
}

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-cli-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function run(line: string | readonly string[], overrides: Partial<Context> = {}) {
  const { context, printed } = testContext(overrides);
  const code = await runProgram(typeof line === 'string' ? line.split(' ').filter(Boolean) : line, context);
  return { code, ...printed };
}

describe('help', () => {
  test('of the program begins with an example and lists the exit codes', async () => {
    const { code, out, err } = await run('--help');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatchInlineSnapshot(`
      "Example: leeward dev --port 5339

      Usage: leeward [options] [command]

      The control layer between applications and AI providers.

      Options:
        --version                          print the version
        -h, --help                         show this help

      Commands:
        dev [options]                      run the gateway here, with a key and a simulated provider to
                                           try it (default)
        serve [options]                    run the gateway on a server
        sim [options]                      run the simulated provider alone
        demo [options]                     see in half a minute what it does, on simulated providers
        init [options] [file]              write a leeward.yaml for the providers that are found here
        import [options] <product> <file>  write a leeward.yaml from another gateway's configuration
        call [options] <model> [prompt]    make one call, and print its answer as it comes
        calls                              list calls, and show what happened in one
        usage [options]                    show what calls used and cost
        tasks                              list tasks, and show what one of them cost
        plan [options] [file]              reckon what a month of expected traffic will cost
        forecast [options]                 run a configuration through a day of provider weather
        reconcile [options]                compare what was recorded with a provider's usage export
        models                             list the models that calls can name
        prices                             show what models charge, and how a call came to its cost
        targets [options]                  show which targets calls may go to now, and why not to others
        keys                               create, list and revoke keys
        budgets                            cap what may be spent, and see what is left
        credits                            buy, return and move prepaid credit
        config                             check and compare configurations
        doctor [options]                   check everything that usually goes wrong, and say what to do
        completion <shell>                 print a script that completes commands in a shell
        version [options]                  print the version, and what it runs on

      Exit codes:
        0 ok   1 unexpected   2 usage   3 configuration invalid   4 not allowed   5 provider failed
        6 budget or limit   7 not found   8 timeout   9 conflict
        10 done in part   11 books differ   130 interrupted

      LEEWARD_DEBUG=1 shows the stack of an error.
      "
    `);
  });

  test('of every command stays as it is', async () => {
    const { context } = testContext();
    const names = buildProgram(context).commands.flatMap((command) => [
      command.name(),
      ...command.commands.map((sub) => `${command.name()} ${sub.name()}`),
    ]);
    const pages: string[] = [];
    for (const name of names) pages.push((await run(`${name} --help`)).out);
    expect(pages.join('\n———\n\n')).toMatchSnapshot();
  });
});

describe('a wrong command line', () => {
  test.each([
    ['sevre', 'leeward: there is no command "sevre" — did you mean "leeward serve"?\n'],
    ['qqqqqqqq', 'leeward: there is no command "qqqqqqqq" — see "leeward --help"\n'],
    ['dev --prot 1', 'leeward: unknown option \'--prot\' (Did you mean --port?) — see "leeward dev --help"\n'],
    ['keys revoke', 'leeward: missing required argument \'key\' — see "leeward keys revoke --help"\n'],
    [
      'serve --port 70000',
      "leeward: option '--port <number>' argument '70000' is invalid. It must be a number from 0 to 65535 — see \"leeward serve --help\"\n",
    ],
    [
      'keys create x --expires 2020-01-01',
      "leeward: option '--expires <when>' argument '2020-01-01' is invalid. It must be in the future — see \"leeward keys create --help\"\n",
    ],
  ])('%j ends with 2 and one line', async (line, said) => {
    expect(await run(line)).toEqual({ code: 2, out: '', err: said });
  });

  test('that names a group without its command shows what there is', async () => {
    const { code, out, err } = await run('keys');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('revoke [options] <key>');
    expect(err).toMatch(/leeward: "leeward keys" needs a command — see "leeward keys --help"\n$/);
  });
});

describe('dev and serve', () => {
  async function started(line: string, env: Record<string, string> = {}): Promise<GatewayOptions> {
    let options: GatewayOptions | undefined;
    const { context } = testContext();
    const result = await run(line, {
      io: { ...context.io, env },
      startGateway: async (given) => {
        options = given;
        return { done: Promise.resolve(0), drain: () => Promise.resolve() };
      },
    });
    expect(result.code).toBe(0);
    if (options === undefined) throw new Error('nothing was started');
    return options;
  }

  test('without a word, dev runs with what the configuration says', async () => {
    const { say, env, ...options } = await started('');
    expect(options).toEqual({ mode: 'dev', dataDir: './.leeward' });
  });

  test('flags are handed on', async () => {
    const { say, env, ...options } = await started('serve --port 0 --host ::1 --data /d --config c.yaml');
    expect(options).toEqual({ mode: 'serve', port: 0, host: '::1', dataDir: '/d', configPath: 'c.yaml' });
  });

  test('end with the code of the gateway', async () => {
    const result = await run('dev', {
      startGateway: async () => ({ done: Promise.resolve(1), drain: () => Promise.resolve() }),
    });
    expect(result.code).toBe(1);
  });

  test('dev drains when its launcher has died, serve stays', async () => {
    for (const [mode, expected] of [
      ['dev', 1],
      ['serve', 0],
    ] as const) {
      let drains = 0;
      let finish: (code: number) => void = () => undefined;
      const done = new Promise<number>((resolve) => {
        finish = resolve;
      });
      await run(mode, {
        startGateway: async () => {
          queueMicrotask(() => setImmediate(() => finish(0)));
          return {
            done,
            async drain() {
              drains++;
            },
          };
        },
        onLauncherGone: (listener) => listener(),
      });
      expect([mode, drains]).toEqual([mode, expected]);
    }
  });

  test.each([
    [
      Object.assign(new Error('listen'), { code: 'EADDRINUSE', address: '127.0.0.1', port: 5339 }),
      9,
      'leeward: 127.0.0.1:5339 is in use — stop what listens there, or choose another with --port\n',
    ],
    [
      new GatewayError('internal', {
        message: 'data directory /d is in use by process 7; stop it or use --data DIR',
        cause: { errcode: 5 },
      }),
      9,
      'leeward: data directory /d is in use by process 7 — stop it or use --data DIR\n',
    ],
    [
      new TypeError('x is not a function'),
      1,
      'leeward: x is not a function — run it again with LEEWARD_DEBUG=1 to see where it happened\n',
    ],
  ])('a failure is one line without a stack: %s', async (error, code, said) => {
    expect(await run('dev', { startGateway: () => Promise.reject(error) })).toEqual({ code, out: '', err: said });
  });

  test('LEEWARD_DEBUG=1 adds the stack', async () => {
    const { context, printed } = testContext();
    const io = { ...context.io, env: { LEEWARD_DEBUG: '1' } };
    const startGateway = () => Promise.reject(new TypeError('x is not a function'));
    expect(await runProgram(['dev'], { ...context, io, startGateway })).toBe(1);
    expect(printed.err).toContain('program.test.ts');
  });
});

test('sim prints its address alone on stdout, and stops on a signal', async () => {
  let stopped = false;
  const result = await run('sim --port 0 --seed 7', {
    serveSimulator: async (options) => {
      expect(options).toEqual({ host: '127.0.0.1', port: 0, seed: 7 });
      return {
        url: 'http://127.0.0.1:9',
        async stop() {
          stopped = true;
        },
      };
    },
    untilSignal: () => Promise.resolve('SIGINT'),
  });
  expect([result.code, result.out, stopped]).toEqual([0, 'http://127.0.0.1:9\n', true]);
});

describe('config', () => {
  test('validate says in one line that a file is right', async () => {
    const file = join(directory, 'a.yaml');
    writeFileSync(file, 'routes: { a: { targets: [sim/x] } }\n');
    const { code, out, err } = await run(['config', 'validate', file]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/a\.yaml is valid: 0 providers, 1 route, version [0-9a-f]{12}\n$/);
  });

  test('validate ends with 3 and the whole report', async () => {
    const file = join(directory, 'a.yaml');
    writeFileSync(file, 'prot: 1\n');
    const { code, out, err } = await run(['config', 'validate', file]);
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain('a.yaml:1:1  error  unknown key "prot"');
    expect(err).toContain('     | ^^^^\n');
    expect(err).toMatch(/leeward: \S+a\.yaml is not valid — correct the lines above/);
  });

  test('validate --json prints problems for scripts', async () => {
    const file = join(directory, 'a.yaml');
    writeFileSync(file, 'log: { level: loud }\n');
    const { code, out, err } = await run(['config', 'validate', file, '--json']);
    expect([code, err]).toEqual([3, '']);
    expect(JSON.parse(out)).toMatchObject({ valid: false, problems: [{ line: 1, column: 15, severity: 'error' }] });
    expect(JSON.parse((await run('config validate nowhere.yaml --json')).out)).toMatchObject({ valid: false });
  });

  test('schema prints JSON', async () => {
    expect(JSON.parse((await run('config schema')).out)).toMatchObject({ title: 'leeward.yaml', type: 'object' });
  });
});

describe('keys', () => {
  const clock = new VirtualClock(Date.UTC(2026, 5, 1));
  const key = {
    id: 'key_1',
    name: 'app',
    prefix: 'lw_abc',
    last4: 'wxyz',
    project: 'default',
    created_at: '2026-01-02T03:04:05Z',
  };

  function ring(overrides: Partial<Keyring> = {}): { asked: unknown[]; overrides: Partial<Context> } {
    const asked: unknown[] = [];
    const keyring: Keyring = {
      async create(request) {
        asked.push(request);
        return { ...key, key: 'lw_secret' };
      },
      list: async () => [
        key,
        { ...key, id: 'key_2', revoked_at: 1 },
        { ...key, id: 'key_3', expires_at: '2026-05-01' },
      ],
      async revoke(id) {
        asked.push(id);
        return { ...key, id };
      },
      async close() {
        asked.push('closed');
      },
      ...overrides,
    };
    return { asked, overrides: { clock, openStoreKeyring: async () => keyring } };
  }

  test('create prints the key alone on stdout, so that a script can take it', async () => {
    const { asked, overrides } = ring();
    const line = `keys create app --parent key_0 --expires 30d --scope metrics calls --data ${directory}`;
    const { code, out, err } = await run(line, overrides);
    expect([code, out]).toEqual([0, 'lw_secret\n']);
    expect(err).toContain('cannot be shown again');
    expect(asked).toEqual([
      {
        name: 'app',
        parent: 'key_0',
        expires_at: '2026-07-01T00:00:00.000Z',
        scopes: ['metrics', 'calls'],
      },
      'closed',
    ]);
  });

  test('create takes the name as an option too', async () => {
    const { asked, overrides } = ring();
    await run(`keys create --name other --data ${directory}`, overrides);
    await run(`keys create --data ${directory}`, overrides);
    expect(asked).toEqual([{ name: 'other' }, 'closed', { name: 'cli' }, 'closed']);
  });

  test('create --json prints what the API answers', async () => {
    const { out } = await run(`keys create app --json --data ${directory}`, ring().overrides);
    expect(JSON.parse(out)).toEqual({ ...key, key: 'lw_secret' });
  });

  test('list shows a table without secrets', async () => {
    expect((await run(`keys list --data ${directory}`, ring().overrides)).out).toMatchInlineSnapshot(`
      "ID     NAME  KEY          PROJECT  STATE    CREATED
      key_1  app   lw_abc…wxyz  default  active   2026-01-02
      key_2  app   lw_abc…wxyz  default  revoked  2026-01-02
      key_3  app   lw_abc…wxyz  default  expired  2026-01-02
      "
    `);
    expect(JSON.parse((await run(`keys list --json --data ${directory}`, ring().overrides)).out)).toHaveLength(3);
  });

  test('list says where keys come from once the file declares some', async () => {
    const declared = { ...key, id: 'key_file', prefix: '', last4: '', origin: 'file' };
    const { overrides } = ring({ list: async () => [{ ...key, origin: 'database' }, declared] });
    expect((await run(`keys list --data ${directory}`, overrides)).out).toMatchInlineSnapshot(`
      "ID        NAME  KEY          PROJECT  STATE   CREATED     FROM
      key_1     app   lw_abc…wxyz  default  active  2026-01-02  database
      key_file  app                default  active  2026-01-02  file
      "
    `);
  });

  test('revoke says so', async () => {
    const { asked, overrides } = ring();
    expect(await run(`keys revoke key_9 --data ${directory}`, overrides)).toEqual({
      code: 0,
      out: '',
      err: 'key_9 is revoked\n',
    });
    expect(asked).toEqual(['key_9', 'closed']);
  });

  test('the store is closed even when it refuses', async () => {
    const { asked, overrides } = ring({
      revoke: () => Promise.reject(new GatewayError('not_found', { message: 'there is no key key_9' })),
    });
    const { code, err } = await run(`keys revoke key_9 --data ${directory}`, overrides);
    expect(code).toBe(7);
    expect(err).toMatch(/^leeward: there is no key key_9 — /);
    expect(asked).toEqual(['closed']);
  });

  test('without server and store they say how to get one', async () => {
    const { code, err } = await run(`keys list --data ${directory}`);
    expect(code).toBe(7);
    expect(err).toBe(
      `leeward: no server runs on ${directory} — start one with "leeward dev", or name its directory with --data\n`,
    );
  });
});
