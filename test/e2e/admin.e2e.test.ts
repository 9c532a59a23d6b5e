import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { AdminContract } from '../../src/admin/contract/contract.ts';
import { ADMIN_ENDPOINTS, type AdminOperation } from '../../src/admin/endpoints.ts';
import { USAGE_GROUPINGS } from '../../src/protocol/usage-grouping.ts';
import { RawClient, requestText } from './raw-client.ts';
import { ServedGateway } from './served-gateway.ts';

// A gateway of its own per file, and a thousand keys, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const CHAT = '/v1/chat/completions';
const CANARY = 'sk-CANARYCREDENTIAL0123456789';
const FILE_KEY_HASH = 'a'.repeat(64);
const CONFIG = `
providers:
  down: { preset: openai-compatible, base_url: "http://127.0.0.1:1/v1", api_key: "\${env:UPSTREAM_KEY}" }
aliases: { quick: sim/sim-small }
routes: { safe: { targets: [down/m, sim/sim-small], timeout: 1m } }
keys:
  app: { key_hash: "sha256:${FILE_KEY_HASH}" }
  other: { key_hash: "sha256:${'b'.repeat(64)}", project: proj_x }
budgets:
  app: { scope: { key: app }, per: month, soft: 100 }
`;

let gateway: ServedGateway;

beforeAll(async () => {
  gateway = await ServedGateway.start({ config: CONFIG, env: { UPSTREAM_KEY: CANARY } });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

type AnswerOf<Operation extends AdminOperation> = z.output<AdminContract[Operation]['answer']>;

/** @param asked the query, and `id` where the path has one */
async function ask<Operation extends AdminOperation>(
  operation: Operation,
  asked: Readonly<Record<string, string | number>> = {},
): Promise<AnswerOf<Operation>> {
  const { path } = ADMIN_ENDPOINTS[operation];
  const query = new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)]));
  if (path.includes('{id}')) query.delete('id');
  const response = await gateway.admin('GET', `${path.replace('{id}', String(asked['id']))}?${query}`);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text);
}

interface Documented {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { schema: object }>> }>>;
}

interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>;
  readonly security: unknown;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>>; readonly securitySchemes: object };
}

async function apiDocument(): Promise<ApiDocument> {
  return (await ask('openapi')) as unknown as ApiDocument;
}

function documented(document: ApiDocument, operation: AdminOperation): Documented {
  const { method, path } = ADMIN_ENDPOINTS[operation];
  const found = document.paths[path]?.[method.toLowerCase()];
  if (found === undefined) throw new Error(`${method} ${path} is not in the document`);
  return found;
}

/** What the document says an answer of that status is, as something that can judge one. */
function schemaOf(document: ApiDocument, operation: AdminOperation, status: string): z.ZodType {
  const schema = documented(document, operation).responses[status]?.content['application/json']?.schema;
  if (schema === undefined) throw new Error(`${operation} has no answer ${status} in the document`);
  return z.fromJSONSchema(inlined(schema, document) as Parameters<typeof z.fromJSONSchema>[0]);
}

/** A schema with what it refers to in place of the references. */
function inlined(schema: unknown, document: ApiDocument): unknown {
  return JSON.parse(JSON.stringify(schema), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('$ref' in value)) return value;
    return inlined(document.components.schemas[String(value.$ref).split('/').at(-1) ?? ''], document);
  });
}

async function refusal(response: Response): Promise<Record<string, unknown>> {
  const { error } = (await response.json()) as { error: Record<string, unknown> };
  return { status: response.status, code: error['code'], param: error['param'], message: error['message'] };
}

const chat = (model: string, extra: Record<string, unknown> = {}) => ({
  model,
  messages: [{ role: 'user', content: 'hello' }],
  ...extra,
});

const idOf = (response: Response) => response.headers.get('x-leeward-request-id') ?? '';

async function called(model: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await gateway.post(CHAT, chat(model, { max_tokens: 4 }), headers);
  await response.text();
  return idOf(response);
}

