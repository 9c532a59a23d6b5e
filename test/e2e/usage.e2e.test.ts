import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ServedGateway } from './served-gateway.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let gateway: ServedGateway;
const calls: string[] = [];

beforeAll(async () => {
  gateway = await ServedGateway.start({ config: 'log: { level: info }\n' });
  for (const task of ['one', '=two']) {
    const body = { model: 'sim/sim-small', max_tokens: 4, messages: [{ role: 'user', content: 'hello' }] };
    const response = await gateway.post('/v1/chat/completions', body, {
      'x-leeward-task': task,
      'x-leeward-tags': 'x,y',
    });
    await response.arrayBuffer();
    calls.push(response.headers.get('x-leeward-request-id') ?? '');
  }
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const fetched = (path: string) => gateway.admin('GET', `/admin/${path}`);

test('usage is a file with a name, in either format, right after the calls', async () => {
  const csv = await fetched('usage/export?by=task');
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="leeward-hours.csv"');
  const [head, ...rows] = (await csv.text()).trimEnd().split('\r\n');
  expect(head).toMatch(/^hour,/);
  expect(rows.map((row) => row.split(',')[8]).sort()).toEqual(["'=two", 'one']);
  const lines = await fetched('usage/export?what=lines&format=jsonl&tag=x');
  expect(lines.headers.get('content-type')).toBe('application/x-ndjson');
  const records = (await lines.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(records.map(({ call }) => call).sort()).toEqual([...calls].sort());
  expect(records[0]).toMatchObject({ outcome: 'ok', tags: ['x', 'y'], usage_source: 'provider' });
});

test('an export that cannot be is refused like any other question, and wants the admin token', async () => {
  for (const [path, param] of [
    ['usage/export?format=xml', 'format'],
    ['usage/export?by=task&tag=x', 'tag'],
    ['usage/export?from=2026-11-02&to=2026-11-01', 'from'],
  ] as const) {
    const response = await fetched(path);
    const { error } = (await response.json()) as { error: Record<string, unknown> };
    expect([response.status, error['param']], path).toEqual([400, param]);
  }
  expect((await gateway.request('/admin/usage/export')).status).toBe(401);
});

test('a task is looked up by its name', async () => {
  const task = encodeURIComponent('=two');
  expect(await (await fetched(`task?task=${task}`)).json()).toMatchObject({
    task: '=two',
    project: 'proj_default',
    calls: 1,
    outcome: null,
    reported_cost: null,
    models: [{ provider: 'sim', model: 'sim-small' }],
  });
  expect((await fetched('task?task=nobody')).status).toBe(404);
  expect((await fetched('task')).status).toBe(400);
});
