import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandOptions, leeward } from './command-line.ts';
import { ServedGateway, temporaryDir } from './served-gateway.ts';

/** Every command as a process of its own, against a gateway that is served as users serve it. */

const CONFIG = `
routes:
  writer: { targets: [sim/sim-small] }
aliases: { fast: sim/sim-small }
`;

let gateway: ServedGateway;
let directory: string;

beforeAll(async () => {
  directory = temporaryDir();
  gateway = await ServedGateway.start({ config: CONFIG });
}, 30_000);

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

/** On the gateway's data directory, with its key. */
function here(line: string | readonly string[], options: CommandOptions = {}) {
  const args = typeof line === 'string' ? line.split(' ') : line;
  return leeward(args, {
    cwd: directory,
    ...options,
    env: { LEEWARD_DATA: gateway.dataDir, LEEWARD_API_KEY: gateway.key, ...options.env },
  });
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** What differs from run to run, replaced. */
function stable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (name, inner: unknown) => {
    if (inner === null) return null;
    if (/_ms$|_at$|^uptime_s$/.test(name)) return `<${name}>`;
    if (typeof inner !== 'string') return inner;
    return inner
      .replace(/(call|key|chatcmpl|req)[_-]\w{8,}/g, '<$1>')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>')
      .replace(/^[0-9a-f]{12}$/, '<version>');
  });
}

test.each(['--help', 'version', 'call --help'])('%j starts without anything heavy', async (line) => {
  const watch = `
    import { registerHooks } from 'node:module';
    const heavy = new Set();
    registerHooks({ load(url, context, next) {
      const found = /node_modules\\/(zod|yaml|fastify|pino|undici|kysely|@electric-sql)\\//.exec(url);
      if (found !== null) heavy.add(found[1]);
      return next(url, context);
    } });
    process.on('exit', () => process.stderr.write('heavy: ' + [...heavy].join(' ')));
  `;
  const options = `--import data:text/javascript,${encodeURIComponent(watch)}`;
  const { code, err } = await leeward(line.split(' '), { env: { NODE_OPTIONS: options } });
  expect([code, err]).toEqual([0, 'heavy: ']);
});

