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
