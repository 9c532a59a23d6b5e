import { describe, expect, test } from 'vitest';
import { translatedTable } from '../tables.ts';
import type { LaneFigures } from './lane-measures.ts';
import { LANES, type LanePair, PAIRS } from './lanes.ts';
import { roundsOf, type TranslatedResult } from './translated.ts';
import { dearestLanes, translatedGateResults, translatedSpread } from './translated-ratios.ts';
import { groupOrder, laneOrder, type TranslatedRound } from './translated-rounds.ts';

const [CHAT] = PAIRS as readonly [LanePair];
const inBoth = (native: LaneFigures, translated: LaneFigures): TranslatedRound[] =>
  PAIRS.map(({ translated: lane }) => ({ lane, native, translated }));
const calls = (native: number, translated: number) => inBoth({ cpuPerCallUs: native }, { cpuPerCallUs: translated });
const result = (rounds: Partial<TranslatedResult['rounds']>): TranslatedResult => ({
  rounds: { calls: [], frames: [], latency: [], ...rounds },
  wanted: { calls: 3, frames: 3, latency: 0 },
  wrong: [],
});

describe('the order of lanes', () => {
  const orders = Array.from({ length: 17 }, (_, turn) =>
    groupOrder(turn).flatMap((group) => laneOrder(group, turn).map(({ name }) => name)),
  );
  const names = LANES.map(({ name }) => name).toSorted();

  test('has each of them once in every turn, and first once in sixteen', () => {
    for (const order of orders) expect(order.toSorted()).toEqual(names);
    const first = orders.slice(0, 16).flatMap(([name]) => name ?? []);
    expect(first.toSorted()).toEqual(names);
    expect(orders[16]).toEqual(orders[0]);
  });
});

test('what a translation costs is taken within each round, so that a neighbour who slows both down adds nothing', () => {
  // The second round was three times as dear for everybody.
  const found = translatedSpread(
    result({ calls: [...calls(80, 120), ...calls(240, 360), ...calls(90, 144)] }),
    CHAT,
    'cpuPerCallUs',
  );
  expect(found).toEqual({
    native: 90,
    translated: 144,
    ratio: { median: 1.5, min: 1.5, max: 1.6 },
    added: { median: 54, min: 40, max: 120 },
  });
});

test('a translation of more than twice the cost misses its gate, and what was not measured has none', () => {
  const found = translatedGateResults(result({ calls: [...calls(80, 161), ...calls(80, 170), ...calls(80, 90)] }));
  expect(found.map(({ title, met, value }) => ({ title, met, value }))).toEqual([
    ...PAIRS.map(({ native, translated }) => ({
      title: `CPU per call, ${translated} to ${native}`,
      met: false,
      value: 161 / 80,
    })),
  ]);
  expect(found).toHaveLength(12);
  expect(translatedGateResults(result({ calls: calls(80, 160) })).every(({ met }) => met)).toBe(true);
  expect(translatedGateResults(undefined)).toEqual([]);
});

test('the table has ratios of costs, differences of latencies, and no column of what no round counts for', () => {
  const latency = inBoth({ latencyP50Us: 400 }, { latencyP50Us: 435 });
  const table = translatedTable(result({ calls: calls(80, 100), latency }));
  expect(table[0]).toEqual(['', 'CPU per call at saturation, µs', 'latency at 500 a second, p50, µs']);
  expect(table).toHaveLength(1 + 16);
  expect(table[1]).toEqual(['chat→chat', '80.0', '400']);
  expect(table[2]).toEqual(['chat→messages', '100.0: × 1.25 (1.25 to 1.25)', '435: +35 (35 to 35)']);
});

test('a lane whose rounds were all disturbed has no figures, and leaves the others theirs', () => {
  const [ofChat] = calls(80, 100);
  const alone = result({ calls: ofChat === undefined ? [] : [ofChat] });
  expect(PAIRS.map((pair) => roundsOf(alone.rounds.calls, pair))).toEqual([1, ...Array(11).fill(0)]);
  const table = translatedTable(alone);
  expect(table[1]).toEqual(['chat→chat', '80.0']);
  expect(table[2]?.[1]).toBe('100.0: × 1.25 (1.25 to 1.25)');
  expect(table.slice(3).map(([, cell]) => cell)).toEqual(Array(14).fill('–'));
  expect(translatedGateResults(alone)).toHaveLength(1);
});

test('the dearest lane is named for each figure that has a gate', () => {
  const [first, second, ...others] = calls(80, 100);
  const dear = { ...second, translated: { cpuPerCallUs: 140 } } as TranslatedRound;
  const rounds = first === undefined ? [] : [first, dear, ...others];
  expect(dearestLanes(result({ calls: rounds }))).toEqual([
    'CPU per call: the dearest is chat→responses, × 1.75 of chat→chat',
  ]);
});