describe('call', () => {
  test('prints the text alone on stdout, and who answered at which cost on stderr', async () => {
    const { code, out, err } = await here(['call', 'fast', 'Say hello']);
    expect([code, err]).toEqual([0, expect.stringContaining('sim/sim-small  alias fast is sim/sim-small')]);
    expect(out).toMatch(/^[A-Z][^{}]+\n$/);
    expect(err).toMatch(/\d+\+\d+ tokens {2}cost \$0\.0000\d+ {2}first text .+ {2}total .+ {2}call_\w+\n$/);
  });

  test('reads its prompt from standard input, and keeps to --max-tokens', async () => {
    const { code, out, err } = await here('call fast --max-tokens 3 -', { input: 'What is a harbour?\n' });
    expect([code, out.trim().split(/\s+/).length <= 3]).toEqual([0, true]);
    expect(err).toContain('ended by length');
  });

  test('--json prints one document with the answer and its record', async () => {
    const { code, out, err } = await here('call route/writer hello --max-tokens 4 --json');
    expect([code, err]).toEqual([0, '']);
    const { call, usage, ...document } = JSON.parse(out) as Record<string, unknown>;
    expect(stable(document)).toMatchSnapshot();
    expect(call).toMatchObject({ id: document['request_id'], state: 'ended', attempts: [{ outcome: 'ok' }] });
    expect(usage).toMatchObject({ prompt_tokens: 8, completion_tokens: 4 });
  });

  test('--raw prints the event stream as it came', async () => {
    const { code, out } = await here('call fast hello --max-tokens 2 --raw');
    expect([code, out.startsWith('data: {'), out.endsWith('data: [DONE]\n\n')]).toEqual([0, true, true]);
  });

  test('--curl prints a line that does the same, without the key', async () => {
    const { code, out } = await here(['call', 'fast', "it's", '--max-tokens', '3', '--curl']);
    expect([code, out.includes(gateway.key)]).toEqual([0, false]);
    const answer = execFileSync('sh', ['-c', out], { env: { ...process.env, LEEWARD_API_KEY: gateway.key } });
    expect(answer.toString()).toContain('data: [DONE]');
  });

  test('--dry-run says what would happen, calls nobody, and ends as the call would', async () => {
    const calls = async () => (JSON.parse((await here('calls list --json --limit 1000')).out) as unknown[]).length;
    const before = await calls();
    const { code, out, err } = await here(['call', 'route/writer', 'hello', '--max-tokens', '3', '--dry-run']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^would go to \S+, by writer, \d attempts? at most, over after .+\nTARGET +VERDICT +AT MOST +TOKENS +WHY\n\S+ +chosen +\$/,
    );
    const json = await here(['call', 'route/writer', 'hello', '--dry-run', '--json']);
    expect(JSON.parse(json.out)).toMatchObject({
      would: 'attempt',
      error: null,
      stream: true,
      money: { capped: false },
    });
    const refused = await here(['call', 'route/writr', 'hello', '--dry-run']);
    expect([refused.code, refused.out]).toEqual([7, 'would be refused\n']);
    expect(refused.err).toMatch(
      /it would be refused: There is no route 'route\/writr' here \(no_route\) — did you mean/,
    );
    expect(await calls()).toBe(before);
  });

  test.each([
    ['call nope hello', 7, /No provider here answers to the model 'nope' \(no_route, call_\w+\) — /],
    [
      'call route/writr hello',
      7,
      /There is no route 'route\/writr' here \(no_route, call_\w+\) — did you mean 'route\/writer'/,
    ],
    ['call fast', 2, /the prompt on standard input is empty/],
    ['call', 2, /missing required argument 'model'/],
    ['call fast hello --max-tokens 0', 2, /must be a whole number from 1/],
    ['call fast hello --json --raw', 2, /cannot be used with/],
  ])('%j ends with %i and says why', async (line, exitCode, said) => {
    const { code, out, err } = await here(line);
    expect([code, out, err]).toEqual([exitCode, '', expect.stringMatching(said)]);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  test('an error in --json stands in the document too', async () => {
    const { code, out } = await here('call nope hello --json');
    expect([code, JSON.parse(out)]).toEqual([7, expect.objectContaining({ text: '', error: expect.anything() })]);
  });

  test('with a key that is not known ends with 4', async () => {
    const { code, err } = await here('call fast hello', { env: { LEEWARD_API_KEY: 'lw_wrong' } });
    expect([code, err]).toEqual([4, expect.stringContaining('(unauthenticated, call_')]);
  });

  test('Ctrl-C ends it with 130, and upstream with it', async () => {
    const { code, out, err } = await here('call sim/sim-slow hello', {
      onOut: (_, running) => running.signal('SIGINT'),
    });
    expect([code, out.length > 0]).toEqual([130, true]);
    const [, id] = /the call was cancelled — "leeward calls show (call_\w+)"/.exec(err) ?? [];
    expect(await gateway.call(id)).toMatchObject({ attempts: [{ outcome: 'cancelled' }] });
  });

  test('a reader that has seen enough ends it without a word', async () => {
    const before = await gateway.metric('leeward_exchanges_running');
    const { code, err } = await here('call sim/sim-slow hello', { onOut: (_, running) => running.closeOutput() });
    expect([code, err, before]).toEqual([0, '', 0]);
  });
});

describe('without a server', () => {
  test.each(['call fast hello', 'models', 'calls list --watch'])(
    '%j ends with 7 and says how to start one',
    async (line) => {
      const { code, out, err } = await leeward(line.split(' '), { cwd: directory, env: { LEEWARD_API_KEY: 'lw_x' } });
      expect([code, out]).toEqual([7, '']);
      expect(err).toBe(
        'leeward: no server runs on ./.leeward — start one with "leeward dev", or name its directory with --data\n',
      );
    },
  );

  test('at an address where nothing listens, commands end with 7', async () => {
    const env = { LEEWARD_URL: 'http://127.0.0.1:1', LEEWARD_ADMIN_TOKEN: 'x', LEEWARD_API_KEY: 'lw_x' };
    const ran = await Promise.all(['call fast hello', 'keys list', 'models'].map((line) => here(line, { env })));
    expect(ran.map(({ code }) => code)).toEqual([7, 7, 7]);
    expect(ran.map(({ err }) => err.split(' — ')[0])).toEqual(
      Array(3).fill('leeward: nothing listens at http://127.0.0.1:1'),
    );
  });
});

describe('keys', () => {
  test('are made, listed and revoked through the running server', async () => {
    const made = await here('keys create --name cli-e2e --expires 1d');
    expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^lw_\w+\n$/)]);
    const id = made.err.split(' ')[0] ?? '';
    const listed = await here('keys list');
    expect(listed.out).toMatch(new RegExp(`${id} +cli-e2e +lw_\\S+ +\\S+ +until \\d{4}-`));
    expect((await here(['keys', 'revoke', id])).err).toBe(`${id} is revoked\n`);
    const json = JSON.parse((await here('keys list --json')).out) as { id: string }[];
    expect(json.find((key) => key.id === id)).toMatchObject({
      name: 'cli-e2e',
      prefix: made.out.slice(0, 7),
      last4: made.out.trim().slice(-4),
      project: 'proj_default',
      parent: null,
      scopes: [],
      expires_at: expect.stringMatching(INSTANT),
      revoked_at: expect.stringMatching(INSTANT),
    });
  });

  test('are listed on a server elsewhere, by address and token', async () => {
    const env = { LEEWARD_DATA: directory, LEEWARD_URL: `${gateway.url}/v1/`, LEEWARD_ADMIN_TOKEN: gateway.adminToken };
    expect(await here('keys list --json', { env })).toMatchObject({ code: 0, err: '' });
    const wrong = await here('keys list', { env: { ...env, LEEWARD_ADMIN_TOKEN: 'wrong' } });
    expect([wrong.code, wrong.out]).toEqual([4, '']);
    const none = await here('keys list', { env: { ...env, LEEWARD_ADMIN_TOKEN: '' } });
    expect(none.code).toBe(4);
  });

  test('a closed pipe is no error', async () => {
    const { code, err } = await here('keys list', { onOut: (_, running) => running.closeOutput() });
    expect([code, err]).toEqual([0, '']);
  });
});

