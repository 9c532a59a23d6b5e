import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ServedGateway } from './served-gateway.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const CHAT = '/v1/chat/completions';
const CONFIG = `
aliases: { quick: sim/sim-small }
routes: { both: { targets: [sim/sim-large, sim/sim-small] } }
server: { trusted_proxies: [127.0.0.1] }
`;

let gateway: ServedGateway;

beforeAll(async () => {
  gateway = await ServedGateway.start({ config: CONFIG });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

function call(key: string, model: string, headers: Record<string, string> = {}): Promise<Response> {
  const body = { model, messages: [{ role: 'user', content: 'Say hello' }] };
  return gateway.post(CHAT, body, { authorization: `Bearer ${key}`, ...headers });
}

async function listed(key: string): Promise<string[]> {
  const response = await gateway.request('/v1/models', { headers: { authorization: `Bearer ${key}` } });
  const { data } = (await response.json()) as { data: { id: string }[] };
  return data.map(({ id }) => id).filter((id) => !id.startsWith('sim/sim-embed'));
}

test('a sub-key is held to its own rules and to those of all its parents', async () => {
  const company = await gateway.newKey({ name: 'company', allow: { models: ['sim/*'] } });
  const team = await gateway.newKey({ name: 'team', parent: company.id });
  const intern = await gateway.newKey({
    name: 'intern',
    parent: team.id,
    allow: { models: ['*/sim-small', 'openai/*'] },
  });
  expect((await call(intern.key, 'sim/sim-small')).status).toBe(200);
  expect((await call(intern.key, 'quick')).status).toBe(200);
  const refused = await call(intern.key, 'sim/sim-large');
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({
    error: { code: 'forbidden', message: expect.stringContaining('Its models are */sim-small, openai/*.') },
  });
  const routed = await call(intern.key, 'route/both');
  expect([routed.status, routed.headers.get('x-leeward-model')]).toEqual([200, 'sim-small']);
  expect(await listed(intern.key)).toEqual(['quick', 'route/both', 'sim/sim-small']);
  expect((await call(company.key, 'sim/sim-large')).status).toBe(200);
});

test('the key’s rules are shown, and revoking the top ends the bottom', async () => {
  const top = await gateway.newKey({ name: 'top', allow: { routes: ['quick'] } });
  const bottom = await gateway.newKey({ name: 'bottom', parent: top.id });
  expect(await (await gateway.admin('GET', `/admin/keys/${top.id}`)).json()).toMatchObject({
    allow: { models: null, routes: ['quick'], addresses: null },
  });
  expect((await call(bottom.key, 'sim/sim-small')).status).toBe(403);
  expect((await call(bottom.key, 'quick')).status).toBe(200);
  await gateway.admin('POST', `/admin/keys/${top.id}/revoke`);
  expect((await call(bottom.key, 'quick')).status).toBe(401);
});

test('a key works from its addresses alone, as a trusted proxy reports them', async () => {
  const { key } = await gateway.newKey({ name: 'office', allow: { addresses: ['192.0.2.0/24'] } });
  const refused = await call(key, 'quick');
  expect([refused.status, await refused.text()]).toEqual([
    403,
    expect.stringContaining('This key may not be used from 127.0.0.1.'),
  ]);
  expect((await call(key, 'quick', { 'x-forwarded-for': '192.0.2.7' })).status).toBe(200);
  // What stands in front was written by the client.
  expect((await call(key, 'quick', { 'x-forwarded-for': '192.0.2.7, 203.0.113.9' })).status).toBe(403);
  const models = await gateway.request('/v1/models', { headers: { authorization: `Bearer ${key}` } });
  expect(models.status).toBe(403);
});

test.each([
  [{ models: [] }, 400],
  [{ models: ['a b'] }, 400],
  [{ addresses: ['10.0.0.0/33'] }, 400],
  [{ adresses: ['10.0.0.0/8'] }, 400],
])('a rule like %j is refused', async (allow, status) => {
  expect((await gateway.admin('POST', '/admin/keys', { name: 'x', allow })).status).toBe(status);
});

test('nobody nests keys deeper than can be judged', async () => {
  let parent: { id: string } | undefined;
  for (let level = 0; level <= 8; level++) {
    parent = await gateway.newKey({ name: `level ${level}`, ...(parent === undefined ? {} : { parent: parent.id }) });
  }
  const response = await gateway.admin('POST', '/admin/keys', { name: 'too deep', parent: parent?.id });
  expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('stands below 8 others')]);
});
