import { expect, test } from 'vitest';
import type { AttemptView, CallView } from '../../protocol/call-view.ts';
import { callJson } from './call-json.ts';

const attempt: AttemptView = {
  attempt: 1,
  provider: 'sim',
  model: 'sim-small',
  routeReason: 'asked for sim/sim-small',
  startedAt: 1_000,
};

function call(view: AttemptView, clientStatus?: number): CallView {
  return {
    id: 'call_1',
    startedAt: 1_000,
    organisation: 'org_default',
    project: 'proj_default',
    keyId: 'key_1',
    operation: 'chat',
    dialect: 'openai-chat',
    stream: true,
    modelAsked: 'sim/sim-small',
    route: 'direct',
    configVersion: 'v1',
    attempts: [view],
    ...(clientStatus === undefined ? {} : { clientStatus }),
  };
}

test('a call runs until its client has an answer', () => {
  expect(callJson(call(attempt))).toMatchObject({ state: 'running', status: null });
  expect(callJson(call({ ...attempt, outcome: 'ok' }, 200))).toMatchObject({ state: 'ended', status: 200 });
});

test('a call whose gateway died has ended, and what it used and cost is unknown, not 0', () => {
  expect(callJson(call({ ...attempt, outcome: 'interrupted' }))).toMatchObject({
    state: 'ended',
    status: null,
    usage: null,
    cost: null,
  });
});
