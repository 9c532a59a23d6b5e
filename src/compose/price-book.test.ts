import { expect, test } from 'vitest';
import type { PriceRuleConfig } from '../config/config.ts';
import { VirtualClock } from '../kernel/clock.ts';
import { costOf } from '../money/price-sheet.ts';
import { declaredSheet, withAgreements, withDeclared } from './price-book.ts';

const NOON = Date.UTC(2026, 10, 1, 12);
const DAY_MS = 86_400_000;
const list = declaredSheet({ inputPicoUsd: 1_000_000n, outputPicoUsd: 2_000_000n });
const usage = { inputTokens: 1_000, outputTokens: 1_000 };

function costs(rules: readonly PriceRuleConfig[], clock = new VirtualClock(NOON)) {
  const sheetOf = withAgreements('acme', (model) => (model === 'secret' ? undefined : list), rules, clock);
  return (model: string, organisation?: string) => costOf(sheetOf(model, organisation), usage);
}

test('a factor holds for the models and the organisation that it names, and for no others', () => {
  const cost = costs([{ organisation: 'big', models: ['acme/rocket*'], times: { numerator: 4n, denominator: 5n } }]);
  expect(cost('rocket-2', 'big')).toBe(2_400_000n);
  expect(cost('rocket-2', 'small')).toBe(3_000_000n);
  expect(cost('rocket-2')).toBe(3_000_000n);
  expect(cost('boat', 'big')).toBe(3_000_000n);
  expect(cost('secret', 'big')).toBeUndefined();
});

test('the organisation goes before the date, the later date before the earlier, the later line before the earlier', async () => {
  const price = (picoUsd: bigint) => ({ inputPicoUsd: picoUsd, outputPicoUsd: 0n });
  const clock = new VirtualClock(NOON);
  const cost = costs(
    [
      { organisation: 'big', models: ['*'], price: price(7_000_000n) },
      { models: ['*'], price: price(5_000_000n), fromAt: NOON - DAY_MS },
      { models: ['*'], price: price(4_000_000n), fromAt: NOON + DAY_MS },
      { models: ['acme/*'], price: price(6_000_000n), fromAt: NOON - DAY_MS },
    ],
    clock,
  );
  expect(cost('secret')).toBe(6_000_000n);
  expect(cost('secret', 'big')).toBe(7_000_000n);
  await clock.advance(DAY_MS - 1);
  expect(cost('secret')).toBe(6_000_000n);
  await clock.advance(1);
  expect(cost('secret')).toBe(4_000_000n);
});

test('a declared price goes before the one for all models, and that before the catalogue', () => {
  const prices = new Map([['one', { inputPicoUsd: 1n, outputPicoUsd: 1n }]]);
  const free = { inputPicoUsd: 0n, outputPicoUsd: 0n };
  const versions = (sheetOf: ReturnType<typeof withDeclared>) => ['one', 'two'].map((model) => sheetOf(model)?.version);
  expect(versions(withDeclared({ prices }, () => list))).toEqual(['declared input=1 output=1', list.version]);
  expect(versions(withDeclared({ prices, defaultPrice: free }, () => list))[1]).toBe('declared input=0 output=0');
  expect(withDeclared({ prices }, undefined)('two')).toBeUndefined();
});

test('a sheet is found again in well under a microsecond', () => {
  const sheetOf = withAgreements(
    'acme',
    () => list,
    [{ models: ['*'], times: { numerator: 1n, denominator: 2n } }],
    new VirtualClock(NOON),
  );
  const timed = () => {
    const before = performance.now();
    for (let round = 0; round < 20_000; round++) sheetOf('rocket', 'big');
    return ((performance.now() - before) * 1e6) / 20_000;
  };
  const nanosecondsOfEach = Array.from({ length: 9 }, timed).sort((one, other) => one - other);
  // A generous multiple of what it takes: neighbours share this machine.
  expect(nanosecondsOfEach[2]).toBeLessThan(5_000);
});
