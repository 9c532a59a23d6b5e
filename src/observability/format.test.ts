import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttemptView, CallView } from '../protocol/call-view.ts';
import {
  callCost,
  clockTime,
  formatCallLine,
  formatCost,
  formatCount,
  formatDuration,
  formatUsd,
  visibleText,
} from './format.ts';

describe('money', () => {
  test.each([
    [0n, '$0'],
    [1n, '$0.000000001'],
    [42_000n, '$0.000042'],
    [31_200n, '$0.0000312'],
    [31_249n, '$0.0000312'],
    [31_250n, '$0.0000313'],
    [999_999n, '$0.001'],
    [10_000_000n, '$0.01'],
    [123_456_789n, '$0.123'],
    [500_000_000n, '$0.50'],
    [999_600_000n, '$1.00'],
    [1_000_000_000n, '$1.00'],
    [1_234_567_890_123n, '$1,234.57'],
    [12_345_678_000_000_000n, '$12,345,678.00'],
    [-42_000n, '-$0.000042'],
  ])('%d nano-USD reads %s', (nano, text) => {
    expect(formatUsd(nano)).toBe(text);
  });

  test('is never off by more than half a percent below a dollar or half a cent above, and never zero for something', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 18n }), (nano) => {
        const [whole = '', fraction = ''] = formatUsd(nano).slice(1).replaceAll(',', '').split('.');
        const shown = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
        const error = shown > nano ? shown - nano : nano - shown;
        expect(shown).toBeGreaterThan(0n);
        if (nano < 1_000_000_000n) expect(error * 200n <= nano).toBe(true);
        else expect(error <= 5_000_000n).toBe(true);
      }),
    );
  });
});

test.each([
  [0, '0 ms'],
  [0.02, '<0.1 ms'],
  [0.4, '0.4 ms'],
  [6, '6 ms'],
  [9.96, '10 ms'],
  [340.4, '340 ms'],
  [999.6, '1.00 s'],
  [1_240, '1.24 s'],
  [9_996, '10.0 s'],
  [12_340, '12.3 s'],
  [59_960, '1 m 00 s'],
  [65_000, '1 m 05 s'],
  [3_599_900, '1 h 00 m'],
  [11_520_000, '3 h 12 m'],
  [187_200_000, '2 d 4 h'],
  [-5, '0 ms'],
])('%d ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('counts mark their thousands', () => {
  expect([0, 999, 1_204, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,204', '1,234,567']);
});

test('what cannot be seen is spelled out: ANSI, direction marks, zero width, half characters', () => {
  expect(visibleText('\u001b[31mred\u001b[0m')).toBe('\\u{001b}[31mred\\u{001b}[0m');
  expect(visibleText('gpt\u202e4o-evil')).toBe('gpt\\u{202e}4o-evil');
  expect(visibleText('a\u200bb\nc\u{e0041}')).toBe('a\\u{200b}b\\u{000a}c\\u{e0041}');
  expect(visibleText('x\ud800y')).toBe('x\ufffdy');
  expect(visibleText('Größe 模型 🜁')).toBe('Größe 模型 🜁');
  expect(visibleText('abcdef', 3)).toBe('abc…');
});

const attempt: AttemptView = {
  attempt: 1,
  provider: 'sim',
  model: 'sim-small',
  routeReason: 'alias demo',
  startedAt: 0,
  outcome: 'ok',
  usage: { inputTokens: 17, outputTokens: 48 },
  costNanoUsd: 31_200n,
};

function callWith(attempts: AttemptView[], more: Partial<CallView> = {}): CallView {
  return {
    id: 'call_1',
    startedAt: Date.UTC(2026, 10, 21, 12, 4, 11),
    organisation: 'org',
    project: 'proj',
    keyId: 'key_1',
    operation: 'chat',
    dialect: 'openai-chat',
    stream: false,
    modelAsked: 'demo',
    route: 'demo',
    clientStatus: 200,
    totalMs: 6,
    configVersion: 'c1',
    attempts,
    ...more,
  };
}

test('a call is one line', () => {
  expect(formatCallLine(callWith([attempt]), 'UTC')).toBe(
    '12:04:11  POST /v1/chat/completions  demo → sim/sim-small  200  6 ms  17+48 tokens  $0.0000312',
  );
  expect(clockTime(Date.UTC(2026, 10, 21, 12, 4, 11), 'Asia/Kolkata')).toBe('17:34:11');
});

test('who got what was asked for is named once', () => {
  expect(formatCallLine(callWith([attempt], { modelAsked: 'sim/sim-small' }), 'UTC')).toBe(
    '12:04:11  POST /v1/chat/completions  sim/sim-small  200  6 ms  17+48 tokens  $0.0000312',
  );
});

test('the line names the trouble and counts the attempts', () => {
  const refused: AttemptView = {
    attempt: 1,
    provider: 'a',
    model: 'm',
    routeReason: 'r',
    startedAt: 0,
    outcome: 'failed',
  };
  expect(formatCallLine(callWith([refused, { ...attempt, attempt: 2 }]), 'UTC')).toMatch(/\$0\.0000312 {2}2 attempts$/);
  const failed = callWith([refused], { clientStatus: 502, errorCode: 'upstream_error' });
  expect(formatCallLine(failed, 'UTC')).toMatch(/a\/m {2}502 {2}upstream_error {2}6 ms {2}–$/);
});

test('a hostile model name can neither break the line nor colour the terminal', () => {
  const line = formatCallLine(callWith([attempt], { modelAsked: `\u001b]0;owned\u0007\n${'x'.repeat(200)}` }), 'UTC');
  expect(line).not.toMatch(/\p{Cc}/u);
  expect(line.length).toBeLessThan(220);
});

test('the cost of a call says what is known and no more', () => {
  const { costNanoUsd: _, ...unpriced } = attempt;
  const { usage: __, ...silent } = unpriced;
  const refused: AttemptView = { ...silent, outcome: 'failed', status: 429 };
  const text = (...attempts: AttemptView[]) => formatCost(callCost(callWith(attempts)));
  expect(text(attempt, attempt)).toBe('$0.0000624');
  expect(text({ ...attempt, costNanoUsd: 0n })).toBe('$0');
  expect(text(refused, attempt)).toBe('$0.0000312');
  expect(text({ ...silent, outcome: 'truncated' }, attempt)).toBe('≥ $0.0000312');
  expect(text(unpriced)).toBe('unpriced');
  expect(text({ ...silent, outcome: 'cancelled' })).toBe('unknown');
  expect(text(refused)).toBe('–');
});
