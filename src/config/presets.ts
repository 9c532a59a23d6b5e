/** How a provider wants its key: `Authorization: Bearer …` or `api-key: …`. */
export type AuthHeader = 'bearer' | 'api-key';

/** What is known about a provider before anybody configured it. Data only: code never asks for a preset by name. */
export interface Preset {
  /** Absent where each customer has an address of their own. */
  readonly baseUrl?: string;
  /** Environment variables that usually hold its key, the first one found wins. */
  readonly keyVariables: readonly string[];
  /** Environment variable that holds the customer's address, and what to append to it. */
  readonly baseUrlVariable?: { readonly name: string; readonly append: string };
  readonly authHeader: AuthHeader;
  /** Whether the provider answers at all without a key. */
  readonly keyNeeded: boolean;
  /** Whether `stream_options.include_usage` may be put into a request; a provider that refuses unknown fields gives a 422. */
  readonly streamUsageOption: boolean;
  /** Runs on hardware of one's own: an unpriced model costs 0 there, not unknown. */
  readonly local: boolean;
  /** Below the base URL; absent where there is no such list. */
  readonly modelsPath?: string;
  /** What to ask to see whether a key is good, where the list of models is open to all. Never a paid call. */
  readonly keyCheckPath?: string;
}

const REMOTE = {
  authHeader: 'bearer',
  keyNeeded: true,
  streamUsageOption: true,
  local: false,
  modelsPath: '/models',
} as const;

const LOCAL = {
  keyVariables: [],
  authHeader: 'bearer',
  keyNeeded: false,
  streamUsageOption: true,
  local: true,
  modelsPath: '/models',
} as const;

/** Addresses and variables as they are commonly known; not checked against the vendors themselves, which takes their keys. */
export const PRESETS = {
  openai: { ...REMOTE, baseUrl: 'https://api.openai.com/v1', keyVariables: ['OPENAI_API_KEY'] },
  azure: {
    ...REMOTE,
    keyVariables: ['AZURE_OPENAI_API_KEY'],
    // The v1 surface takes the deployment as `model` and needs no api-version.
    baseUrlVariable: { name: 'AZURE_OPENAI_ENDPOINT', append: '/openai/v1' },
    authHeader: 'api-key',
  },
  mistral: {
    ...REMOTE,
    baseUrl: 'https://api.mistral.ai/v1',
    keyVariables: ['MISTRAL_API_KEY'],
    // Answers 422 `extra_forbidden` for it, and sends usage without being asked.
    streamUsageOption: false,
  },
  groq: { ...REMOTE, baseUrl: 'https://api.groq.com/openai/v1', keyVariables: ['GROQ_API_KEY'] },
  deepseek: { ...REMOTE, baseUrl: 'https://api.deepseek.com/v1', keyVariables: ['DEEPSEEK_API_KEY'] },
  xai: { ...REMOTE, baseUrl: 'https://api.x.ai/v1', keyVariables: ['XAI_API_KEY'] },
  openrouter: {
    ...REMOTE,
    baseUrl: 'https://openrouter.ai/api/v1',
    keyVariables: ['OPENROUTER_API_KEY'],
    // Its list of models needs no key, so it says nothing about one.
    keyCheckPath: '/key',
  },
  together: {
    ...REMOTE,
    baseUrl: 'https://api.together.xyz/v1',
    keyVariables: ['TOGETHER_API_KEY', 'TOGETHER_AI_API_KEY'],
  },
  fireworks: {
    ...REMOTE,
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    keyVariables: ['FIREWORKS_API_KEY', 'FIREWORKS_AI_API_KEY'],
  },
  cerebras: { ...REMOTE, baseUrl: 'https://api.cerebras.ai/v1', keyVariables: ['CEREBRAS_API_KEY'] },
  perplexity: {
    baseUrl: 'https://api.perplexity.ai',
    keyVariables: ['PERPLEXITY_API_KEY', 'PPLX_API_KEY'],
    authHeader: 'bearer',
    keyNeeded: true,
    streamUsageOption: false,
    local: false,
  },
  ollama: { ...LOCAL, baseUrl: 'http://127.0.0.1:11434/v1' },
  vllm: { ...LOCAL, baseUrl: 'http://127.0.0.1:8000/v1' },
  lmstudio: { ...LOCAL, baseUrl: 'http://127.0.0.1:1234/v1' },
  llamacpp: { ...LOCAL, baseUrl: 'http://127.0.0.1:8080/v1' },
  'openai-compatible': { ...REMOTE, keyVariables: [], keyNeeded: false },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;

export const PRESET_NAMES = Object.keys(PRESETS) as [PresetName, ...PresetName[]];

export function isPresetName(name: string): name is PresetName {
  return Object.hasOwn(PRESETS, name);
}

export function presetOf(name: PresetName): Preset {
  return PRESETS[name];
}
