import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ServedGateway } from './served-gateway.ts';

vi.setConfig({ testTimeout: 60_000 });

let gateway: ServedGateway;

beforeAll(async () => {
  gateway = await ServedGateway.start({ mode: 'dev' });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const chat = (task: string, model = 'sim/sim-small') =>
  gateway.post(
    '/v1/chat/completions',
    { model, messages: [{ role: 'user', content: 'hello' }], max_tokens: 5 },
    { 'x-leeward-task': task },
  );

async function answer(response: Response | Promise<Response>): Promise<[number, Record<string, unknown>]> {
  const { status, ...rest } = await Promise.resolve(response).then(async (got) => ({
    status: got.status,
    body: (await got.json()) as Record<string, unknown>,
  }));
  return [status, rest.body];
}

const get = (path: string) => fetch(gateway.url + path, { headers: { authorization: `Bearer ${gateway.key}` } });

test('an application tells how its task came out and what else it cost, and reads all of it back at once', async () => {
  for (let calls = 0; calls < 2; calls++) expect((await chat('order/17')).status).toBe(200);
  const path = '/v1/tasks/order%2F17';
  const cost = { id: 'review-1', kind: 'human_review', amount_usd: '0.14', description: 'Ann looked at it' };
  const kept = { object: 'task.cost', task: 'order/17', amount: { currency: 'USD', amount: '0.14' } };
  const [first, again] = [
    await answer(gateway.post(`${path}/costs`, cost)),
    await answer(gateway.post(`${path}/costs`, cost)),
  ];
  expect(first).toEqual([201, expect.objectContaining({ ...kept, id: 'review-1' })]);
  expect(again).toEqual([200, first[1]]);
  const [conflict, refusal] = await answer(gateway.post(`${path}/costs`, { ...cost, amount_usd: '0.15' }));
  expect([conflict, refusal]).toMatchObject([422, { error: { code: 'idempotency_conflict', param: 'id' } }]);
  expect(await answer(gateway.post(`${path}/outcome`, { outcome: 'failure' }))).toMatchObject([
    200,
    { outcome: 'failure' },
  ]);
  const told = await answer(gateway.post(`${path}/outcome`, { outcome: 'success', value: '0.90' }));
  expect(told).toMatchObject([200, { object: 'task.outcome', outcome: 'success', value: '0.90' }]);
  expect(await answer(get(path))).toMatchObject([
    200,
    {
      id: 'order/17',
      project: 'proj_default',
      calls: 2,
      reported_cost: { amount: '0.14' },
      outcome: { outcome: 'success' },
      models: [{ provider: 'sim', model: 'sim-small', calls: 2 }],
      costs: [{ id: 'review-1' }],
    },
  ]);
});

test('what cannot be told of a task is refused with the field, and nothing is told without a key', async () => {
  const path = '/v1/tasks/t';
  for (const [body, param] of [
    [{ outcome: 'great' }, 'outcome'],
    [{ outcome: 'success', score: 1 }, 'score'],
  ] as const) {
    expect(await answer(gateway.post(`${path}/outcome`, body))).toMatchObject([400, { error: { param } }]);
  }
  expect(await answer(gateway.post(`${path}/costs`, { id: 'x', kind: 'tool', amount_usd: 1 }))).toMatchObject([
    400,
    { error: { param: 'amount_usd' } },
  ]);
  expect(await answer(get(path))).toMatchObject([404, { error: { code: 'not_found' } }]);
  for (const [method, wanted] of [
    ['GET', path],
    ['POST', `${path}/outcome`],
    ['POST', `${path}/costs`],
  ] as const) {
    expect((await fetch(gateway.url + wanted, { method })).status, wanted).toBe(401);
  }
});

test('the page shows usage to who opened it with a link, by whatever is chosen', async () => {
  expect((await chat('on <the> page')).status).toBe(200);
  expect((await fetch(`${gateway.url}/usage`)).status).toBe(401);
  const link = /http\S+\/\?claim=\S+/.exec(gateway.program.stdout + gateway.program.stderr)?.[0] ?? '';
  const claimed = await fetch(link, { redirect: 'manual' });
  const cookie = claimed.headers.get('set-cookie')?.split(';')[0] ?? '';
  const page = async (path: string) => {
    const response = await fetch(gateway.url + path, { headers: { cookie } });
    return [response.status, await response.text()] as const;
  };
  expect((await page('/'))[1]).toContain('<a href="/usage">');
  const [status, byTask] = await page('/usage?group_by=task');
  expect(status).toBe(200);
  expect(byTask).toContain('href="/usage?group_by=day&amp;task=on+%3Cthe%3E+page"');
  expect(byTask).not.toContain('<the>');
  const [, narrowed] = await page('/usage?group_by=model&task=on+%3Cthe%3E+page');
  expect(narrowed).toContain('sim/sim-small');
  expect(narrowed).toContain('href="/usage?group_by=model"');
  expect(await page('/usage?group_by=mood')).toEqual([400, expect.stringContaining('class="empty"')]);
  expect(await page('/usage?group_by=tag&task=x')).toEqual([
    400,
    expect.stringContaining('cannot be narrowed by task'),
  ]);
});

test('usage by task says what one task, and one that succeeded, cost', async () => {
  for (const task of ['u1', 'u2']) expect((await chat(task)).status).toBe(200);
  const outcomes = { u1: 'success', u2: 'failure' };
  for (const [task, outcome] of Object.entries(outcomes)) {
    await gateway.post(`/v1/tasks/${task}/costs`, { id: task, kind: 'search', amount_nano_usd: '1000000000' });
    await gateway.post(`/v1/tasks/${task}/outcome`, { outcome });
  }
  const [, report] = await answer(gateway.admin('GET', '/admin/usage?group_by=task'));
  const { data, tasks } = report as { data: Record<string, unknown>[]; tasks: Record<string, { usd: string }> };
  expect(data.filter(({ group }) => String(group).startsWith('u'))).toMatchObject([
    { reported_usd: '1', project: 'proj_default' },
    { reported_usd: '1', project: 'proj_default' },
  ]);
  expect(tasks).toMatchObject({ tasks: 4, judged: 3, successful: 2, success_rate: 2 / 3 });
  expect(tasks['cost_per_successful_task']?.usd).toMatch(/^1\.07/);
});
