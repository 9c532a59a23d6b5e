import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Program, ServedGateway, temporaryDir } from './served-gateway.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const CHAT = '/v1/chat/completions';
const body = (model = 'sim/sim-small') => ({
  model,
  max_tokens: 16,
  messages: [{ role: 'user', content: 'Say hello' }],
});

let gateway: ServedGateway;

beforeAll(async () => {
  gateway = await ServedGateway.start({ config: 'log: { level: info }\n' });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

function call(key: string, headers: Record<string, string> = {}, model?: string): Promise<Response> {
  return gateway.post(CHAT, body(model), { authorization: `Bearer ${key}`, ...headers });
}

async function reload(config: string): Promise<void> {
  writeFileSync(join(gateway.dataDir, 'leeward.yaml'), config);
  const response = await gateway.admin('POST', '/admin/config/reload');
  const result = (await response.json()) as { outcome: string; config: { last_error: unknown } };
  expect(result.outcome, JSON.stringify(result)).not.toBe('failed');
}

test('a cap that a reload declares counts for the very next call', async () => {
  const { id, key } = await gateway.newKey({ name: 'capped by the file' });
  expect((await call(key)).status).toBe(200);
  await reload(`budgets: { tight: { scope: { key: ${id} }, per: day, hard: "0.00001" } }\n`);
  const refused = await call(key);
  const { error } = (await refused.json()) as { error: { code: string; message: string } };
  expect([refused.status, error.code]).toEqual([402, 'budget_exceeded']);
  expect(error.message).toContain('file.tight');
  await reload('budgets: {}\n');
  expect((await call(key)).status).toBe(200);
});

test('a cap that pays for no call at all refuses the configuration, with the reason', async () => {
  const dataDir = temporaryDir();
  const path = join(dataDir, 'leeward.yaml');
  writeFileSync(path, 'budgets: { nothing: { per: day, hard: "0.000000001" } }\n');
  const { code, stderr } = await Program.run(['serve', '--port', '0', '--data', dataDir, '--config', path]);
  expect(code).toBe(2);
  expect(stderr).toContain('The budget nothing has a cap of $0.000000001, which pays for no call');
});

interface Money {
  readonly usd: string;
}

interface BudgetJson {
  readonly id: string;
  readonly created: boolean;
  readonly hard: Money | null;
  readonly account: {
    readonly settled: Money;
    readonly held: Money;
    readonly left: Money | null;
    readonly resets_at: string | null;
  } | null;
}

async function ask<Answer>(method: 'GET' | 'POST', path: string, question?: unknown): Promise<Answer> {
  const response = await gateway.admin(method, path, question);
  const text = await response.text();
  expect(response.ok, text).toBe(true);
  return JSON.parse(text) as Answer;
}

async function refusal(path: string, question: unknown): Promise<[number, string]> {
  const response = await gateway.admin('POST', path, question);
  const { error } = (await response.json()) as { error: { message: string } };
  return [response.status, error.message];
}

/** Spends until the cap refuses, at most fifty times. */
async function spend(key: string, headers: Record<string, string> = {}): Promise<Response> {
  for (let calls = 0; calls < 50; calls++) {
    const response = await call(key, headers);
    if (response.status !== 200) return response;
    await response.arrayBuffer();
  }
  throw new Error('the cap never refused');
}

test('a key made with a cap is held to it, and its figures add up', async () => {
  const made = await ask<{ id: string; key: string; budget: string }>('POST', '/admin/keys', {
    name: 'capped',
    cap: { per: 'day', hard_usd: '0.0001', soft_usd: '0.00005', time_zone: 'Europe/Berlin' },
  });
  const refused = await spend(made.key);
  expect(refused.status).toBe(402);
  expect(await refused.json()).toMatchObject({ error: { code: 'budget_exceeded' } });
  const budget = await ask<BudgetJson>('GET', `/admin/budgets/${made.budget}`);
  expect(budget).toMatchObject({
    scope: { kind: 'key', id: made.id },
    per: 'day',
    time_zone: 'Europe/Berlin',
    hard: { usd: '0.0001' },
    origin: 'database',
    account: { held: { usd: '0' } },
  });
  const left = Number(budget.account?.left?.usd);
  expect(left).toBeGreaterThanOrEqual(0);
  expect(Number(budget.account?.settled.usd) + left).toBeCloseTo(0.0001, 9);
  const listed = await ask<{ data: BudgetJson[] }>('GET', `/admin/budgets?scope=key&id=${made.id}`);
  expect(listed.data).toEqual([budget]);
  const { data: alerts } = await ask<{ data: { kind: string; budget: string }[] }>(
    'GET',
    '/admin/alerts?kind=soft_passed',
  );
  expect(alerts.filter((alert) => alert.budget === made.budget)).toHaveLength(1);
  expect(await gateway.metric('leeward_budget_alerts_total{kind="soft_passed"}')).toBeGreaterThanOrEqual(1);
});

test('what a sub-key spends counts for its parent, whose cap it cannot pass', async () => {
  const parent = await gateway.newKey({ name: 'parent', cap: { per: 'month', hard_usd: '0.0001' } });
  const child = await gateway.newKey({ name: 'child', parent: parent.id, cap: { per: 'day', hard_usd: '5.00' } });
  const refused = await spend(child.key);
  const { error } = (await refused.json()) as { error: { message: string } };
  expect([refused.status, error.message]).toEqual([402, expect.stringContaining(`of key ${parent.id}`)]);
  expect((await call(parent.key)).status).toBe(402);
});

test('each end user has a budget of their own, and leaving the name out is no way around it', async () => {
  const { id, key } = await gateway.newKey({ name: 'app' });
  await ask('POST', '/admin/budgets', {
    scope: { kind: 'key', id },
    each: 'end_user',
    per: 'day',
    hard_usd: '0.00003',
  });
  expect((await spend(key, { 'x-leeward-end-user': 'ann' })).status).toBe(402);
  expect((await call(key, { 'x-leeward-end-user': 'bob' })).status).toBe(200);
  expect((await spend(key)).status).toBe(402);
  const { data } = await ask<{ data: { id: string; account: unknown }[] }>('GET', `/admin/budgets?id=${id}`);
  expect(data).toMatchObject([{ each: 'end_user', account: null }]);
  const path = `/admin/budgets/${data[0]?.id}/accounts`;
  const accounts = await ask<{ data: { subject: string }[] }>('GET', path);
  expect(accounts.data.map(({ subject }) => subject).sort()).toEqual(['', 'ann', 'bob']);
  const one = await ask<{ data: { subject: string }[]; next_cursor: string }>('GET', `${path}?limit=2`);
  const rest = await ask<{ data: { subject: string }[]; next_cursor: null }>(
    'GET',
    `${path}?limit=2&cursor=${one.next_cursor}`,
  );
  expect([one.data.length, rest.data.length, rest.next_cursor]).toEqual([2, 1, null]);
});

test('credit is bought, spent at its rates, handed back and moved, each booking once', async () => {
  const { id, key } = await gateway.newKey({ name: 'prepaid' });
  const scope = { kind: 'key', id };
  const pool = await ask<BudgetJson>('POST', '/admin/budgets', {
    scope,
    per: 'lifetime',
    credit: true,
    rates: { 'sim/*': '2' },
  });
  expect((await call(key)).status).toBe(402);
  const topUp = {
    kind: 'top_up',
    id: 'inv-1',
    budget: pool.id,
    amount_usd: '0.01',
    paid_usd: '0.008',
    note: 'in bulk',
  };
  expect(await ask('POST', '/admin/credits', topUp)).toEqual({ id: 'top_up/inv-1', booked: true });
  expect(await ask('POST', '/admin/credits', topUp)).toEqual({ id: 'top_up/inv-1', booked: false });
  expect(await refusal('/admin/credits', { ...topUp, amount_usd: '0.02' })).toEqual([
    422,
    expect.stringContaining('was booked before'),
  ]);
  const answer = await call(key);
  expect(answer.status).toBe(200);
  const record = await ask<{ charge: Money }>('GET', `/admin/calls/${answer.headers.get('x-leeward-request-id')}`);
  const spent = await ask<BudgetJson>('GET', `/admin/budgets/${pool.id}`);
  expect(Number(spent.account?.settled.usd)).toBeCloseTo(2 * Number(record.charge.usd), 12);
  const other = await ask<BudgetJson>('POST', '/admin/budgets', {
    scope: { kind: 'organisation', id: 'org_default' },
    per: 'lifetime',
    credit: true,
  });
  const book = (question: object) => ask('POST', '/admin/credits', { budget: pool.id, ...question });
  await book({ kind: 'transfer', id: 't1', amount_usd: '0.001', to: other.id });
  await book({ kind: 'refund', id: 'r1', amount_usd: '0.001', paid_usd: '0.0008' });
  await book({ kind: 'adjustment', id: 'a1', amount_usd: '0.000001', towards: 'less' });
  expect(
    await refusal('/admin/credits', { kind: 'refund', id: 'r2', budget: pool.id, amount_usd: '1', paid_usd: '1' }),
  ).toEqual([402, expect.stringContaining('Not so much is left')]);
  const { data } = await ask<{ data: { id: string }[] }>('GET', `/admin/credits?budget=${pool.id}`);
  expect(data.map((booking) => booking.id)).toEqual(['adjustment/a1', 'refund/r1', 'transfer/t1', 'top_up/inv-1']);
  expect(data[3]).toMatchObject({
    amount: { usd: '0.01' },
    paid: { usd: '0.008' },
    from: null,
    to: pool.id,
    note: 'in bulk',
    created_by: 'admin',
  });
  await ask('POST', `/admin/budgets/${other.id}/remove`);
});

test.each([
  [{ per: 'day', hard_usd: '0.000000001' }, 'pays for no call: the cheapest'],
  [{ per: 'day', hard_usd: '5', soft_usd: '6' }, 'would never come'],
  [{ per: 'day', hard_usd: '5', time_zone: 'Mars/Olympus' }, 'is no time zone'],
  [{ per: 'day', hard_usd: '5', currency: 'EUR' }, 'must be USD'],
  [{ per: 'day', hard_usd: 5 }, 'in quotes'],
  [{ per: 'day', hard_usd: '-5' }, 'US dollars in digits'],
  [{ per: 'day', hard_usd: 'NaN' }, 'US dollars in digits'],
  [{ per: 'day', hard_usd: '0' }, 'must be above 0'],
  [{ per: 'decade', hard_usd: '5' }, 'per'],
  [{ per: 'day', credit: true }, 'Credit has no windows'],
])('a budget of %j is refused, and no key is made with it', async (limits, message) => {
  const scope = { kind: 'organisation', id: 'org_default' };
  expect(await refusal('/admin/budgets', { scope, ...limits })).toEqual([400, expect.stringContaining(message)]);
  expect((await refusal('/admin/keys', { name: 'never', cap: limits }))[0]).toBe(400);
  const { data } = await ask<{ data: { name: string }[] }>('GET', '/admin/keys?limit=200');
  expect(data.filter(({ name }) => name === 'never')).toEqual([]);
});

test('a budget of the file is shown with the others, and changed there alone', async () => {
  await reload('budgets: { company: { per: month, hard: 5000 } }\n');
  const budget = await ask<BudgetJson>('GET', '/admin/budgets/file.company');
  expect(budget).toMatchObject({
    origin: 'file',
    hard: { usd: '5000' },
    scope: { kind: 'organisation', id: 'org_default' },
  });
  const response = await gateway.admin('POST', '/admin/budgets/file.company/remove');
  expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('declares it')]);
  await reload('budgets: {}\n');
  expect((await gateway.admin('GET', '/admin/budgets/file.company')).status).toBe(404);
});
