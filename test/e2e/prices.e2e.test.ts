import { rmSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { Program, ServedGateway, temporaryDir } from './served-gateway.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const CHAT = '/v1/chat/completions';
const BODY = { model: 'sim/sim-small', messages: [{ role: 'user', content: 'hello' }] };

interface Explained {
  readonly attempts: readonly {
    readonly state: string;
    readonly price_version: string;
    readonly lines: readonly { readonly what: string; readonly count: number; readonly amount_pico_usd: string }[];
    readonly total: { readonly nano_usd: string };
    readonly recorded: { readonly nano_usd: string };
  }[];
}

test('prices are listed and shown as they were agreed, and the cost of a recorded call is reckoned again', async () => {
  const dataDir = temporaryDir();
  const leeward = async (...args: string[]) => Program.run([...args, '--data', dataDir]);
  const json = async <Answer>(...args: string[]): Promise<Answer> => {
    const { code, stdout, stderr } = await leeward(...args, '--json');
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as Answer;
  };
  const config = 'prices:\n  - models: ["sim/sim-small"]\n    times: "0.5"\n';
  let id: string;
  {
    await using gateway = await ServedGateway.start({ dataDir, config });
    const key = await json<{ key: string }>('keys', 'create', 'app');
    const answer = await gateway.post(CHAT, BODY, { authorization: `Bearer ${key.key}` });
    expect(answer.status).toBe(200);
    id = answer.headers.get('x-leeward-request-id') ?? '';
    const [sheet] = await json<{ id: string; version: string }[]>('prices', 'list', '--search', 'sim-small');
    expect(sheet).toMatchObject({ id: 'sim/sim-small', version: expect.stringContaining(' times=500000/1000000') });
    const shown = await leeward('prices', 'show', 'sim/sim-small');
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringMatching(/output +\$/)]);
    expect((await leeward('prices', 'show', 'sim/nobody')).code).toBe(7);
    const told = await leeward('prices', 'explain', id);
    expect([told.code, told.stdout]).toEqual([0, expect.stringContaining('as it was recorded')]);
    expect((await leeward('prices', 'explain', 'call_nobody')).code).toBe(7);
  }
  {
    // The agreement is gone: the record alone says what held.
    await using _gateway = await ServedGateway.start({ dataDir });
    const { attempts } = await json<Explained>('prices', 'explain', id);
    expect(attempts).toMatchObject([{ state: 'agrees' }]);
    const [attempt] = attempts;
    expect(attempt?.total).toEqual(attempt?.recorded);
    expect(attempt?.lines.map(({ what }) => what)).toEqual(['input', 'output']);
  }
  rmSync(dataDir, { recursive: true });
});
