import { expect, test } from 'vitest';
import { enginesHere, openEngine } from '../../test/support/engines.ts';
import { VirtualClock } from '../kernel/clock.ts';
import { IdMaker } from '../kernel/ids.ts';
import { systemRandom } from '../kernel/random.ts';
import { dropResolvedHolds } from './resolved-holds.ts';

const NOW = Date.UTC(2026, 10, 21);

test.each(await enginesHere())(
  'holds that are long settled are dropped on the %s engine, open ones never',
  async (name) => {
    await using engine = await openEngine(name, { fsync: false });
    const { pool } = engine.store;
    const idsAt = (instantMs: number, count: number) => {
      const ids = new IdMaker(new VirtualClock(instantMs), systemRandom());
      return Array.from({ length: count }, () => ids.next('call'));
    };
    const put = (ids: readonly string[], state: string) =>
      pool.query(
        `insert into holds (id, organisation, project, key_id, accounts, amount, holder, taken_at, resolve_by, state)
       select id, 'org_1', 'proj_1', 'key_1', '{1}', 5, 'run_1', $2, $2, $3 from unnest($1::text[]) as id`,
        [ids, new Date(NOW), state],
      );
    const open = [...idsAt(NOW - 1, 3), ...idsAt(0, 2)];
    const recent = idsAt(NOW, 3);
    await put(idsAt(NOW - 1, 2_500), 'settled');
    await put(idsAt(NOW - 1_000_000, 2_500), 'released');
    await put(open.slice(0, 2), 'held');
    await put(open.slice(2), 'kept');
    await put(recent, 'settled');

    expect(await dropResolvedHolds(pool, NOW, () => true)).toBe(0);
    expect(await dropResolvedHolds(pool, NOW, () => false)).toBe(5_000);
    expect(await dropResolvedHolds(pool, NOW, () => false)).toBe(0);
    const { rows } = await pool.query('select id from holds order by id');
    expect(rows.map(({ id }) => id)).toEqual([...open, ...recent].sort());
  },
);
