import { expect, test } from 'vitest';
import { VirtualClock } from '../kernel/clock.ts';
import type { AttemptEnd } from '../protocol/attempt-record.ts';
import { ProviderStates } from './provider-states.ts';

const END: AttemptEnd = {
  kind: 'end',
  callId: 'call_1',
  attempt: 1,
  callStartedAt: 0,
  endedAt: 1,
  outcome: 'ok',
  last: true,
  totalMs: 1,
};

/** The state of a provider that was fine, after one attempt that ended so. */
function stateAfter(end: Partial<AttemptEnd>): string | undefined {
  const states = new ProviderStates(new VirtualClock());
  states.add({ name: 'up', preset: 'openai-compatible', source: 'leeward.yaml', state: 'ok' });
  states.attemptEnded('up', { ...END, ...end });
  return states.list()[0]?.state;
}

test.each([
  ['an error of its own', { outcome: 'failed', status: 503 }],
  ['a refused key', { outcome: 'failed', status: 401 }],
  ['a limit of its own', { outcome: 'failed', status: 429 }],
  ['no answer at all', { outcome: 'failed' }],
  ['a stream cut short', { outcome: 'truncated', status: 200 }],
] as const)('%s degrades a provider', (_, attempt) => {
  expect(stateAfter(attempt)).toBe('degraded');
});

test.each([
  ['a model it does not have', { outcome: 'failed', status: 404 }],
  ['a request it cannot read', { outcome: 'failed', status: 400 }],
  ['a client that left', { outcome: 'cancelled' }],
] as const)('%s says nothing about a provider', (_, attempt) => {
  expect(stateAfter(attempt)).toBe('ok');
});
