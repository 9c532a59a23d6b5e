import { expect, test } from 'vitest';
import type { AttemptEnd } from '../../protocol/attempt-record.ts';
import { endRecord, startRecord } from '../testing/scratch.ts';
import { usualEnd } from './end-line.ts';
import { parseRecord } from './record-parser.ts';

const complete: AttemptEnd = {
  kind: 'end',
  callId: 'call_1',
  attempt: 2,
  callStartedAt: 1_763_730_000_000,
  endedAt: 1_763_730_000_012,
  outcome: 'failed',
  last: false,
  totalMs: 12.25,
  status: 503,
  clientStatus: 502,
  errorCode: 'upstream_error',
  errorMessage: 'sim answered 503 {busy}, [again]',
  finishReason: 'tool_calls',
  usage: {
    inputTokens: 1,
    cachedInputTokens: 0,
    cacheWriteTokens: 4,
    outputTokens: 999_999_999_999_999,
    reasoningTokens: 3,
  },
  usageSource: 'provider',
  costNanoUsd: '999999999999999999',
  chargeNanoUsd: '0',
  holdNanoUsd: '123456789012345678',
  overrun: true,
  firstTokenMs: 3.5,
  upstreamRequestId: 'req-1/a:b=',
};

/** Whatever may be absent. */
const OPTIONAL = Object.keys(complete).slice(8);

test('a usual end is what the general parser makes of it, with any of its fields alone, absent, or all of them', () => {
  const lines = OPTIONAL.flatMap((field) => {
    const without = Object.fromEntries(Object.entries(complete).filter(([name]) => name !== field));
    const alone = Object.fromEntries(
      Object.entries(complete).filter(([name]) => name === field || !OPTIONAL.includes(name)),
    );
    return [without, alone];
  }).map((end) => JSON.stringify(end));
  for (const line of [JSON.stringify(complete), ...lines]) {
    expect(usualEnd(line)).toEqual(parseRecord(line));
    expect(usualEnd(line)).toBeDefined();
  }
});

test.each<Partial<AttemptEnd>>([
  { usage: {} },
  { usage: { inputTokens: 5 } },
  { usage: { outputTokens: 5 } },
  { usage: { cacheWriteTokens: 5, outputTokens: 5 } },
  { usage: { outputTokens: 5, inputAudioTokens: 2 } },
  { usage: { reasoningTokens: 5, inputTokens: 1 } },
  { errorMessage: 'quote " and \\' },
  { errorMessage: 'ü' },
  { errorMessage: ',"usage":{"inputTokens":1}' },
  { errorMessage: 'no usage here' },
  { costNanoUsd: '-5' },
  { chargeNanoUsd: '-5', overrun: false },
  { totalMs: 1e21 },
  { firstTokenMs: 0.000_000_1 },
  { endedAt: -1 },
  { callId: 'call 1' },
])('an end that looks otherwise is left to the general parser, or read as it does (%#)', (given) => {
  const line = JSON.stringify(endRecord(startRecord(), given));
  expect(usualEnd(line) ?? parseRecord(line)).toEqual(parseRecord(line));
});

test.each([
  [(line: string) => line.replace('"status":200', '"status":20000000000'), 'status is 20000000000'],
  [(line: string) => line.replace('"last":true', '"last":1'), 'last is 1'],
  [(line: string) => line.slice(0, -1), 'JSON'],
  [(line: string) => `${line}}`, 'JSON'],
])('what no column can hold, and what is no JSON, is no usual end (%#)', (damage, message) => {
  const line = damage(JSON.stringify(endRecord(startRecord())));
  expect(usualEnd(line)).toBeUndefined();
  expect(() => parseRecord(line)).toThrow(message);
});
