import type { Dialect } from '../operation.ts';
import type { ChatCall } from './call.ts';
import type { CacheMarker } from './content.ts';

const STANDS_AT = new WeakMap<object, string>();

/** Notes where a part, or what is inside it, stands in its client's request, for whoever has to name it as lost. */
export function standsAt<Part extends object>(part: Part, place: string): Part {
  STANDS_AT.set(part, place);
  return part;
}

/** Where it stands as its reader noted it, or `otherwise`. */
export function placeOf(part: object | undefined, otherwise: string): string {
  return (part === undefined ? undefined : STANDS_AT.get(part)) ?? otherwise;
}

/**
 * Where the parts of a call's messages stand in its client's request: where
 * its reader noted it, and else as near as the call tells, which has messages
 * of its own where a dialect keeps instructions apart or makes one turn of
 * several things.
 *
 * @returns the client's name for a part of a message, both counted from 0 as in the call
 */
export function partPlaces(call: ChatCall): (message: number, part: number) => string {
  const { client = 'anthropic-messages', messages } = call;
  const apart = client !== 'openai-chat' && messages[0]?.role === 'system';
  const [list, parts] = LISTS[client] ?? ['messages', 'content'];
  const usual = (message: number, part: number): string => {
    if (!apart) return `${list}[${message}].${parts}[${part}]`;
    if (message === 0) return INSTRUCTIONS[client] ?? `system[${part}]`;
    return `${list}[${message - 1}].${parts}[${part}]`;
  };
  return (message, part) => placeOf(messages[message]?.parts[part], usual(message, part));
}

/** The name of a cache marker that stands at a place: by the member in which its reader found it, or the dialect's usual one. */
export function markerPlace({ client }: ChatCall, place: string, marker?: CacheMarker): string {
  const usual = client === 'openai-responses' ? 'prompt_cache_breakpoint' : 'cache_control';
  return `${place}.${placeOf(marker, usual)}`;
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
  stop: ['stop', { 'anthropic-messages': 'stop_sequences', gemini: 'generationConfig.stopSequences' }],
  topK: ['top_k', { gemini: 'generationConfig.topK' }],
  toolChoice: ['tool_choice', { gemini: 'toolConfig.functionCallingConfig' }],
  outputs: ['modalities', { gemini: 'generationConfig.responseModalities' }],
  choices: ['n', { gemini: 'generationConfig.candidateCount' }],
  frequencyPenalty: ['frequency_penalty', { gemini: 'generationConfig.frequencyPenalty' }],
  presencePenalty: ['presence_penalty', { gemini: 'generationConfig.presencePenalty' }],
  responseFormat: [
    'response_format',
    {
      'anthropic-messages': 'output_config.format',
      'openai-responses': 'text.format',
      gemini: 'generationConfig.responseMimeType',
    },
  ],
  voice: ['audio.voice', { gemini: 'generationConfig.speechConfig' }],
  serviceTier: ['service_tier', { gemini: 'serviceTier' }],
  metadata: ['metadata', { gemini: 'labels' }],
  cache: ['cache_control', {}],
} as const satisfies Readonly<Record<string, readonly [string, Names]>>;

export type SettingName = keyof typeof SETTINGS;

/** A setting as the client of a call named it. */
export function settingPlace({ client }: ChatCall, setting: SettingName): string {
  const [usual, names]: readonly [string, Names] = SETTINGS[setting];
  return (client === undefined ? undefined : names[client]) ?? usual;
}
