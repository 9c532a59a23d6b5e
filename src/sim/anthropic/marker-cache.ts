import { hashText } from '../draws.ts';
import { LruMap } from '../lru-map.ts';
import type { PromptPart } from './prompt.ts';

/** A shorter beginning is not cached, whatever is marked. @see https://platform.claude.com/docs/en/build-with-claude/prompt-caching (read 2026-11-21) */
export const CACHED_TOKENS_MIN = 1_024;
/** How many blocks before a marker are looked at for one that was cached earlier. */
const LOOK_BACK_BLOCKS = 20;
const TTL_MS = { '5m': 300_000, '1h': 3_600_000 } as const;

/** How the tokens of one prompt are billed; what is in none of them is ordinary input. */
export interface CacheAccount {
  readonly readTokens: number;
  readonly written5mTokens: number;
  readonly written1hTokens: number;
}

interface Entry {
  readonly ttlMs: number;
  expiresAt: number;
}

/** Remembers beginnings of prompts up to a marker, for as long as the marker says; reading one renews it. */
export class MarkerCache {
  readonly #entries = new LruMap<Entry>(4_096, 1 << 20);

  /** What of this prompt was read before and what is written now. */
  account(model: string, parts: readonly PromptPart[], nowMs: number): CacheAccount {
    const prefixes = prefixesOf(model, parts);
    const markers = prefixes.filter(({ ttl, tokens }) => ttl !== undefined && tokens >= CACHED_TOKENS_MIN);
    const read = this.#longestRead(prefixes, markers, nowMs);
    const written = { '5m': 0, '1h': 0 };
    let upTo = read?.tokens ?? 0;
    for (const { key, tokens, ttl = '5m' } of markers) {
      if (tokens <= upTo) continue;
      written[ttl] += tokens - upTo;
      upTo = tokens;
      this.#entries.set(key, { ttlMs: TTL_MS[ttl], expiresAt: nowMs + TTL_MS[ttl] });
    }
    return { readTokens: read?.tokens ?? 0, written5mTokens: written['5m'], written1hTokens: written['1h'] };
  }

  clear(): void {
    this.#entries.clear();
  }

  #longestRead(prefixes: readonly Prefix[], markers: readonly Prefix[], nowMs: number): Prefix | undefined {
    for (const marker of markers.toReversed()) {
      for (let at = marker.at; at >= 0 && at > marker.at - LOOK_BACK_BLOCKS; at--) {
        const prefix = prefixes[at];
        const entry = prefix === undefined ? undefined : this.#entries.get(prefix.key);
        if (entry === undefined || entry.expiresAt <= nowMs) continue;
        entry.expiresAt = nowMs + entry.ttlMs;
        return prefix;
      }
    }
    return undefined;
  }
}

interface Prefix {
  readonly at: number;
  readonly key: string;
  readonly tokens: number;
  readonly ttl: PromptPart['marker'];
}

function prefixesOf(model: string, parts: readonly PromptPart[]): Prefix[] {
  let hash = hashText(model);
  let tokens = 0;
  return parts.map((part, at) => {
    hash = hashText(part.text, hash);
    tokens += part.tokens;
    return { at, key: `${hash}:${tokens}`, tokens, ttl: part.marker };
  });
}
