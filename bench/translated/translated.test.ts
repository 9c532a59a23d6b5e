import { describe, expect, test } from 'vitest';
import { translatedTable } from '../tables.ts';
import type { LaneFigures } from './lane-measures.ts';
import { LANES, PAIRS } from './lanes.ts';
import { roundsOf, type TranslatedResult } from './translated.ts';
import { translatedGateResults, translatedSpread } from './translated-ratios.ts';
import { laneOrder, pairOrder, type TranslatedRound } from './translated-rounds.ts';

const [CHAT] = PAIRS;
const inBoth = (native: LaneFigures, translated: LaneFigures): TranslatedRound[] =>
  PAIRS.map(({ client }) => ({ client, native, translated }));
const calls = (native: number, translated: number) => inBoth({ cpuPerCallUs: native }, { cpuPerCallUs: translated });
const result = (rounds: Partial<TranslatedResult['rounds']>): TranslatedResult => ({
  rounds: { calls: [], frames: [], latency: [], ...rounds },
  wanted: { calls: 3, frames: 3, latency: 0 },
  wrong: [],
});

describe('the order of lanes', () => {
  const orders = [0, 1, 2, 3, 4].map((turn) =>
    pairOrder(turn).flatMap((pair) => laneOrder(pair, turn).map(({ name }) => name)),
  );
  const names = LANES.map(({ name }) => name).toSorted();

  test('has each of them once in every turn, and first once in four', () => {
    for (const order of orders) expect(order.toSorted()).toEqual(names);
    const first = orders.slice(0, 4).flatMap(([name]) => name ?? []);
    expect(first.toSorted()).toEqual(names);
    expect(orders[4]).toEqual(orders[0]);
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
    { title: 'CPU per call, chat→messages to chat→chat', met: false, value: 161 / 80 },
    { title: 'CPU per call, messages→chat to messages→messages', met: false, value: 161 / 80 },
  ]);
  expect(translatedGateResults(result({ calls: calls(80, 160) })).every(({ met }) => met)).toBe(true);
  expect(translatedGateResults(undefined)).toEqual([]);
});

test('the table has ratios of costs, differences of latencies, and no line of what no round counts for', () => {
  const latency = inBoth({ latencyP50Us: 400 }, { latencyP50Us: 435 });
  const table = translatedTable(result({ calls: calls(80, 100), latency }));
  expect(table[0]).toEqual([
    '',
    'chat→chat',
    'chat→messages',
    'by native',
    'messages→messages',
    'messages→chat',
    'by native',
  ]);
  expect(table.slice(1).map((cells) => cells.slice(0, 4))).toEqual([
    ['CPU per call at saturation, µs', '80.0', '100.0', '× 1.25 (1.25 to 1.25)'],
    ['latency at 500 a second, p50, µs', '400', '435', '+35 (35 to 35)'],
  ]);
});

test('a client whose rounds were all disturbed has no figures, and leaves the other its own', () => {
  const [ofChat] = calls(80, 100);
  const alone = result({ calls: ofChat === undefined ? [] : [ofChat] });
  expect(PAIRS.map((pair) => roundsOf(alone.rounds.calls, pair))).toEqual([1, 0]);
  const [, cells] = translatedTable(alone);
  expect(cells?.slice(1)).toEqual(['80.0', '100.0', '× 1.25 (1.25 to 1.25)', '–', '–', '–']);
  expect(translatedGateResults(alone)).toHaveLength(1);
});