describe('init', () => {
  test('writes a file that validates, names no secret, and replaces nothing', async () => {
    const cwd = join(directory, 'app');
    mkdirSync(join(cwd, '.git'), { recursive: true });
    const env = { OPENAI_API_KEY: 'sk-very-secret' };
    const first = await leeward(['init'], { cwd, env });
    expect([first.code, first.out]).toEqual([0, 'leeward.yaml\n']);
    expect(first.err).toContain('.gitignore');
    expect(first.err).toMatch(/next: leeward dev\n$/);
    const text = readFileSync(join(cwd, 'leeward.yaml'), 'utf8');
    expect(text).toContain(`openai: { api_key: "\${env:OPENAI_API_KEY}" }`);
    expect(text).not.toContain('sk-very-secret');
    expect(existsSync(join(cwd, '.leeward/config.v1.schema.json'))).toBe(true);
    expect((await leeward(['config', 'validate', 'leeward.yaml'], { cwd, env })).code).toBe(0);
    const again = await leeward(['init'], { cwd, env });
    expect([again.code, again.err]).toEqual([9, expect.stringContaining('leeward.yaml is there already')]);
    const forced = await leeward(['init', '--force', '--json'], { cwd });
    expect([forced.code, JSON.parse(forced.out)]).toEqual([
      0,
      expect.objectContaining({ gitignore: 'already', next: 'leeward dev' }),
    ]);
  });
});

