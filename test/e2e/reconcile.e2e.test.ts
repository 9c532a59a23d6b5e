import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandOptions, leeward } from './command-line.ts';
import { Program, ServedGateway, temporaryDir } from './served-gateway.ts';

/** A gateway and a simulated provider, each a process of its own, and the provider's own bill against the ledger. */

let simulator: Program;
let simulatorUrl: string;
let gateway: ServedGateway;
let directory: string;

beforeAll(async () => {
  directory = temporaryDir();
  simulator = new Program(['sim', '--port', '0']);
  simulatorUrl = await printedUrl(simulator);
  gateway = await ServedGateway.start({ config: configuration() });
  for (const word of ['one', 'two', 'three', 'four']) await chat(word);
}, 60_000);

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  simulator.child.kill('SIGTERM');
  await simulator.ended;
  rmSync(directory, { recursive: true });
});

function configuration(): string {
  return `
providers:
  away:
    preset: openai-compatible
    base_url: ${simulatorUrl}/v1
    prices:
      sim-small:
        input_usd_per_million: '0.15'
        cached_input_usd_per_million: '0.075'
        output_usd_per_million: '0.60'
`;
}

async function printedUrl(program: Program): Promise<string> {
  const endMs = performance.now() + 20_000;
  while (!program.stdout.includes('\n')) {
    if (performance.now() > endMs) throw new Error(`the simulator does not start: ${program.stderr}`);
    await new Promise((done) => setTimeout(done, 20));
  }
  return program.stdout.trim().replace(/\/v1$/, '');
}

async function chat(word: string): Promise<void> {
  const messages = [{ role: 'user', content: `Say ${word}` }];
  const answer = await gateway.post('/v1/chat/completions', { model: 'away/sim-small', messages, max_tokens: 8 });
  expect(answer.status).toBe(200);
  await answer.text();
  await gateway.call(answer.headers.get('x-leeward-request-id'));
}

interface BillLine {
  readonly cost_nano_usd: string;
  readonly completion_tokens: number;
  readonly prompt_tokens: number;
  readonly started_at: string;
  readonly request_id: string;
  readonly client_request_id: string;
}

async function bill(): Promise<BillLine[]> {
  const text = await (await fetch(`${simulatorUrl}/sim/bill`)).text();
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as BillLine]));
}

function written(name: string, lines: readonly object[]): string {
  const path = join(directory, name);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}

function reconcile(path: string, args: readonly string[] = [], options: CommandOptions = {}) {
  return leeward(['reconcile', '--provider', 'away', '--file', path, '--format', 'leeward-sim', ...args], {
    cwd: directory,
    ...options,
    env: { LEEWARD_DATA: gateway.dataDir, ...options.env },
  });
}

async function document(path: string, args: readonly string[] = []) {
  const { code, out, err } = await reconcile(path, [...args, '--json']);
  expect(err).toBe('');
  return { code, ...(JSON.parse(out) as Record<string, unknown>) };
}

test("the simulator's bill is what the ledger has", async () => {
  const lines = await bill();
  expect(lines).toHaveLength(4);
  const path = written('bill.jsonl', lines);
  const total = lines.reduce((sum, line) => sum + BigInt(line.cost_nano_usd), 0n);
  expect(await document(path)).toMatchObject({
    code: 0,
    differs: false,
    matched: 4,
    statement_lines: 4,
    booked: { nano_usd: String(total) },
    difference: { nano_usd: '0' },
    days: [{ capture_percent: '100.00', alert: false }],
    listed: [],
    applied: null,
  });
  const { code, out } = await reconcile(path);
  expect([code, out]).toEqual([0, expect.stringContaining('difference $0 (0 nano-USD)')]);
});

