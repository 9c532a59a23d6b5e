import { FOREIGN_MEMBERS, type TargetVocabulary } from '../protocol/chat/codec.ts';
import type { Dialect } from '../protocol/operation.ts';

/** How a provider wants its key: `Authorization: Bearer …`, or alone in a header of this name. */
export type AuthHeader = 'bearer' | 'api-key' | 'x-api-key' | 'x-goog-api-key';

export const OPENAI_DIALECTS: readonly Dialect[] = ['openai-chat', 'openai-completions', 'openai-embeddings'];

/**
 * Providers that have the Responses API too. What is translated for them is
 * said in the first dialect that can say it: in Responses where reasoning models
 * get their own thoughts back that way, in Chat Completions elsewhere.
 */
const RESPONSES_FIRST: readonly Dialect[] = ['openai-responses', ...OPENAI_DIALECTS];
const RESPONSES_TOO: readonly Dialect[] = [...OPENAI_DIALECTS, 'openai-responses'];
const GEMINI_DIALECTS: readonly Dialect[] = ['gemini', 'gemini-embeddings'];

/** What the Messages API wants in every request (platform.claude.com/docs/en/api/versioning, as of 2026). */
export const MESSAGES_HEADERS: Readonly<Record<string, string>> = { 'anthropic-version': '2023-06-01' };

/** What is known about a provider before anybody configured it. Data only: code never asks for a preset by name. */
export interface Preset {
  /** Absent where each customer has an address of their own. */
  readonly baseUrl?: string;
  /** Environment variables that usually hold its key, the first one found wins. */
  readonly keyVariables: readonly string[];
  /** Environment variable that holds the customer's address, and what to append to it. */
  readonly baseUrlVariable?: { readonly name: string; readonly append: string };
  readonly authHeader: AuthHeader;
  /** What it speaks. Absent: OpenAI's. */
  readonly dialects?: readonly Dialect[];
  /** What it takes, wants and refuses beyond its dialect, of calls that are translated for it and of those that are not. */
  readonly vocabulary?: TargetVocabulary;
  /** Whether the provider answers at all without a key. */
  readonly keyNeeded: boolean;
  /** Whether `stream_options.include_usage` may be put into a request; a provider that refuses unknown fields gives a 422. */
  readonly streamUsageOption: boolean;
  /** How it wants a bound on the output that the client did not set: OpenAI's reasoning models refuse the old name. */
  readonly maxTokensField?: 'max_completion_tokens';
  /**
   * Whether it stops billing a stream when it is hung up on, by what OpenRouter
   * lists of its providers (openrouter.ai/docs, streaming, read 2026-11-21).
   * Absent: it is taken to bill to the end, and is read to the end.
   */
  readonly stopsBillingOnCancel?: true;
  /** Runs on hardware of one's own: an unpriced model costs 0 there, not unknown. */
  readonly local: boolean;
  /** Below the base URL; absent where there is no such list. */
  readonly modelsPath?: string;
  /** What to ask to see whether a key is good, where the list of models is open to all. Never a paid call. */
  readonly keyCheckPath?: string;
  /** Whose models it sells, by the catalogue's names of vendors, in the order in which a model's price is looked for. */
  readonly vendors: readonly string[];
  /** Whether all models of its first vendor can be called; otherwise only those that somebody has set up. */
  readonly listsCatalog: boolean;
  /** A second surface, chosen by `api_version`: its paths, and the end of the base URL that it does not have. */
  readonly versioned?: {
    readonly pathTemplate: string;
    readonly baseUrlEnd: RegExp;
    readonly dialects: readonly Dialect[];
  };
}

const REMOTE = {
  authHeader: 'bearer',
  keyNeeded: true,
  streamUsageOption: true,
  local: false,
  modelsPath: '/models',
  listsCatalog: true,
} as const;

const LOCAL = {
  keyVariables: [],
  authHeader: 'bearer',
  keyNeeded: false,
  streamUsageOption: true,
  local: true,
  // What it works at is one's own: nothing is worth working at for nobody.
  stopsBillingOnCancel: true,
  modelsPath: '/models',
  vendors: [],
  listsCatalog: false,
} as const;