describe('demo', () => {
  test('shows everything it promises, and leaves nothing behind', async () => {
    const temp = join(directory, 'demo');
    mkdirSync(temp);
    const { code, out, err } = await leeward(['demo', '--fast'], { env: { TMPDIR: temp } });
    expect([code, err, readdirSync(temp)]).toEqual([0, '', []]);
    for (const said of [
      /answered by northwind\/story \(route\/writer: fallback 1 of 2\)/,
      /stream_truncated, call_/,
      /northwind is down/,
      /call 5 {2}answered by southwind .* 2 attempts/,
      /attempt 2 {2}southwind {2}ok .*after northwind gave upstream_error/,
      /did you mean 'route\/writer'/,
      /southwind +3 +0 +\d+ +\d+ +\$0\.00/,
      /leeward call sim\/sim-small/,
    ]) {
      expect(out).toMatch(said);
    }
    expect(out).not.toContain('\u001b');
  }, 30_000);

  test('ends with 130 at Ctrl-C, and leaves nothing behind either', async () => {
    const temp = join(directory, 'demo-stopped');
    mkdirSync(temp);
    const { code, err } = await leeward(['demo'], {
      env: { TMPDIR: temp },
      onOut: (out, running) => out.includes('streamed answer') && running.signal('SIGINT'),
    });
    expect([code, err, readdirSync(temp)]).toEqual([
      130,
      'leeward: the demo was stopped — nothing is left behind\n',
      [],
    ]);
  }, 30_000);
});

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish', 'powershell'])('prints a script for %s', async (shell) => {
    const { code, out, err } = await leeward(['completion', shell]);
    expect([code, err, out.includes('leeward')]).toEqual([0, '', true]);
    if (shell === 'bash') execFileSync('bash', ['--norc', '-n'], { input: out });
  });

  test('in bash completes commands, models and keys', async () => {
    const script = join(directory, 'complete.bash');
    writeFileSync(script, (await leeward(['completion', 'bash'])).out);
    const words = (line: string) =>
      execFileSync('bash', ['--norc', '-c', BASH_TRY, 'bash', script, process.execPath, ...line.split(' ')], {
        env: { PATH: process.env['PATH'], LEEWARD_DATA: gateway.dataDir, LEEWARD_API_KEY: gateway.key },
        cwd: join(import.meta.dirname, '../..'),
      })
        .toString()
        .trim()
        .split(/\s+/);
    expect(words('keys re')).toEqual(['revoke']);
    expect(words('call sim/sim-s')).toEqual(['sim/sim-small', 'sim/sim-slow']);
    expect(words('keys revoke ').every((id) => id.startsWith('key_'))).toBe(true);
    const trap = join(directory, 'ran');
    expect(words(`call $(touch\${IFS}${trap})`)).toEqual(['']);
    expect(words(`call \`touch\${IFS}${trap}\``)).toEqual(['']);
    expect(existsSync(trap)).toBe(false);
  });

  test('waits for no server', async () => {
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
    const { port } = silent.address() as AddressInfo;
    const env = { LEEWARD_URL: `http://127.0.0.1:${port}`, LEEWARD_ADMIN_TOKEN: 'x' };
    const quiet = await here('complete -- keys revoke k', { env });
    const known = await here('complete -- keys l', { env });
    await new Promise((closed) => silent.close(closed));
    expect([quiet.code, quiet.out, quiet.err]).toEqual([0, ':4\n', '']);
    expect(quiet.tookMs - known.tookMs).toBeLessThan(1_000);
  });
});

