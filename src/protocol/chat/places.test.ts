import { expect, test } from 'vitest';
import type { Dialect } from '../operation.ts';
import type { ChatCall } from './call.ts';
import { markerPlace, partPlaces, placeOf, settingPlace, standsAt } from './places.ts';

function call(client: Dialect | undefined): ChatCall {
  const parts = [{ type: 'text', text: 'x' }] as const;
  const messages = [{ role: 'system', parts } as const, { role: 'user', parts } as const];
  return { model: 'm', stream: false, sampling: {}, messages, ...(client === undefined ? {} : { client }) };
}

test.each([
  ['openai-chat', 'messages[0].content[0]', 'messages[1].content[2]', 'temperature'],
  ['anthropic-messages', 'system[0]', 'messages[0].content[2]', 'temperature'],
  ['openai-responses', 'instructions', 'input[0].content[2]', 'temperature'],
  ['gemini', 'systemInstruction', 'contents[0].parts[2]', 'generationConfig.temperature'],
  [undefined, 'system[0]', 'messages[0].content[2]', 'temperature'],
] as const)('a client of %s reads its own names', (client, instructions, part, setting) => {
  const place = partPlaces(call(client));
  expect([place(0, 0), place(1, 2)]).toEqual([instructions, part]);
  expect(settingPlace(call(client), 'temperature')).toBe(setting);
});

test('a part whose reader noted where it stands is found there, however the call counts', () => {
  const part = standsAt({ type: 'text', text: 'x' } as const, 'input[7].content[1]');
  const told: ChatCall = { ...call('openai-responses'), messages: [{ role: 'user', parts: [part] }] };
  expect(partPlaces(told)(0, 0)).toBe('input[7].content[1]');
  expect([placeOf(part, 'else'), placeOf({ ...part }, 'else'), placeOf(undefined, 'else')]).toEqual([
    'input[7].content[1]',
    'else',
    'else',
  ]);
  expect(markerPlace(told, 'input[7].content[1]')).toBe('input[7].content[1].prompt_cache_breakpoint');
  expect(markerPlace(call('anthropic-messages'), 'system[0]')).toBe('system[0].cache_control');
});
