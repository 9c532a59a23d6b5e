import { rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { Program, ServedGateway, temporaryDir } from './served-gateway.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Paths that only the listener for administration has; the last two ask for a session of their own. */
const ADMINISTRATION = ['/admin/status', '/admin/openapi.json', '/metrics', '/page.js', '/', '/page/live'];

async function statusOf(url: string, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return (await fetch(url, { headers, redirect: 'manual' })).status;
}

/** With a `Host` of its own, which fetch would not send. */
function statusUnderHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host }, agent: false }, (answer) => resolve(answer.resume().statusCode))
      .once('error', reject)
      .end();
  });
}

test('with a listener of its own, administration is there alone and calls are not', async () => {
  await using gateway = await ServedGateway.start({ config: 'server: { admin: { port: 0 } }\n' });
  const { url, adminUrl, adminToken, key } = gateway;
  expect(adminUrl).not.toBe(url);
  for (const path of ADMINISTRATION) {
    expect(await statusOf(url + path), `a stranger at ${path}`).toBe(401);
    expect(await statusOf(url + path, adminToken), path).toBe(path.startsWith('/admin') ? 404 : 401);
    expect(await statusOf(adminUrl + path, adminToken), path).toBe(path === '/' || path === '/page/live' ? 401 : 200);
  }
  for (const path of ['/admin/status', '/metrics']) expect(await statusOf(adminUrl + path), path).toBe(401);
  for (const path of ['/healthz', '/readyz']) {
    expect([await statusOf(url + path), await statusOf(adminUrl + path)]).toEqual([200, 200]);
  }
  expect([await statusOf(`${url}/v1/models`, key), await statusOf(`${adminUrl}/v1/models`, key)]).toEqual([200, 404]);
  expect(await statusUnderHost(`${adminUrl}/healthz`, 'evil.example')).toBe(403);
  const status = await gateway.admin('GET', '/admin/status');
  expect(await status.json()).toMatchObject({ base_url: url, admin_url: adminUrl });
  const listed = await Program.run(['keys', 'list', '--json', '--data', gateway.dataDir]);
  expect(listed.stderr).toBe('');
  expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'e2e' }]);
});

test('an address that others reach is refused for it, unless the file says that it is meant', async () => {
  const dataDir = temporaryDir();
  const config = join(dataDir, 'leeward.yaml');
  writeFileSync(config, 'server:\n  admin:\n    host: 0.0.0.0\n    port: 0\n');
  const refused = await Program.run(['serve', '--port', '0', '--data', dataDir, '--config', config]);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('leeward.yaml:3:11');
  expect(refused.stderr).toContain('public: true');
  rmSync(dataDir, { recursive: true });
  await using meant = await ServedGateway.start({
    config: 'server: { admin: { host: 0.0.0.0, port: 0, public: true } }\n',
  });
  expect(await statusOf(`${meant.adminUrl}/admin/status`, meant.adminToken)).toBe(200);
});
