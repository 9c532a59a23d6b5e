import { expect, test } from 'vitest';
import type { Dialect } from '../protocol/operation.ts';
import type { PlannedTarget } from '../routing/target.ts';
import type { AdmittedCall } from './call.ts';
import { upstreamHeaders } from './upstream-headers.ts';

const SAID = ['anthropic-version', '2024-01-01', 'anthropic-beta', 'some-beta'];

function sent(client: Dialect, provider: Dialect, own: readonly string[] = []): [string, string][] {
  // Of a call and a target, the headers are made of these alone.
  const call = {
    id: 'call_1',
    request: { stream: false, dialect: { id: client } },
    facts: { forwarded: [], dialectHeaders: { dialect: 'anthropic-messages', headers: SAID } },
  } as unknown as AdmittedCall;
  const target = {
    provider: { headers: own, dialects: new Set([provider]) },
    credential: undefined,
  } as unknown as PlannedTarget;
  const flat = upstreamHeaders(call, target, 1);
  const pairs = flat.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : []));
  return pairs.filter(([name]) => name.startsWith('anthropic-'));
}

test('a version and betas go to a provider of their dialect, in the place of a version of ours', () => {
  const own = ['anthropic-version', '2023-06-01', 'anthropic-beta', 'our-beta'];
  expect(sent('anthropic-messages', 'anthropic-messages', own)).toEqual([
    ['anthropic-beta', 'our-beta'],
    ['anthropic-version', '2024-01-01'],
    ['anthropic-beta', 'some-beta'],
  ]);
});

test.each<[Dialect, Dialect]>([
  ['anthropic-messages', 'openai-chat'],
  ['openai-chat', 'openai-chat'],
  ['openai-chat', 'anthropic-messages'],
])('of a call in %s, a provider of %s hears nothing of them', (client, provider) => {
  expect(sent(client, provider)).toEqual([]);
});
