import { expect, test } from 'vitest';
import { VirtualClock } from '../kernel/clock.ts';
import type { AttemptView, CallView } from '../protocol/call-view.ts';
import { ProviderStates } from './provider-states.ts';

const CALL: CallView = {
  id: 'call_1',
  startedAt: 0,
  organisation: 'org_default',
  project: 'proj_default',
  keyId: 'key_1',
  operation: 'chat',
  dialect: 'openai-chat',
  stream: false,
  modelAsked: 'up/m',
  route: 'direct',
  configVersion: 'v1',
  attempts: [],
};

/** The state of a provider that was fine, after one call with this attempt. */
function stateAfter(attempt: Partial<AttemptView>): string | undefined {
  const states = new ProviderStates(new VirtualClock());
  states.add({ name: 'up', preset: 'openai-compatible', source: 'leeward.yaml', state: 'ok' });
  const view = { attempt: 1, provider: 'up', model: 'm', routeReason: 'asked for up/m', startedAt: 0, ...attempt };
  states.called({ ...CALL, attempts: [view] });
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
