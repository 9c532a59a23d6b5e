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

test('what a call is charged stands beside what it cost, and unknown beside both', () => {
  const first = { ...attempt, outcome: 'failed', costNanoUsd: 5n, chargeNanoUsd: 0n } as const;
  const second = {
    ...attempt,
    attempt: 2,
    outcome: 'ok',
    costNanoUsd: 7n,
    chargeNanoUsd: 7n,
    holdNanoUsd: 6n,
  } as const;
  const answered = { ...call(second, 200), attempts: [first, { ...second, overrun: true }] };
  const usd = (amount: string) => ({ currency: 'USD', amount });
  expect(callJson(answered)).toMatchObject({
    cost: usd('0.000000012'),
    charge: usd('0.000000007'),
    attempts: [
      { charge: usd('0'), hold: null, overrun: null },
      { charge: usd('0.000000007'), hold: usd('0.000000006'), overrun: true },
    ],
  });
  expect(callJson(call({ ...attempt, outcome: 'ok' }, 200))).toMatchObject({
    charge: null,
    attempts: [{ charge: null }],
  });
});

test('a call whose gateway died has ended, and what it used and cost is unknown, not 0', () => {
  expect(callJson(call({ ...attempt, outcome: 'interrupted' }))).toMatchObject({
    state: 'ended',
    status: null,
    usage: null,
    cost: null,
  });
});