/** One wants a parameter, the other gives no JSON: `usage.e2e.test.ts` has them. */
const ELSEWHERE: ReadonlySet<string> = new Set(['get_task', 'export_usage']);

/** The path of each operation that reads, with an id that exists. */
async function readable(): Promise<[AdminOperation, string][]> {
  const callId = await called('sim/sim-small');
  return Object.entries(ADMIN_ENDPOINTS)
    .filter(([operation, { method }]) => method === 'GET' && !ELSEWHERE.has(operation))
    .map(([operation, { path }]) => [
      operation as AdminOperation,
      path.replace('{id}', path.startsWith('/admin/calls/') ? callId : 'file.app'),
    ]);
}

describe('the document', () => {
  test('names every operation once, with its parameters, and everything it refers to', async () => {
    const document = await apiDocument();
    expect(document.openapi).toMatch(/^3\.1\./);
    const found = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${operationId}: ${method.toUpperCase()} ${path}`),
    );
    const expected = Object.entries(ADMIN_ENDPOINTS).map(([name, { method, path }]) => `${name}: ${method} ${path}`);
    expect(found.sort()).toEqual(expected.sort());
    for (const [, name = ''] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(document.components.schemas, name).toHaveProperty(name);
    }
    expect(document.security).toEqual([{ admin: [] }]);
    expect(document.components.securitySchemes).toHaveProperty('admin');
    expect(documented(document, 'get_key').parameters).toMatchObject([{ in: 'path', name: 'id', required: true }]);
    const names = documented(document, 'list_calls').parameters.map(({ name }) => name);
    expect(names.sort()).toEqual(
      ['cursor', 'key', 'limit', 'model', 'outcome', 'project', 'provider', 'since', 'task', 'until'].sort(),
    );
  });

  test('tells the truth: every answer and every refusal fits its own schema in it', async () => {
    const document = await apiDocument();
    for (const [operation, path] of await readable()) {
      const answer = await gateway.admin('GET', path);
      const parsed = schemaOf(document, operation, '200').safeParse(await answer.json());
      expect(parsed.error, `${operation}: ${parsed.error?.message}`).toBeUndefined();
      const refused = await gateway.admin('GET', `${path}?nonsense=1`);
      expect(schemaOf(document, operation, '4XX').safeParse(await refused.json()).success, path).toBe(true);
    }
    const reloaded = await gateway.admin('POST', '/admin/config/reload');
    expect(schemaOf(document, 'reload_config', '200').safeParse(await reloaded.json()).success).toBe(true);
    const status = schemaOf(document, 'status', '200');
    expect(status.safeParse({ ...(await ask('status')), pid: 'many' }).success).toBe(false);
  });

  test('an answer has the usual headers, and HEAD has them alone', async () => {
    for (const method of ['GET', 'HEAD']) {
      const headers = { authorization: `Bearer ${gateway.adminToken}` };
      const response = await fetch(`${gateway.url}/admin/status`, { method, headers });
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(idOf(response)).toMatch(/^call_/);
      expect((await response.text()) === '').toBe(method === 'HEAD');
    }
  });
});

describe('what is asked wrongly', () => {
  test('an unknown parameter is refused everywhere, with the likely one', async () => {
    for (const [, path] of await readable()) {
      const refused = await refusal(await gateway.admin('GET', `${path}?limt=1`));
      expect(refused, path).toMatchObject({ status: 400, code: 'invalid_request', param: 'limt' });
    }
    expect(await refusal(await gateway.admin('GET', '/admin/calls?limt=1'))).toMatchObject({
      message: "There is no query parameter 'limt' here. Did you mean limit?",
    });
  });

  test.each([
    ['/admin/keys?limit=0', 'limit'],
    ['/admin/keys?limit=201', 'limit'],
    ['/admin/keys?limit=many', 'limit'],
    ['/admin/keys?limit=1&limit=2', 'limit'],
    ['/admin/calls?since=yesterday', 'since'],
    ['/admin/calls?outcome=fine', 'outcome'],
    ['/admin/calls?since=2026-01-02&until=2026-01-01', 'since'],
    ['/admin/usage?group_by=mood', 'group_by'],
    ['/admin/usage?from=2020-01-01&to=2026-01-01', 'from'],
    ['/admin/usage?key=%00', 'key'],
    ['/admin/usage?group_by=task&tag=x', 'tag'],
    ['/admin/usage?end_user=ann&task=t', 'task'],
    ['/admin/calls?task=a%00b', 'task'],
    [
      `/admin/keys?cursor=${Buffer.from('["keys","store","2026-01-01T00:00:00Z","\\u0000"]').toString('base64url')}`,
      'cursor',
    ],
    [`/admin/routes?cursor=${Buffer.from('["routes","\\u0000"]').toString('base64url')}`, 'cursor'],
  ])('%s names %s', async (path, param) => {
    expect(await refusal(await gateway.admin('GET', path))).toMatchObject({ status: 400, param });
  });

  test('a cursor that is none, or is of another list, is refused', async () => {
    const { next_cursor: ofModels } = await ask('list_models', { limit: 1 });
    expect(ofModels).not.toBeNull();
    for (const path of ['keys', 'calls', 'usage', 'providers', 'routes', 'models']) {
      for (const cursor of ['zz', 'W10', Buffer.from('["keys","store"]').toString('base64url'), ofModels]) {
        if (path === 'models' && cursor === ofModels) continue;
        const refused = await refusal(await gateway.admin('GET', `/admin/${path}?cursor=${cursor}`));
        expect(refused, path).toMatchObject({ status: 400, code: 'invalid_request', param: 'cursor' });
      }
    }
  });

  test.each([
    ['{', undefined, 400],
    ['', undefined, 400],
    ['{"name":""}', 'name', 400],
    ['{"name":"x","parnt":"y"}', 'parnt', 400],
    ['{"name":"x","scopes":["fly"]}', 'scopes', 400],
    ['{"name":"a\\u0000b"}', 'name', 400],
    ['{"name":"x","project":"\\u0000"}', 'project', 400],
    ['{"name":"x","parent":"\\u0000"}', 'parent', 400],
    ['{"name":"x","expires_at":"2001-01-01T00:00:00Z"}', 'expires_at', 400],
    ['{"name":"x","project":"proj_nowhere"}', 'project', 404],
    [`{"name":"${'x'.repeat(70_000)}"}`, undefined, 413],
  ])('no key is made from %#: what is wrong is said', async (body, param, status) => {
    const before = await ask('list_keys', { limit: 200 });
    const headers = { authorization: `Bearer ${gateway.adminToken}`, 'content-type': 'application/json' };
    const response = await fetch(`${gateway.url}/admin/keys`, { method: 'POST', headers, body });
    expect(await refusal(response)).toMatchObject({ status, param: param ?? null });
    expect(await ask('list_keys', { limit: 200 })).toEqual(before);
  });

  test('a body without a length is bounded too, and a client that waits for a word gets one', async () => {
    const head = { authorization: `Bearer ${gateway.adminToken}`, 'content-type': 'application/json' };
    const chunks = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let count = 0; count < 3; count++) controller.enqueue(Buffer.alloc(32_768, ' '));
        controller.close();
      },
    });
    const init = { method: 'POST', headers: head, body: chunks, duplex: 'half' } as RequestInit;
    expect(await refusal(await fetch(`${gateway.url}/admin/keys`, init))).toMatchObject({ status: 413 });
    await using client = await RawClient.open(gateway.port);
    client.socket.write(
      requestText('POST /admin/keys HTTP/1.1', {
        host: '127.0.0.1',
        authorization: head.authorization,
        expect: '100-continue',
        'content-length': '17',
      }),
    );
    await client.until(/100 Continue/);
    client.socket.write('{"name":"polite"}');
    await client.until(/HTTP\/1\.1 201/);
  });
});

describe('keys', () => {
  test('a thousand page through completely, those of the file after those of the store', async () => {
    const made: string[] = [];
    const names = Array.from({ length: 1_000 }, (_, index) => `key ${index}`);
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let name = names.pop(); name !== undefined; name = names.pop()) {
          made.push((await gateway.newKey({ name })).id);
        }
      }),
    );
    const seen: AnswerOf<'list_keys'>['data'] = [];
    let cursor: string | null = null;
    do {
      const page: AnswerOf<'list_keys'> = await ask('list_keys', {
        limit: 167,
        ...(cursor === null ? {} : { cursor }),
      });
      expect(page.data.length).toBe(page.next_cursor === null ? page.data.length : 167);
      seen.push(...page.data);
      cursor = page.next_cursor;
    } while (cursor !== null);
    const ids = seen.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(made.filter((id) => !ids.includes(id))).toEqual([]);
    expect(ids.slice(-2)).toEqual(['file.app', 'file.other']);
    const stored = seen.slice(0, -2).map(({ created_at }) => created_at);
    expect(stored).toEqual([...stored].sort());
    const ofProject = await ask('list_keys', { project: 'proj_x' });
    expect(ofProject.data.map(({ id }) => id)).toEqual(['file.other']);
    // Each of them may end exactly with the page: then the next one still begins with the file's.
    const exact = await ask('list_keys', { limit: 1, cursor: cursorAfter(seen.at(-3)) });
    expect(exact).toMatchObject({ data: [{ id: 'file.app' }], next_cursor: expect.any(String) });
    const last = await ask('list_keys', { limit: 1, cursor: exact.next_cursor ?? '' });
    expect(last).toMatchObject({ data: [{ id: 'file.other' }], next_cursor: null });
  });

  test('one is read by its id and never with its secret, one of the file is left to the file', async () => {
    const { id, key } = await gateway.newKey({ name: 'one', project: 'proj_default' });
    const read = await ask('get_key', { id });
    expect(read).toMatchObject({ id, name: 'one', origin: 'database', revoked_at: null });
    expect(JSON.stringify(read)).not.toContain(key);
    const declared = await ask('get_key', { id: 'file.app' });
    expect(declared).toMatchObject({ origin: 'file', declared_in: expect.stringContaining('leeward.yaml') });
    const refused = await refusal(await gateway.admin('POST', '/admin/keys/file.app/revoke'));
    expect(refused).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await refusal(await gateway.admin('GET', '/admin/keys/key_nobody'))).toMatchObject({ status: 404 });
    const revoked = await gateway.admin('POST', `/admin/keys/${id}/revoke`, {});
    expect(await revoked.json()).toMatchObject({ id, revoked_at: expect.any(String) });
  });
});

function cursorAfter(key: { readonly created_at: string; readonly id: string } | undefined): string {
  const fields = ['keys', 'store', Date.parse(key?.created_at ?? ''), key?.id];
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

describe('calls and usage', () => {
  test('a call is listed as soon as it has ended, with its attempts and why each was made', async () => {
    const task = 'first';
    const id = await called('route/safe', { 'x-leeward-task': task });
    const { data, replayed_until } = await ask('list_calls', { task });
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({
      id,
      state: 'ended',
      outcome: 'ok',
      status: 200,
      provider: 'sim',
      cost: { nano_usd: expect.stringMatching(/^\d+$/), usd: expect.stringMatching(/^0\.\d+$/) },
      attempts: [
        {
          attempt: 1,
          provider: 'down',
          outcome: 'failed',
          error: expect.any(String),
          cost: { nano_usd: '0', usd: '0' },
        },
        { attempt: 2, provider: 'sim', outcome: 'ok', usage_source: 'provider' },
      ],
    });
    expect(data[0]?.attempts.map(({ route_reason }) => route_reason).every((reason) => reason !== '')).toBe(true);
    expect(Date.parse(replayed_until)).toBeGreaterThanOrEqual(Date.parse(data[0]?.created_at ?? ''));
    // From the store and from memory the same: what is listed is what is looked up.
    expect(await ask('get_call', { id })).toEqual(data[0]);
    for (const filter of [
      { provider: 'down' },
      { model: 'sim/sim-small' },
      { model: 'route/safe' },
      { outcome: 'ok' },
    ]) {
      expect(
        (await ask('list_calls', { task, ...filter })).data.map((call) => call.id),
        JSON.stringify(filter),
      ).toEqual([id]);
    }
    for (const filter of [{ provider: 'up' }, { outcome: 'failed' }, { project: 'proj_x' }, { until: '2026-01-01' }]) {
      const since = 'until' in filter ? { since: '2025-12-31' } : {};
      expect((await ask('list_calls', { task, ...filter, ...since })).data, JSON.stringify(filter)).toEqual([]);
    }
  });

  test('a call that runs is listed as running, and one that was refused is known by its id alone', async () => {
    const task = 'second';
    const controller = new AbortController();
    const stream = await fetch(gateway.url + CHAT, {
      method: 'POST',
      signal: controller.signal,
      headers: { authorization: `Bearer ${gateway.key}`, 'x-leeward-task': task },
      body: JSON.stringify(chat('sim/sim-large', { stream: true, max_tokens: 4_000 })),
    });
    const running = await ask('list_calls', { task, outcome: 'running' });
    expect(running.data).toMatchObject([
      { id: idOf(stream), state: 'running', outcome: null, status: null, cost: null },
    ]);
    const unfinished = await ask('usage', { group_by: 'task' });
    // What it uses is not known before it ends.
    expect(unfinished.data.map(({ group }) => group)).not.toContain(task);
    controller.abort();
    await expect
      .poll(async () => (await ask('list_calls', { task })).data[0]?.outcome, { timeout: 5_000 })
      .toBe('cancelled');

    const refused = await called('nobody/x', { 'x-leeward-task': task });
    expect(await ask('get_call', { id: refused })).toMatchObject({
      id: refused,
      outcome: 'refused',
      error: 'no_route',
      attempts: [],
    });
    expect((await ask('list_calls', { task })).data.map(({ id }) => id)).toEqual([idOf(stream)]);
    const nobody = await refusal(await gateway.admin('GET', '/admin/calls/call_nobody'));
    expect(nobody).toMatchObject({ status: 404, code: 'not_found' });
  });

  test('pages of calls hold each once, though others are made meanwhile', async () => {
    const task = 'third';
    const made: string[] = [];
    for (let count = 0; count < 5; count++) made.push(await called('sim/sim-small', { 'x-leeward-task': task }));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: AnswerOf<'list_calls'> = await ask('list_calls', {
        task,
        limit: 2,
        ...(cursor === null ? {} : { cursor }),
      });
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
      await called('sim/sim-small', { 'x-leeward-task': task });
    } while (cursor !== null);
    expect(seen).toEqual(made.reverse());
  });

  test('usage adds up to the calls it is made of, in every grouping, exactly', async () => {
    const { data } = await ask('list_calls', { limit: 200 });
    const known = data.flatMap(({ attempts }) =>
      attempts.flatMap(({ cost }) => (cost === null ? [] : [BigInt(cost.nano_usd)])),
    );
    const total = known.reduce((sum, cost) => sum + cost, 0n);
    for (const groupBy of USAGE_GROUPINGS) {
      const report = await ask('usage', { group_by: groupBy });
      expect(report.total, groupBy).toMatchObject({ calls: data.length, cost_nano_usd: total.toString() });
      const sum = (of: (group: (typeof report.data)[number]) => number) =>
        report.data.reduce((all, group) => all + of(group), 0);
      expect(
        sum(({ calls }) => calls),
        groupBy,
      ).toBe(data.length);
      expect(
        sum(({ attempts }) => attempts),
        groupBy,
      ).toBe(data.flatMap(({ attempts }) => attempts).length);
      const costs = report.data.map(({ cost_nano_usd }) => BigInt(cost_nano_usd ?? 0));
      expect(
        costs.reduce((all, cost) => all + cost, 0n),
        groupBy,
      ).toBe(total);
    }
    const days = await ask('usage', { group_by: 'day' });
    expect(days.data.at(-1)?.group).toBe(new Date().toISOString().slice(0, 10));
    const first = await ask('usage', { group_by: 'task', limit: 1 });
    const second = await ask('usage', { group_by: 'task', limit: 1, cursor: first.next_cursor ?? '' });
    expect(second.total).toEqual(first.total);
    expect(second.data[0]?.group).not.toBe(first.data[0]?.group);
    const tasks = new Set(data.flatMap(({ task }) => task ?? []));
    expect(first.tasks).toMatchObject({
      tasks: tasks.size,
      judged: 0,
      success_rate: null,
      cost_per_successful_task: null,
    });
    const narrow = { end_user: 'nobody', tag: 'none', task: [...tasks][0] ?? '' };
    for (const [name, value] of Object.entries(narrow)) {
      const { total } = await ask('usage', { [name]: value });
      expect(total.calls, name).toBe(data.filter(({ task }) => name === 'task' && task === value).length);
    }
    expect((await ask('usage', { key: 'key_nobody' })).total).toMatchObject({ calls: 0, cost_nano_usd: '0' });
  });
});

describe('the server and its configuration', () => {
  test('no answer holds a secret', async () => {
    for (const [, path] of await readable()) {
      const text = await (await gateway.admin('GET', path)).text();
      for (const secret of [CANARY, gateway.adminToken, gateway.key, FILE_KEY_HASH])
        expect(text, path).not.toContain(secret);
    }
  });

  test('status says what runs', async () => {
    expect(await ask('status')).toMatchObject({
      mode: 'serve',
      pid: gateway.program.child.pid,
      base_url: gateway.url,
      admin_url: gateway.url,
      store: { state: 'open', reason: null, restarts: 0 },
      journal: { can_admit: true, problem: null, rejected_records: 0 },
      config: { last_error: null, path: expect.stringContaining('leeward.yaml') },
      exchanges_running: 0,
    });
    const providers = await ask('list_providers');
    expect(providers.data).toMatchObject([
      { name: 'down', origin: 'file' },
      { name: 'sim', origin: 'default', state: 'ok' },
    ]);
  });

  test('routes and aliases are listed with where they lead', async () => {
    const { data } = await ask('list_routes');
    expect(data).toMatchObject([
      { kind: 'alias', name: 'quick', targets: [{ target: 'sim/sim-small' }], strategy: null },
      { kind: 'route', name: 'safe', strategy: 'fallback', timeout_ms: 60_000, targets: [{ target: 'down/m' }, {}] },
    ]);
    const first = await ask('list_routes', { limit: 1 });
    const second = await ask('list_routes', { limit: 1, cursor: first.next_cursor ?? '' });
    expect([...first.data, ...second.data]).toEqual(data);
    expect(second.next_cursor).toBeNull();
  });

  test('models are found by what they are called, and by what they do', async () => {
    const { data } = await ask('list_models', { provider: 'sim', operation: 'chat', search: 'SMALL' });
    expect(data).toMatchObject([{ id: 'sim/sim-small', origin: 'simulated', input_pico_usd: expect.any(String) }]);
    expect((await ask('list_models', { modality: 'smell' })).data).toEqual([]);
  });

  test('a reload says what is wrong and changes nothing, and then what is right', async () => {
    const path = join(gateway.dataDir, 'leeward.yaml');
    const { version } = await ask('config');
    const reload = async () => (await gateway.admin('POST', '/admin/config/reload')).json();
    writeFileSync(path, `${CONFIG}\nroutes2: {}\n`);
    const failed = await reload();
    expect(failed).toMatchObject({ outcome: 'failed', config: { version, last_error: { at: expect.any(String) } } });
    const { config } = await ask('status');
    expect(config.last_error?.text).toContain('routes2');
    writeFileSync(path, CONFIG.replace('quick:', 'swift:'));
    expect(await reload()).toMatchObject({ outcome: 'applied', config: { last_error: null } });
    const changed = await ask('config');
    expect(changed.version).not.toBe(version);
    expect(changed.aliases).toEqual({ swift: { target: 'sim/sim-small', origin: 'file' } });
  });
});
