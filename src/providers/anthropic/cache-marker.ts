import type { Loss } from '../../protocol/chat/codec.ts';
import type { CacheMarker } from '../../protocol/chat/content.ts';
import { isFields, type Refuse } from './wire.ts';

/** A `cache_control`; `null` is none. */
export function readCacheMarker(value: unknown, place: string, refuse: Refuse): CacheMarker | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isFields(value) || value['type'] !== 'ephemeral') return refuse(place, 'must be {"type": "ephemeral"}');
  const { ttl } = value;
  if (ttl === undefined || ttl === null) return {};
  return ttl === '5m' || ttl === '1h' ? { ttl } : refuse(`${place}.ttl`, 'must be "5m" or "1h"');
}

/**
 * A time that this API does not know becomes the next longer one, so that what
 * was to be kept is kept; of longer ones than it knows, the rest is lost.
 *
 * @param field the marked thing, as the client names it
 */
export function writeCacheMarker({ ttl }: CacheMarker, field: string, losses: Loss[]): Record<string, unknown> {
  if (ttl === undefined) return { type: 'ephemeral' };
  if (ttl === '12h' || ttl === '24h') {
    losses.push({
      field: `${field}.cache_control.ttl`,
      reason: `${ttl} is more than this provider keeps, so 1h is asked for`,
    });
  }
  return { type: 'ephemeral', ttl: ttl === '5m' ? ttl : '1h' };
}
