import { expect, test, vi } from 'vitest';
import { newDeclaredKey } from '../../src/compose/declared-key.ts';
import { postgresBinaries, startPostgres } from '../support/postgres-server.ts';
import { ServedGateway } from './served-gateway.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const CHAT = '/v1/chat/completions';
const body = { model: 'sim/sim-small', max_tokens: 16, messages: [{ role: 'user', content: 'hello' }] };
const hasPostgres = (await postgresBinaries()) !== undefined;

test.skipIf(!hasPostgres)(
  'gateways on one server share budgets: what one sets, the other keeps to within seconds',
  async () => {
    await using postgres = await startPostgres();
    const { key, keyHash } = newDeclaredKey();
    const options = { config: `keys: { app: { key_hash: "${keyHash}" } }\n`, env: { DATABASE_URL: postgres.url } };
    // One after the other: both would bring the schema up to date.
    await using one = await ServedGateway.start(options);
    await using other = await ServedGateway.start(options);
    const scope = { kind: 'key', id: 'file.app' };
    const call = async (gateway: ServedGateway) => {
      const response = await gateway.post(CHAT, body, { authorization: `Bearer ${key}` });
      await response.arrayBuffer();
      return response.status;
    };
    expect([await call(one), await call(other)]).toEqual([200, 200]);
    const set = await one.admin('POST', '/admin/budgets', {
      scope,
      per: 'day',
      hard_usd: '0.0002',
    });
    expect(set.status).toBe(200);
    const budget = (await set.json()) as { id: string };
    await expect
      .poll(async () => (await other.admin('GET', `/admin/budgets/${budget.id}`)).status, { timeout: 10_000 })
      .toBe(200);
    // Both at once, until neither may any more: together they spend no more than the cap.
    const spend = async (gateway: ServedGateway) => {
      for (let calls = 0; calls < 100; calls++) {
        const status = await call(gateway);
        if (status !== 200) return status;
      }
      return 200;
    };
    expect(await Promise.all([spend(one), spend(other), spend(one), spend(other)])).toEqual([402, 402, 402, 402]);
    const shown = (await (await other.admin('GET', `/admin/budgets/${budget.id}`)).json()) as {
      account: { settled: { nano_usd: string }; held: { nano_usd: string }; left: { nano_usd: string } };
    };
    const { settled, held, left } = shown.account;
    expect(BigInt(settled.nano_usd) + BigInt(left.nano_usd)).toBe(200_000n);
    expect([BigInt(held.nano_usd), BigInt(left.nano_usd) >= 0n]).toEqual([0n, true]);
  },
);