/** Calls the completion function as the shell would. */
const BASH_TRY = `
script=$1; node=$2; shift 2
leeward() { "$node" bin/leeward.mjs "$@"; }
source "$script"
COMP_WORDS=(leeward "$@"); COMP_CWORD=$#
[ "\${COMP_WORDS[COMP_CWORD]}" = revoke ] && COMP_WORDS+=("") && COMP_CWORD=$((COMP_CWORD + 1))
__leeward_complete
echo "\${COMPREPLY[@]}"
`;

describe('doctor', () => {
  test('without a server finds an empty place to be well', async () => {
    const cwd = temporaryDir();
    const { code, out } = await leeward(['doctor', '--offline', '--json'], { cwd, env: { LEEWARD_PORT: '0' } });
    const said = JSON.parse(out) as { ok: boolean; checks: { check: string; status: string }[] };
    rmSync(cwd, { recursive: true });
    const checks = said.checks.filter(({ check }) => check !== 'port' && check !== 'data');
    expect(checks.map(({ check }) => check)).toEqual(['node', 'fsync', 'disk', 'clock', 'server', 'config', 'store']);
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect([0, 1]).toContain(code);
  });

  test('ends with 1 when something is broken, and says what to do', async () => {
    const cwd = temporaryDir();
    writeFileSync(join(cwd, 'leeward.yaml'), 'prot: 1\nserver: { port: 0 }\n');
    const { code, out, err } = await leeward(['doctor', '--offline'], { cwd });
    rmSync(cwd, { recursive: true });
    expect([code, err]).toEqual([1, expect.stringContaining('1 broken')]);
    expect(out).toMatch(/FAIL {2}config .*leeward\.yaml:1 {2}unknown key "prot"/);
    expect(out).toContain('→ see "leeward config validate"');
  });
});

