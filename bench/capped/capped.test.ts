import { expect, test } from 'vitest';
import { cappedTable } from '../tables.ts';
import { cappedSpread, type EngineCapped } from './capped.ts';
import type { CappedRound } from './capped-rounds.ts';

const cpu = (uncapped: number, capped: number): CappedRound => ({
  uncapped: { cpuPerCallUs: uncapped },
  capped: { cpuPerCallUs: capped },
});
const run = (rounds: EngineCapped['rounds']): EngineCapped => ({ engine: 'embedded', rounds, wanted: 3, wrong: [] });

test('what caps add is taken within each round, so that a neighbour who slows both down adds nothing', () => {
  // The second round was three times as dear for both keys.
  const found = cappedSpread(run({ cpu: [cpu(80, 100), cpu(240, 300), cpu(90, 115)], latency: [] }), 'cpuPerCallUs');
  expect(found).toEqual({ uncapped: 90, capped: 115, added: { median: 25, min: 20, max: 60 } });
});

test('a part without a round that counts has no figures, and leaves the other its own', () => {
  const table = cappedTable([run({ cpu: [cpu(80, 100)], latency: [] })]);
  expect(table[0]).toEqual(['', 'embedded: uncapped', 'capped', 'caps add']);
  const cells = (title: string) => table.find(([first]) => first?.startsWith(title))?.slice(1);
  expect(cells('CPU per call at saturation')).toEqual(['80.0', '100.0', '20.0 (20.0 to 20.0)']);
  expect(cells('added latency at 500 a second, p99')).toEqual(['–', '–', '–']);
});
