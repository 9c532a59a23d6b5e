import { rmSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { Program, ServedGateway, temporaryDir } from './served-gateway.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const CHAT = '/v1/chat/completions';

interface Budget {
  readonly id: string;
  readonly created?: boolean;
  readonly hard: { readonly usd: string } | null;
  readonly account: { readonly left: { readonly usd: string } } | null;
}

test('budgets and credits are managed on the command line, with a server and without one', async () => {
  const dataDir = temporaryDir();
  const leeward = async (...args: string[]) => Program.run([...args, '--data', dataDir]);
  const json = async <Answer>(...args: string[]): Promise<Answer> => {
    const { code, stdout, stderr } = await leeward(...args, '--json');
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as Answer;
  };
  let pool: Budget;
  {
    await using gateway = await ServedGateway.start({ dataDir });
    const key = await json<{ id: string; key: string; budget: string }>(
      ...['keys', 'create', 'app', '--cap', '5.00', '--per', 'day', '--soft', '4', '--models', 'sim/*', 'openai/*'],
    );
    expect(await json<Budget[]>('budgets', 'list', '--key', key.id)).toMatchObject([
      { id: key.budget, hard: { usd: '5' }, account: { left: { usd: '5' } } },
    ]);
    const body = { model: 'sim/sim-small', messages: [{ role: 'user', content: 'hello' }] };
    expect((await gateway.post(CHAT, body, { authorization: `Bearer ${key.key}` })).status).toBe(200);
    const changed = await json<Budget>('budgets', 'set', '--key', key.id, '--per', 'day', '--hard', '0.00001');
    expect(changed).toMatchObject({ id: key.budget, created: false });
    expect((await gateway.post(CHAT, body, { authorization: `Bearer ${key.key}` })).status).toBe(402);
    const shown = await leeward('budgets', 'show', key.budget);
    expect(shown.stdout).toMatch(/^ID +OF +PER +SPENT +HELD +CAP +LEFT +RESETS\n/);
    expect(shown.stdout).toContain(`key ${key.id}`);
    pool = await json<Budget>('budgets', 'set', '--organisation', '--credit', '--rate', 'openai/*=1.2');
    const topUp = ['credits', 'top-up', pool.id, '--amount', '100', '--paid', '80', '--id', 'inv-1'];
    expect(await json(...topUp)).toEqual({ id: 'top_up/inv-1', booked: true });
    const again = await leeward(...topUp);
    expect([again.code, again.stderr]).toEqual([0, 'top_up/inv-1 was booked before; nothing has changed\n']);
    const removed = await leeward('budgets', 'remove', key.budget);
    expect([removed.code, removed.stderr]).toEqual([0, `${key.budget} is removed: nothing counts on it any more\n`]);
    const alerts = await leeward('budgets', 'alerts');
    expect([alerts.code, alerts.stdout.split('\n')[0]]).toEqual([0, 'AT  KIND  ALERT']);
  }
  // From here on nothing runs: the same commands work on the store.
  expect(await json<Budget[]>('budgets', 'list')).toMatchObject([{ id: pool.id, account: { left: { usd: '100' } } }]);
  await json('credits', 'refund', pool.id, '--amount', '40', '--paid', '30', '--id', 'r1');
  const tooMuch = await leeward('credits', 'refund', pool.id, '--amount', '61', '--paid', '1', '--id', 'r2');
  expect([tooMuch.code, tooMuch.stderr]).toEqual([6, expect.stringContaining('Not so much is left')]);
  const bookings = await json<{ id: string; created_by: string }[]>('credits', 'list', '--budget', pool.id);
  expect(bookings.map(({ id, created_by }) => [id, created_by])).toEqual([
    ['refund/r1', 'cli'],
    ['top_up/inv-1', 'admin'],
  ]);
  const capped = await json<{ id: string; budget: string }>('keys', 'create', 'late', '--cap', '1');
  expect(await json<Budget[]>('budgets', 'list', '--key', capped.id)).toMatchObject([
    { id: capped.budget, per: 'lifetime' },
  ]);
  const offline = await leeward('budgets', 'alerts');
  expect([offline.code, offline.stderr]).toEqual([7, expect.stringContaining('needs a running server')]);
  rmSync(dataDir, { recursive: true });
});

test.each([
  [['budgets', 'set', '--per', 'day', '--hard', '5'], 'nobody is named whose budget it is'],
  [['budgets', 'set', '--organisation', '--hard', '5'], 'the budget has no period'],
  [['budgets', 'set', '--organisation', '--key', 'k', '--per', 'day'], 'one of key, project and organisation'],
  [['budgets', 'set', '--organisation', '--credit', '--rate', 'openai'], 'is no rate'],
  [['budgets', 'set', '--organisation', '--per', 'fortnight'], 'Allowed choices are lifetime, month'],
  [['credits', 'top-up', 'bud_1', '--amount', '5', '--paid', '4'], "required option '--id <id>'"],
  [['keys', 'create', '--per', 'day'], '--per and --time-zone say nothing without a cap'],
])('%j is refused before anything is asked', async (args, message) => {
  const { code, stderr } = await Program.run([...args, '--data', '/nowhere']);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});
