import type { CacheMarker } from '../../protocol/chat/content.ts';
import { isFields, type Refuse } from '../fields.ts';

/** A `cache_control`; `null` is none. */
export function readCacheMarker(value: unknown, place: string, refuse: Refuse): CacheMarker | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isFields(value) || value['type'] !== 'ephemeral') return refuse(place, 'must be {"type": "ephemeral"}');
  const { ttl } = value;
  if (ttl === undefined || ttl === null) return {};
  return ttl === '5m' || ttl === '1h' ? { ttl } : refuse(`${place}.ttl`, 'must be "5m" or "1h"');
}

/**
 * A time that this API does not know becomes the next longer one, and the
 * longest where it knows none: what was to be kept is kept as long as it can be.
 */
export function writeCacheMarker({ ttl }: CacheMarker): Record<string, unknown> {
  if (ttl === undefined) return { type: 'ephemeral' };
  return { type: 'ephemeral', ttl: ttl === '5m' ? ttl : '1h' };
}