/** Whoever checks each member of a message, and knows thoughts by this one name. */
const BESIDE_REASONING = FOREIGN_MEMBERS.filter((name) => name !== 'reasoning');

/**
 * Addresses and variables as they are commonly known; not checked against the
 * vendors themselves, which takes their keys. Where a line cites a page, it was
 * read on the day it says.
 */
export const PRESETS = {
  openai: {
    ...REMOTE,
    baseUrl: 'https://api.openai.com/v1',
    vendors: ['openai'],
    keyVariables: ['OPENAI_API_KEY'],
    dialects: RESPONSES_FIRST,
    maxTokensField: 'max_completion_tokens',
    stopsBillingOnCancel: true,
    vocabulary: { cacheMarkers: 'prompt_cache_breakpoint', endUserField: 'safety_identifier' },
  },
  anthropic: {
    ...REMOTE,
    baseUrl: 'https://api.anthropic.com/v1',
    vendors: ['anthropic'],
    keyVariables: ['ANTHROPIC_API_KEY'],
    authHeader: 'x-api-key',
    dialects: ['anthropic-messages'],
    // A page of the list holds 20 unless it is asked for more.
    modelsPath: '/models?limit=1000',
    stopsBillingOnCancel: true,
  },
  gemini: {
    ...REMOTE,
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    vendors: ['google'],
    // The order in which Google's own client looks for them is the other way round; the first one says what it is for.
    keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    authHeader: 'x-goog-api-key',
    dialects: GEMINI_DIALECTS,
    // A page of the list holds 50 unless it is asked for more.
    modelsPath: '/models?pageSize=1000',
  },
  azure: {
    ...REMOTE,
    maxTokensField: 'max_completion_tokens',
    stopsBillingOnCancel: true,
    vendors: ['azure', 'openai', 'anthropic', 'deepseek', 'x-ai', 'moonshotai'],
    keyVariables: ['AZURE_OPENAI_API_KEY'],
    vocabulary: { endUserField: 'user' },
    dialects: RESPONSES_FIRST,
    // The v1 surface takes the deployment as `model` and needs no api-version.
    baseUrlVariable: { name: 'AZURE_OPENAI_ENDPOINT', append: '/openai/v1' },
    authHeader: 'api-key',
    // Models answer under the names that their customer gave to their deployments.
    listsCatalog: false,
    // learn.microsoft.com, Azure OpenAI REST reference, 2026-11-21: data plane inference takes the deployment in the path.
    versioned: {
      pathTemplate: '/openai/deployments/{model}{operation}?api-version={version}',
      baseUrlEnd: /\/openai(?:\/v1)?$/,
      // Responses are not below a deployment.
      dialects: OPENAI_DIALECTS,
    },
  },
  mistral: {
    ...REMOTE,
    baseUrl: 'https://api.mistral.ai/v1',
    vendors: ['mistral'],
    keyVariables: ['MISTRAL_API_KEY'],
    // `extra_forbidden` (BerriAI/litellm issue 30835; members of `AssistantMessage` in @mistralai/mistralai 2.7.0, read 2026-11-22).
    vocabulary: { foreignMembers: FOREIGN_MEMBERS },
    // Answers 422 `extra_forbidden` for it, and sends usage without being asked (BerriAI/litellm issue 8978, read 2026-11-21).
    streamUsageOption: false,
  },
  groq: {
    ...REMOTE,
    baseUrl: 'https://api.groq.com/openai/v1',
    dialects: RESPONSES_TOO,
    vendors: ['groq'],
    keyVariables: ['GROQ_API_KEY'],
    // `property … is unsupported` (jan issue 8136; `ChatCompletionAssistantMessageParam` of groq-sdk 1.6.0, read
    // 2026-11-22). It takes its own `reasoning` back, but not for models that do not think.
    vocabulary: { endUserField: 'user', foreignMembers: BESIDE_REASONING },
  },
  deepseek: {
    ...REMOTE,
    stopsBillingOnCancel: true,
    baseUrl: 'https://api.deepseek.com/v1',
    dialects: RESPONSES_TOO,
    vendors: ['deepseek'],
    keyVariables: ['DEEPSEEK_API_KEY'],
    // Wants back what a model thought before it called a tool, also of a model that did not think
    // (api-docs.deepseek.com, thinking mode; earendil-works/pi pull request 3640, BerriAI/litellm issue 37636, read 2026-11-22).
    vocabulary: { reasoningField: 'reasoning_content', thoughtNeeded: true },
  },
  xai: {
    ...REMOTE,
    baseUrl: 'https://api.x.ai/v1',
    dialects: RESPONSES_TOO,
    vendors: ['x-ai'],
    keyVariables: ['XAI_API_KEY'],
    vocabulary: { endUserField: 'user' },
    stopsBillingOnCancel: true,
  },
  openrouter: {
    ...REMOTE,
    baseUrl: 'https://openrouter.ai/api/v1',
    dialects: RESPONSES_TOO,
    vendors: ['openrouter'],
    keyVariables: ['OPENROUTER_API_KEY'],
    vocabulary: { cacheMarkers: 'cache_control', reasoningField: 'reasoning_details', endUserField: 'user' },
    // Its list of models needs no key, so it says nothing about one.
    keyCheckPath: '/key',
  },
  together: {
    ...REMOTE,
    stopsBillingOnCancel: true,
    baseUrl: 'https://api.together.xyz/v1',
    vendors: ['together', 'huggingface_together'],
    keyVariables: ['TOGETHER_API_KEY', 'TOGETHER_AI_API_KEY'],
  },
  fireworks: {
    ...REMOTE,
    stopsBillingOnCancel: true,
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    vendors: ['fireworks'],
    keyVariables: ['FIREWORKS_API_KEY', 'FIREWORKS_AI_API_KEY'],
    // docs.fireworks.ai/guides/reasoning, read 2026-11-21.
    vocabulary: { reasoningField: 'reasoning_content', endUserField: 'user' },
  },
  cerebras: {
    ...REMOTE,
    baseUrl: 'https://api.cerebras.ai/v1',
    vendors: ['cerebras'],
    keyVariables: ['CEREBRAS_API_KEY'],
    // `wrong_api_format` (QwenLM/qwen-code issue 11045; `AssistantMessageRequest` of @cerebras/cerebras_cloud_sdk 1.91.0, read 2026-11-22).
    vocabulary: { endUserField: 'user', reasoningField: 'reasoning', foreignMembers: BESIDE_REASONING },
  },
  perplexity: {
    baseUrl: 'https://api.perplexity.ai',
    vendors: ['perplexity'],
    keyVariables: ['PERPLEXITY_API_KEY', 'PPLX_API_KEY'],
    authHeader: 'bearer',
    keyNeeded: true,
    // Sends running usage unasked, and has no list of models below this address (docs.perplexity.ai, read 2026-11-21).
    streamUsageOption: false,
    local: false,
    listsCatalog: true,
  },
  ollama: { ...LOCAL, baseUrl: 'http://127.0.0.1:11434/v1' },
  // docs.vllm.ai, reasoning outputs, read 2026-11-21: the name was `reasoning_content` once.
  vllm: {
    ...LOCAL,
    baseUrl: 'http://127.0.0.1:8000/v1',
    dialects: RESPONSES_TOO,
    vocabulary: { reasoningField: 'reasoning', endUserField: 'user' },
  },
  lmstudio: { ...LOCAL, baseUrl: 'http://127.0.0.1:1234/v1', dialects: RESPONSES_TOO },
  llamacpp: { ...LOCAL, baseUrl: 'http://127.0.0.1:8080/v1', vocabulary: { reasoningField: 'reasoning_content' } },
  'openai-compatible': {
    ...REMOTE,
    vendors: [],
    keyVariables: [],
    keyNeeded: false,
    stopsBillingOnCancel: true,
    vocabulary: { endUserField: 'user' },
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;

export const PRESET_NAMES = Object.keys(PRESETS) as [PresetName, ...PresetName[]];

export function isPresetName(name: string): name is PresetName {
  return Object.hasOwn(PRESETS, name);
}

export function presetOf(name: PresetName): Preset {
  return PRESETS[name];
}
