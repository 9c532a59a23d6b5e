import { hashText } from './draws.ts';
import { LruMap } from './lru-map.ts';

/** Below this, OpenAI caches no prompt; above it, in steps of 128 tokens. @see https://platform.openai.com/docs/guides/prompt-caching */
const CACHED_TOKENS_MIN = 1_024;
const CACHED_TOKENS_STEP = 128;

/** One message of a prompt, for the purpose of recognising it. */
export interface PromptPart {
  readonly text: string;
  readonly tokens: number;
}

/** Remembers which beginnings of prompts a model has read, so that repeated ones are billed as cached. */
export class PromptCache {
  readonly #prefixes = new LruMap<true>(4_096, 1 << 20);

  /** Tokens of the prompt that were read before, and remembers this prompt. */
  read(model: string, parts: readonly PromptPart[], promptTokens: number): number {
    if (promptTokens < CACHED_TOKENS_MIN) return 0;
    let hash = hashText(model);
    let tokens = 0;
    let cachedTokens = 0;
    for (const part of parts) {
      hash = hashText(part.text, hash);
      tokens += part.tokens;
      if (tokens < CACHED_TOKENS_MIN) continue;
      const key = `${hash}:${tokens}`;
      if (this.#prefixes.get(key)) cachedTokens = Math.floor(tokens / CACHED_TOKENS_STEP) * CACHED_TOKENS_STEP;
      else this.#prefixes.set(key, true);
    }
    return cachedTokens;
  }

  clear(): void {
    this.#prefixes.clear();
  }
}
