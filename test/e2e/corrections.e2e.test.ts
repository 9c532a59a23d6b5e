import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ServedGateway } from './served-gateway.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let gateway: ServedGateway;

beforeAll(async () => {
  gateway = await ServedGateway.start({ mode: 'dev' });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

interface Money {
  readonly nano_usd: string;
}

async function ask<Answer>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer> {
  const response = await gateway.admin(method, path, body);
  const text = await response.text();
  expect(response.ok, text).toBe(true);
  return JSON.parse(text) as Answer;
}

async function call(key = gateway.key): Promise<string> {
  const response = await gateway.post(
    '/v1/chat/completions',
    { model: 'sim/sim-small', max_tokens: 16, messages: [{ role: 'user', content: 'Say hello' }] },
    { authorization: `Bearer ${key}` },
  );
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  return response.headers.get('x-leeward-request-id') ?? '';
}

const correct = (statement: string, ...corrections: object[]) =>
  ask<Record<string, unknown>>('POST', '/admin/corrections', { statement, corrections });

const nothing = { corrected: 0, again: 0, booked: 0, settled: 0, refused: [], unbooked: [] };

test('a statement puts an attempt, the usage and the budget right, once', async () => {
  const made = await ask<{ id: string; key: string; budget: string }>('POST', '/admin/keys', {
    name: 'capped',
    cap: { per: 'day', hard_usd: '0.01' },
  });
  const [first, second] = [await call(made.key), await call(made.key)];
  const settled = async () =>
    (await ask<{ account: { settled: Money } }>('GET', `/admin/budgets/${made.budget}`)).account.settled.nano_usd;
  const costOf = async (id: string) =>
    (await ask<{ cost: Money; charge: Money; attempts: object[] }>('GET', `/admin/calls/${id}`)).cost.nano_usd;
  const before = BigInt(await settled());
  const [one, two] = [BigInt(await costOf(first)), BigInt(await costOf(second))];
  expect(before).toBe(one + two);
  const dearer = { call_id: first, attempt: 1, usage: { input_tokens: 77 }, cost_nano_usd: (one + 5n).toString() };
  const cheaper = { call_id: second, attempt: 1, cost_nano_usd: (two - 3n).toString() };
  expect(await correct('s1', dearer, cheaper)).toEqual({ ...nothing, statement: 's1', corrected: 2, booked: 2 });
  expect(BigInt(await settled())).toBe(before + 2n);
  expect(await correct('s1', dearer, cheaper)).toEqual({ ...nothing, statement: 's1', again: 2 });
  expect(BigInt(await settled())).toBe(before + 2n);
  expect(await ask('GET', `/admin/calls/${first}`)).toMatchObject({
    charge: { nano_usd: (one + 5n).toString() },
    attempts: [{ usage: { input_tokens: 77 }, usage_source: 'provider' }],
  });
  const { total } = await ask<{ total: Record<string, unknown> }>('GET', `/admin/usage?key=${made.id}`);
  expect(total).toMatchObject({ calls: 2, cost_nano_usd: (before + 2n).toString() });
});

test('a call without a budget is put right without a booking; what nobody knows is left, and told', async () => {
  const id = await call();
  const found = await correct(
    's2',
    { call_id: id, attempt: 1, cost_nano_usd: '0' },
    { call_id: id, attempt: 2, cost_nano_usd: '1' },
    { call_id: 'call_nobody', attempt: 1, cost_nano_usd: '1' },
  );
  expect(found).toEqual({
    ...nothing,
    statement: 's2',
    corrected: 1,
    refused: [
      { call_id: id, attempt: 2, reason: 'unknown_attempt' },
      { call_id: 'call_nobody', attempt: 1, reason: 'unknown_attempt' },
    ],
  });
});

test.each([
  [{ statement: 's', corrections: [] }, 'corrections'],
  [{ statement: '', corrections: [{ call_id: 'c', attempt: 1, cost_nano_usd: '1' }] }, 'statement'],
  [{ statement: 's', corrections: [{ call_id: 'c', attempt: 1, cost_nano_usd: -1 }] }, 'cost_nano_usd'],
  [{ statement: 's', corrections: [{ call_id: 'c', attempt: 1, cost_nano_usd: '1', usage: { words: 1 } }] }, 'words'],
])('a correction that cannot be one is refused with its place (%#)', async (body, word) => {
  const response = await gateway.admin('POST', '/admin/corrections', body);
  const { error } = (await response.json()) as { error: { message: string } };
  expect([response.status, error.message]).toEqual([400, expect.stringContaining(word)]);
});

test('corrections want the admin token', async () => {
  const response = await gateway.post('/admin/corrections', { statement: 's', corrections: [] });
  expect(response.status).toBe(401);
});