describe('calls, usage and models', () => {
  let ids: { answered: string; refused: string };

  beforeAll(async () => {
    const made = async (line: string) => {
      const { out } = await here(`${line} --json`);
      return (JSON.parse(out) as { request_id: string }).request_id;
    };
    ids = {
      answered: await made('call route/writer hello --max-tokens 4'),
      refused: await made('call sim/nope hello'),
    };
  });

  test('calls list shows the newest first, whole ids, and why one went wrong', async () => {
    const { code, out, err } = await here('calls list --limit 2');
    expect([code, err]).toEqual([0, '']);
    const [headings, first, second, ...more] = out.trimEnd().split('\n');
    expect([headings, more]).toEqual([expect.stringMatching(/^TIME +CALL +MODEL +ANSWERED BY +RESULT/), []]);
    expect(first).toMatch(new RegExp(`${ids.refused} +sim/nope +sim/nope +404 not_found +\\$0 `));
    expect(second).toMatch(new RegExp(`${ids.answered} +route/writer +sim/sim-small +200 +8\\+4 +\\$0\\.0000036 `));
  });

  test('calls list --json keeps its fields, and its filters are passed on', async () => {
    const { out } = await here('calls list --json --since 1h --model route/writer --outcome ok --limit 1');
    const [call] = JSON.parse(out) as Record<string, unknown>[];
    const { id, created_at, state, outcome, model_asked, route, provider, model, status, error, usage, cost, key } =
      call ?? {};
    expect(
      stable({ id, created_at, state, outcome, model_asked, route, provider, model, status, error, usage, cost, key }),
    ).toMatchSnapshot();
    expect(JSON.parse((await here('calls list --json --provider nobody')).out)).toEqual([]);
  });

  test('calls show tells every attempt and its reason', async () => {
    const { code, out } = await here(['calls', 'show', ids.answered]);
    expect(code).toBe(0);
    expect(out).toMatch(/attempt 1 {2}sim\/sim-small {2}ok {2}200/);
    expect(out).toContain('why: route/writer: fallback 1 of 1');
    expect(out).toContain('8 tokens in, 4 out (counted by: provider), cost $0.0000036');
    const json = JSON.parse((await here(['calls', 'show', ids.refused, '--json'])).out);
    expect(json).toMatchObject({ id: ids.refused, error: 'not_found', attempts: [{ outcome: 'failed', status: 404 }] });
  });

  test('calls show ends with 7 for a call that nobody knows', async () => {
    const { code, out, err } = await here('calls show call_nobody');
    expect([code, out, err]).toEqual([7, '', expect.stringMatching(/^leeward: There is no call call_nobody — /)]);
  });

  test('calls list --watch prints a call as it ends, a line each with --json', async () => {
    const watching = here('calls list --watch --json', {
      onOut: (out, running) => out.includes('watched') && running.signal('SIGINT'),
    });
    const calling = (async () => {
      for (let made = 0; made < 40; made++) {
        if ((await Promise.race([watching, again(100)])) !== undefined) return;
        await gateway.post('/v1/chat/completions', CHAT, { 'x-leeward-tags': 'watched' });
      }
    })();
    const { code, out, err } = await watching;
    await calling;
    const calls = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { tags: string[]; state: string });
    expect([code, err]).toEqual([0, '']);
    expect(calls.every(({ state }) => state === 'ended')).toBe(true);
    expect(calls.some(({ tags }) => tags.includes('watched'))).toBe(true);
  });

  test('usage adds up by what was asked for', async () => {
    const table = await here('usage --by provider');
    expect(table.out).toMatch(
      /^PROVIDER +CALLS +ATTEMPTS +ERRORS +INPUT +CACHED +OUTPUT +COST +CHARGE +WITHOUT COST\nsim +\d/,
    );
    expect(table.out).toMatch(/\ntotal +\d.*\$0\.00/);
    const { out } = await here('usage --by model --since 1d --json');
    const report = JSON.parse(out) as { data: Record<string, unknown>[]; total: Record<string, unknown> };
    expect(report.data.map(({ group }) => group)).toContain('sim/sim-small');
    expect(Object.keys(report.total)).toEqual(expect.arrayContaining(USAGE_FIELDS));
    expect(report.total['cost_nano_usd']).toMatch(/^\d+$/);
  });

  test('usage is exported row by row, and an attempt is a line', async () => {
    const hours = await here('usage --by task --format csv --since 1d');
    expect([hours.code, hours.err]).toEqual([0, '']);
    const [head = '', ...rows] = hours.out.trimEnd().split('\r\n');
    expect(head).toMatch(/^hour,organisation,project,key,provider,model,operation,route,name,calls,/);
    expect(rows.every((row) => row.split(',').length === head.split(',').length)).toBe(true);
    const lines = await here('usage --lines --format jsonl --route writer');
    const calls = lines.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { call: string });
    expect(calls.map(({ call }) => call)).toContain(ids.answered);
    const without = await here('usage --lines');
    expect([without.code, without.err]).toEqual([2, expect.stringContaining('--format csv or --format jsonl')]);
  });

  test('a task is shown with what its calls cost, what was reported, and how it came out', async () => {
    await gateway.post('/v1/chat/completions', CHAT, { 'x-leeward-task': 'cli/task' });
    await gateway.post('/v1/tasks/cli%2Ftask/costs', { id: 'c1', kind: 'tool', amount_usd: '0.5' });
    await gateway.post('/v1/tasks/cli%2Ftask/outcome', { outcome: 'success', note: 'fine' });
    const { code, out } = await here('tasks show cli/task');
    expect(code).toBe(0);
    expect(out).toMatch(/^cli\/task\n +project +proj_default\n +outcome +success\n +note +fine\n/);
    expect(out).toMatch(/\nREPORTED +KIND +AMOUNT +DESCRIPTION\nc1 +tool +\$0\.5/);
    const list = await here('tasks list');
    expect(list.out).toMatch(/^TASK +OUTCOME +CALLS .* REPORTED +WITHOUT COST\ncli\/task +success +1 /);
    expect(list.out).toMatch(/; 1 of 1 judged succeeded \(100\.0 %\), \$0\.5\d* for each success\n$/);
    expect((await here('tasks show nobody')).code).toBe(7);
  });

  test('models are found by name', async () => {
    const { code, out } = await here('models --search sim-sm --json');
    expect([code, (JSON.parse(out) as { id: string }[]).map(({ id }) => id)]).toEqual([0, ['sim/sim-small']]);
    expect((await here('models --provider sim --limit 1')).err).toContain('there are more');
  });

  test('models of a modality that nobody has are none', async () => {
    expect(JSON.parse((await here('models --provider sim --modality smell --json')).out)).toEqual([]);
  });

  test('doctor finds a running server well', async () => {
    const { code, out, err } = await here('doctor');
    expect([code, err]).toEqual([0, expect.stringMatching(/all is well|to look at/)]);
    expect(out).toMatch(/ok {4}server +http:\/\/127\.0\.0\.1:\d+, version/);
    expect(out).toMatch(/ok {4}store +open/);
    expect(out).toMatch(/ok {4}provider sim +ok, 5 models/);
  });

  test('doctor asks a server elsewhere about itself alone, and names a wrong token', async () => {
    const env = { LEEWARD_URL: gateway.url, LEEWARD_ADMIN_TOKEN: gateway.adminToken };
    const checks = (JSON.parse((await here('doctor --json', { env })).out) as { checks: { check: string }[] }).checks;
    expect(checks.map(({ check }) => check)).toEqual(expect.arrayContaining(['node', 'server', 'clock', 'journal']));
    expect(checks.map(({ check }) => check)).not.toContain('disk');
    const wrong = await here('doctor', { env: { ...env, LEEWARD_ADMIN_TOKEN: 'wrong' } });
    expect([wrong.code, wrong.out]).toEqual([1, expect.stringMatching(/FAIL {2}server/)]);
  });
});

