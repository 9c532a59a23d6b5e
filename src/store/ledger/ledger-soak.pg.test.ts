import { expect, test } from 'vitest';
import { enginesHere, openEngine } from '../../../test/support/engines.ts';
import { soakLedger } from '../../../test/support/ledger-soak.ts';

test.each(await enginesHere())(
  'twenty thousand transfers add up on the %s engine',
  { timeout: 120_000 },
  async (name) => {
    await using engine = await openEngine(name, { fsync: false });
    const { problems, verification } = await soakLedger(engine.store, { transfers: 20_000 });
    expect(problems).toEqual([]);
    expect(verification.transfers).toBeGreaterThanOrEqual(20_000);
    expect(verification.openHolds).toBeGreaterThan(0);
  },
);
