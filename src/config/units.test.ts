import { expect, test } from 'vitest';
import { durationMs, durationText, picoUsdPerToken, sizeBytes, usdPerMillionText } from './units.ts';

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['30', undefined],
  ['30 seconds', undefined],
  ['-1s', undefined],
  ['', undefined],
])('the duration %j is %s ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each([
  ['512', 512],
  ['64KiB', 65_536],
  ['20 MiB', 20_971_520],
  ['1GB', 1_000_000_000],
  ['1.5MiB', undefined],
  ['20M', undefined],
  ['999999999999999GiB', undefined],
])('the size %j is %s bytes', (text, bytes) => {
  expect(sizeBytes(text)).toBe(bytes);
});

test.each([
  ['0.15', 150_000n],
  ['0.000001', 1n],
  ['12', 12_000_000n],
  ['0', 0n],
  // 0.1 + 0.2 in floats would not be 300000.
  ['0.3', 300_000n],
  ['0.0000001', undefined],
  ['1e-3', undefined],
  ['-1', undefined],
  ['.5', undefined],
])('%j dollars per million tokens are %s pico-dollars a token', (usd, pico) => {
  expect(picoUsdPerToken(usd)).toBe(pico);
});

test.each(['500ms', '30s', '90s', '90m', '2h', '36h', '0ms'])('the duration %s is written as it was read', (text) => {
  expect(durationText(durationMs(text) ?? Number.NaN)).toBe(text);
});

test.each(['0', '0.15', '12', '0.000001', '1.5'])('the price %s is written as it was read', (text) => {
  expect(usdPerMillionText(picoUsdPerToken(text) ?? -1n)).toBe(text);
});