const CHAT = { model: 'sim/sim-small', max_tokens: 2, messages: [{ role: 'user', content: 'hi' }] };
const USAGE_FIELDS = [
  'calls',
  'attempts',
  'errors',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'cost_nano_usd',
  'cost_usd',
  'calls_without_cost',
];

function again(ms: number): Promise<undefined> {
  return new Promise((done) => setTimeout(done, ms, undefined));
}

describe('after a server was killed', () => {
  test('a call says that the connection broke, and what was recorded is read from the store', async () => {
    await using killed = await ServedGateway.start();
    const env = { LEEWARD_DATA: killed.dataDir, LEEWARD_API_KEY: killed.key };
    await leeward(['call', 'sim/sim-small', 'hello', '--max-tokens', '3'], { env });
    const broken = await leeward(['call', 'sim/sim-slow', 'hello'], {
      env,
      onOut: () => {
        killed.signal('SIGKILL');
        return true;
      },
    });
    expect([broken.code, broken.err]).toEqual([1, expect.stringMatching(/^leeward: the connection to \S+ broke /)]);
    await killed.program.ended;
    const listed = await leeward(['calls', 'list', '--json'], { env });
    const calls = JSON.parse(listed.out) as { model_asked: string; outcome: string }[];
    expect([listed.code, calls.map(({ model_asked, outcome }) => [model_asked, outcome])]).toEqual([
      0,
      [
        ['sim/sim-slow', 'interrupted'],
        ['sim/sim-small', 'ok'],
      ],
    ]);
    const usage = await leeward(['usage', '--by', 'model', '--json'], { env });
    expect(JSON.parse(usage.out)).toMatchObject({ total: { calls: 2 } });
    const doctor = await leeward(['doctor', '--offline'], { env });
    expect(doctor.out).toMatch(/ok {4}store +it opens, with 1 key in it/);
    const call = await leeward(['call', 'sim/sim-small', 'hello'], { env });
    expect([call.code, call.err]).toEqual([7, expect.stringContaining('no server runs on')]);
  }, 60_000);
});
