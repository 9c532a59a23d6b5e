import type { CacheMarker } from '../../protocol/chat/content.ts';
import { standsAt } from '../../protocol/chat/places.ts';
import { isObject, type WireObject } from './wire.ts';

/** How markers of the prompt cache are written: OpenRouter's and LiteLLM's way, which is Anthropic's, or OpenAI's. */
export type CacheMarkerForm = 'cache_control' | 'prompt_cache_breakpoint';

export const CACHE_MARKER_NAMES: readonly string[] = ['cache_control', 'prompt_cache_breakpoint'];

const TTLS: ReadonlySet<unknown> = new Set(['5m', '30m', '1h', '12h', '24h']);

/** The marker on a part, a tool or a request; `undefined` where there is none, and for one that is not understood. */
export function readCacheMarker(fields: WireObject): CacheMarker | undefined {
  const { prompt_cache_breakpoint: breakpoint, cache_control: control } = fields;
  if (isObject(breakpoint) && breakpoint['mode'] === 'explicit') {
    const marker = markerOf(breakpoint['ttl']);
    // A dialect with two forms of a marker names the one that its client has used.
    return marker === undefined ? undefined : standsAt(marker, 'prompt_cache_breakpoint');
  }
  if (isObject(control) && control['type'] === 'ephemeral') return markerOf(control['ttl']);
  return undefined;
}

function markerOf(ttl: unknown): CacheMarker | undefined {
  if (ttl === undefined || ttl === null) return {};
  return TTLS.has(ttl) ? { ttl: ttl as NonNullable<CacheMarker['ttl']> } : undefined;
}

/** Writes a marker in one of its forms. A time that the form has no word for becomes the next longer one that it has. */
export function writeCacheMarker(fields: Record<string, unknown>, { ttl }: CacheMarker, form: CacheMarkerForm): void {
  if (form === 'cache_control') {
    fields['cache_control'] = { type: 'ephemeral', ...controlTtl(ttl) };
  } else {
    fields['prompt_cache_breakpoint'] = { mode: 'explicit', ...breakpointTtl(ttl) };
  }
}

function controlTtl(ttl: CacheMarker['ttl']): { ttl?: '5m' | '1h' } {
  if (ttl === undefined) return {};
  return { ttl: ttl === '5m' ? '5m' : '1h' };
}

/** OpenAI knows `30m` and `12h`, and keeps things for 30 minutes by itself (openai 7.55.0, PromptCacheBreakpoint). */
function breakpointTtl(ttl: CacheMarker['ttl']): { ttl?: '30m' | '12h' } {
  if (ttl === undefined || ttl === '5m') return {};
  return { ttl: ttl === '30m' ? '30m' : '12h' };
}
