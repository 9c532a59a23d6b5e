import type { Dialect } from '../operation.ts';
import type { ChatCall } from './call.ts';

/**
 * Where the parts of a call's messages stand in its client's request, as near
 * as the call tells: dialects that keep instructions apart, or that make one
 * message out of several things, number them in their own way.
 *
 * @returns the client's name for a part of a message, both counted from 0 as in the call
 */
export function partPlaces({ client, messages }: ChatCall): (message: number, part: number) => string {
  const apart = client !== 'openai-chat' && messages[0]?.role === 'system';
  const [list, parts] = LISTS[client ?? 'anthropic-messages'] ?? ['messages', 'content'];
  return (message, part) => {
    if (apart && message === 0)
      return client === undefined || client === 'anthropic-messages'
        ? `system[${part}]`
        : (INSTRUCTIONS[client] ?? 'system');
    return `${list}[${apart ? message - 1 : message}].${parts}[${part}]`;
  };
}

type Names = Readonly<Partial<Record<Dialect, string>>>;

const LISTS: Readonly<Partial<Record<Dialect, readonly [string, string]>>> = {
  'openai-chat': ['messages', 'content'],
  'anthropic-messages': ['messages', 'content'],
  'openai-responses': ['input', 'content'],
  gemini: ['contents', 'parts'],
};

const INSTRUCTIONS: Names = { 'openai-responses': 'instructions', gemini: 'systemInstruction' };

/** Settings that a target may not take as they are, by the names that their clients know. The first is everybody else's. */
const SETTINGS = {
  temperature: ['temperature', { gemini: 'generationConfig.temperature' }],
  topP: ['top_p', { gemini: 'generationConfig.topP' }],
  logprobs: ['logprobs', { 'openai-responses': 'top_logprobs', gemini: 'generationConfig.responseLogprobs' }],
  outputTokensMax: [
    'max_completion_tokens',
    {
      'anthropic-messages': 'max_tokens',
      'openai-responses': 'max_output_tokens',
      gemini: 'generationConfig.maxOutputTokens',
    },
  ],
  effort: [
    'reasoning_effort',
    {
      'anthropic-messages': 'output_config.effort',
      'openai-responses': 'reasoning.effort',
      gemini: 'generationConfig.thinkingConfig.thinkingLevel',
    },
  ],
  budget: [
    'reasoning.max_tokens',
    { 'anthropic-messages': 'thinking.budget_tokens', gemini: 'generationConfig.thinkingConfig.thinkingBudget' },
  ],
  outputs: ['modalities', { gemini: 'generationConfig.responseModalities' }],
} as const satisfies Readonly<Record<string, readonly [string, Names]>>;

export type SettingName = keyof typeof SETTINGS;

/** A setting as the client of a call named it. */
export function settingPlace({ client }: ChatCall, setting: SettingName): string {
  const [usual, names]: readonly [string, Names] = SETTINGS[setting];
  return (client === undefined ? undefined : names[client]) ?? usual;
}
