import { expect, test } from 'vitest';
import { nano } from '../kernel/amounts.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { AttemptStart } from '../protocol/attempt-record.ts';
import { usualEnd } from '../store/journal/end-line.ts';
import { attemptCheckpoint, attemptEnd } from './attempt-records.ts';
import type { AdmittedCall } from './call.ts';
import type { AnswerFacts } from './dialect.ts';

const call = { id: 'call_1', arrivedAt: 1_763_730_000_000 } as AdmittedCall;
const ended = {
  attempt: 1,
  startedAt: 1_763_730_000_001,
  endedAt: 1_763_730_000_009,
  last: true,
  clientStatus: 200,
  firstTokenMs: 3.25,
  held: undefined,
  overrun: false,
};

test('an end is written as the journal’s reader expects the usual one, so that it is read the fast way', () => {
  const usage = { inputTokens: 9, cachedInputTokens: 1, outputTokens: 20, reasoningTokens: 4 };
  const ok = attemptEnd(call, {
    ...ended,
    outcome: 'ok',
    status: 200,
    facts: { finishReason: 'stop' },
    metered: { usage, source: 'provider', cost: nano(4_050n) },
    source: 'provider',
    charge: nano(4_050n),
    error: undefined,
    upstreamRequestId: 'req-1',
  });
  const failed = attemptEnd(call, {
    ...ended,
    outcome: 'failed',
    status: undefined,
    facts: {},
    metered: { source: 'provider', cost: nano(0n) },
    source: 'provider',
    charge: nano(0n),
    error: new GatewayError('upstream_timeout', { message: 'The provider up sent no response head in time.' }),
    upstreamRequestId: undefined,
  });
  expect(usualEnd(JSON.stringify(ok))).toEqual(ok);
  expect(usualEnd(JSON.stringify(failed))).toEqual(failed);
});

test('a checkpoint takes what the provider has counted so far, and estimates what it has not', () => {
  const streaming = { ...call, request: { bodyBytes: 400 } } as AdmittedCall;
  const start = { attempt: 1, callStartedAt: call.arrivedAt } as AttemptStart;
  const output = () => 'x'.repeat(400);
  const usageOf = (facts: AnswerFacts) => attemptCheckpoint(streaming, start, undefined, facts, 0).usage;
  const estimated = usageOf({ output });
  expect(estimated.outputTokens).toBeGreaterThan(50);
  expect(usageOf({ output, usage: { inputTokens: 7, cachedInputTokens: 3 } })).toEqual({
    inputTokens: 7,
    cachedInputTokens: 3,
    outputTokens: estimated.outputTokens,
  });
  expect(usageOf({ output, usage: { inputTokens: 7, outputTokens: 9 } })).toEqual({ inputTokens: 7, outputTokens: 9 });
});
