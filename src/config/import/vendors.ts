import type { PresetName } from '../presets.ts';

/*
 * Vendors as other products call them. What each means by an address and by a
 * missing key is from their documentation (read 2026-11-21):
 *   docs.litellm.ai/docs/providers
 *   portkey.ai/docs/integrations/llms
 *   docs.getbifrost.ai/providers/supported-providers
 */

export interface Vendor {
  readonly preset: PresetName;
  /** The variable that the product reads where its file names no key. */
  readonly keyVariable?: string;
  /** The same for the address. */
  readonly addressVariable?: string;
}

export type VendorTable = Readonly<Record<string, Vendor>>;

export const LITELLM_VENDORS: VendorTable = {
  openai: { preset: 'openai', keyVariable: 'OPENAI_API_KEY' },
  anthropic: { preset: 'anthropic', keyVariable: 'ANTHROPIC_API_KEY' },
  gemini: { preset: 'gemini', keyVariable: 'GEMINI_API_KEY' },
  azure: { preset: 'azure', keyVariable: 'AZURE_API_KEY', addressVariable: 'AZURE_API_BASE' },
  mistral: { preset: 'mistral', keyVariable: 'MISTRAL_API_KEY' },
  groq: { preset: 'groq', keyVariable: 'GROQ_API_KEY' },
  deepseek: { preset: 'deepseek', keyVariable: 'DEEPSEEK_API_KEY' },
  xai: { preset: 'xai', keyVariable: 'XAI_API_KEY' },
  openrouter: { preset: 'openrouter', keyVariable: 'OPENROUTER_API_KEY' },
  together_ai: { preset: 'together', keyVariable: 'TOGETHERAI_API_KEY' },
  fireworks_ai: { preset: 'fireworks', keyVariable: 'FIREWORKS_AI_API_KEY' },
  cerebras: { preset: 'cerebras', keyVariable: 'CEREBRAS_API_KEY' },
  perplexity: { preset: 'perplexity', keyVariable: 'PERPLEXITYAI_API_KEY' },
  ollama: { preset: 'ollama' },
  ollama_chat: { preset: 'ollama' },
  vllm: { preset: 'vllm' },
  hosted_vllm: { preset: 'vllm' },
  lm_studio: { preset: 'lmstudio' },
  openai_like: { preset: 'openai-compatible' },
  custom_openai: { preset: 'openai-compatible' },
  litellm_proxy: { preset: 'openai-compatible' },
};

export const PORTKEY_VENDORS: VendorTable = {
  openai: { preset: 'openai' },
  anthropic: { preset: 'anthropic' },
  google: { preset: 'gemini' },
  'azure-openai': { preset: 'azure' },
  'mistral-ai': { preset: 'mistral' },
  groq: { preset: 'groq' },
  deepseek: { preset: 'deepseek' },
  'x-ai': { preset: 'xai' },
  openrouter: { preset: 'openrouter' },
  'together-ai': { preset: 'together' },
  'fireworks-ai': { preset: 'fireworks' },
  cerebras: { preset: 'cerebras' },
  'perplexity-ai': { preset: 'perplexity' },
  ollama: { preset: 'ollama' },
  lmstudio: { preset: 'lmstudio' },
};

export const BIFROST_VENDORS: VendorTable = {
  openai: { preset: 'openai' },
  anthropic: { preset: 'anthropic' },
  gemini: { preset: 'gemini' },
  azure: { preset: 'azure' },
  mistral: { preset: 'mistral' },
  groq: { preset: 'groq' },
  deepseek: { preset: 'deepseek' },
  xai: { preset: 'xai' },
  openrouter: { preset: 'openrouter' },
  cerebras: { preset: 'cerebras' },
  fireworks: { preset: 'fireworks' },
  perplexity: { preset: 'perplexity' },
  ollama: { preset: 'ollama' },
  vllm: { preset: 'vllm' },
};

/** The vendor, and nothing that a name such as `constructor` happens to find. */
export function vendorOf(table: VendorTable, name: string): Vendor | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Why a vendor could not be carried over, and what can be done. @param name printable */
export function unknownVendor(name: string): { why: string; instead: string } {
  return {
    why: `Leeward has no preset for "${name}" and does not speak its own API`,
    instead: 'if it has an OpenAI-compatible endpoint, declare it with preset: openai-compatible and its base_url',
  };
}

/** A vendor's name as a message may show it. */
export function shownName(name: string): string {
  return name.replace(/[^\x21-\x7e]/g, '?').slice(0, 60);
}