test('a bill that was changed differs by exactly that, with exit code 11', async () => {
  const [first, second, third, fourth] = await bill();
  if (first === undefined || second === undefined || third === undefined || fourth === undefined)
    throw new Error('no bill');
  const path = written('changed.jsonl', [
    { ...first, cost_nano_usd: String(BigInt(first.cost_nano_usd) + 1n) },
    { ...second, completion_tokens: second.completion_tokens + 1 },
    // Both ids are needed nowhere: either is enough.
    { ...third, request_id: undefined },
    { ...fourth, request_id: 'req_of_nobody', client_request_id: 'call_of_nobody-1' },
  ]);
  expect(await document(path)).toMatchObject({
    code: 11,
    differs: true,
    matched: 1,
    differing: { all: 2, cost: 1, tokens: 1, both: 0 },
    missing_here: 1,
    lost_here: 0,
    missing_there: 1,
    difference: { nano_usd: '1' },
    apart: { nano_usd: String(2n * BigInt(fourth.cost_nano_usd) + 1n) },
    days: [{ alert: true }],
  });
  const { code, out } = await reconcile(path);
  expect(code).toBe(11);
  expect(out).toContain('(1 nano-USD)');
  expect(out).toMatch(/differing: cost +call_\w+ #1 +sim-small/);
});

test('a bill that sums up is compared by model and minute', async () => {
  const lines = await bill();
  const groups = new Map<string, { input: number; output: number; cost: bigint }>();
  for (const line of lines) {
    const minute = `${line.started_at.slice(0, 16)}:00Z`;
    const sum = groups.get(minute) ?? { input: 0, output: 0, cost: 0n };
    sum.input += line.prompt_tokens;
    sum.output += line.completion_tokens;
    sum.cost += BigInt(line.cost_nano_usd);
    groups.set(minute, sum);
  }
  const rows = [...groups].map(([minute, { input, output, cost }]) => `${minute},sim-small,${input},${output},${cost}`);
  const path = join(directory, 'sums.csv');
  writeFileSync(path, `${['timestamp,model,input_tokens,output_tokens,cost_nano_usd', ...rows].join('\n')}\n`);
  const found = await document(path, ['--bucket', 'minute']);
  // The provider's clock and ours see a call begin in two minutes once in a while; then both are listed.
  if (found.code === 0) expect(found).toMatchObject({ kind: 'aggregates', differing: 0, bucket_ms: 60_000 });
  else expect(found).toMatchObject({ kind: 'aggregates', difference: { nano_usd: '0' } });
});

test('what the provider says is booked once, after which nothing differs', async () => {
  const [first, second, ...others] = await bill();
  if (first === undefined || second === undefined) throw new Error('no bill');
  const dearer = { ...first, cost_nano_usd: String(BigInt(first.cost_nano_usd) + 5n), completion_tokens: 9 };
  const path = written('booked.jsonl', [dearer, ...others]);
  const before = await document(path);
  expect(before).toMatchObject({ code: 11, differing: { all: 1, both: 1 }, missing_there: 1, applied: null });
  const applied = { corrected: 2, again: 0, refused: 0, unbooked: 0, left: 0 };
  const after = { differs: false, matched: 3, free: 1, difference: { nano_usd: '0' }, apart: { nano_usd: '0' } };
  expect(await document(path, ['--apply'])).toMatchObject({ code: 0, ...after, applied });
  expect(await document(path)).toMatchObject({ code: 0, ...after });
  expect(await document(path, ['--apply'])).toMatchObject({ code: 0, ...after, applied: { ...applied, corrected: 0 } });

  // And back, by the provider's real bill: another statement.
  const real = written('real.jsonl', await bill());
  expect(await document(real, ['--apply'])).toMatchObject({ code: 0, differs: false, matched: 4, applied });
  const { code, out } = await reconcile(real);
  expect([code, out]).toEqual([0, expect.stringContaining('difference $0 (0 nano-USD)')]);
});

test('an attempt that a crash cut off is settled by what the provider made until then', async () => {
  const dataDir = join(directory, 'crash');
  mkdirSync(dataDir);
  const crashing = await ServedGateway.start({ config: configuration(), dataDir });
  const messages = [{ role: 'user', content: 'Tell a very long story' }];
  const body = { model: 'away/sim-small', messages, stream: true, max_tokens: 5_000 };
  const answer = await crashing.post('/v1/chat/completions', body);
  const callId = answer.headers.get('x-leeward-request-id');
  await answer.body?.getReader().read();
  crashing.signal('SIGKILL');
  await crashing.program.ended;
  await using restarted = await ServedGateway.start({ config: configuration(), dataDir });
  expect((await (await restarted.admin('GET', `/admin/calls/${callId}`)).json()) as object).toMatchObject({
    attempts: [{ outcome: 'interrupted' }],
  });

  const cut = (await bill()).filter(({ client_request_id: id }) => id === `${callId}-1`);
  expect(cut).toHaveLength(1);
  const path = written('crash.jsonl', cut);
  const env = { LEEWARD_DATA: dataDir };
  const before = await reconcile(path, ['--json'], { env });
  expect([before.code, JSON.parse(before.out)]).toEqual([11, expect.objectContaining({ matched: 0, missing_here: 0 })]);
  const after = await reconcile(path, ['--json', '--apply'], { env });
  expect([after.code, JSON.parse(after.out)]).toEqual([
    0,
    expect.objectContaining({ matched: 1, difference: { nano_usd: '0', usd: '0' } }),
  ]);
}, 60_000);

test('booking needs the server', async () => {
  const { code, err } = await reconcile(written('nobody.jsonl', await bill()), ['--apply'], {
    env: { LEEWARD_DATA: join(directory, 'nobody') },
  });
  expect([code, err]).toEqual([7, expect.stringContaining('no server runs on')]);
});

describe('what cannot be', () => {
  test.each<[string, readonly string[], number, string]>([
    ['gone.jsonl', [], 7, 'cannot be read (ENOENT)'],
    ['.', [], 2, 'is no file'],
    ['empty.jsonl', [], 2, 'The statement is empty'],
    ['broken.jsonl', [], 2, 'Line 1 of the statement has "-5" as prompt_tokens; it must be a whole number from 0 on'],
    ['empty.jsonl', ['--map', 'cost'], 2, '--map "cost" is not column=field'],
    ['empty.jsonl', ['--from', '2026-11-02', '--to', '2026-11-01'], 2, '--from is not before --to'],
    ['empty.jsonl', ['--bucket', 'year'], 2, 'It must be minute, hour or day'],
  ])('%s %j ends with %i', async (name, args, code, said) => {
    written('empty.jsonl', []);
    written('broken.jsonl', [{ request_id: 'req_1', prompt_tokens: -5 }]);
    const ended = await reconcile(join(directory, name), args);
    expect([ended.code, ended.out]).toEqual([code, '']);
    // What comes after a semicolon is the next step, behind a dash.
    expect(ended.err.replace(' — ', '; ')).toContain(said);
  });
});
