import { expect, test } from 'vitest';
import { mostEffort, refusesSampling, refusesStop, takesNoEffort } from './model-habits.ts';

test.each([
  'o3',
  'o4-mini',
  'openai/o3-mini-2025-01-31',
  'gpt-5',
  'gpt-5-mini',
  'azure/gpt-5-nano',
  'gpt-5-codex',
  'gpt-5.2-pro',
])('%s always thinks, and takes neither stop sequences nor a temperature', (model) => {
  expect([refusesStop(model), refusesSampling(model, undefined), takesNoEffort(model)]).toEqual([true, true, false]);
});

test.each(['gpt-5.1', 'openai/gpt-5.2', 'gpt-5.4-mini'])(
  '%s takes a temperature unless it is asked to think',
  (model) => {
    expect(takesNoEffort(model)).toBe(true);
    expect([undefined, 'none', 'low'].map((effort) => refusesSampling(model, effort as 'none'))).toEqual([
      false,
      false,
      true,
    ]);
  },
);

test.each([
  'gpt-4o',
  'gpt-4.1',
  'gpt-5-chat-latest',
  'openai/gpt-oss-20b',
  'o-model',
  'mistral-large',
  'claude-opus-4',
])('%s takes what it is told', (model) => {
  expect([refusesStop(model), refusesSampling(model, 'high'), takesNoEffort(model)]).toEqual([false, false, false]);
});

test.each([
  ['gpt-5', 'high'],
  ['gpt-5.1', 'high'],
  ['gpt-5.1-codex-max', 'xhigh'],
  ['openai/gpt-5.2', 'xhigh'],
  ['gpt-5.6', 'max'],
  ['gpt-6-mini', 'max'],
  ['magistral-medium', 'high'],
])('%s thinks as hard as %s', (model, effort) => {
  expect(mostEffort(model)).toBe(effort);
});
