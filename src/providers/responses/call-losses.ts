import { GatewayError } from '../../kernel/errors.ts';
import type { ChatCall } from '../../protocol/chat/call.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import type { CacheMarker } from '../../protocol/chat/content.ts';
import { markerPlace, partPlaces, type SettingName, settingPlace } from '../../protocol/chat/places.ts';
import { writeCacheMarker } from '../openai/cache-marker.ts';

/** What the pieces of one call need to know of it and of its target, and where they tell what is lost. */
export interface CallWriting {
  readonly call: ChatCall;
  readonly traits: TargetTraits;
  /** The client's name for a part of a message. */
  readonly placeOf: (message: number, part: number) => string;
  /** Names something as lost, once. */
  readonly lose: (field: string, reason: string) => void;
}

export function callWriting(call: ChatCall, traits: TargetTraits, losses: Loss[]): CallWriting {
  const named = new Set(losses.map(({ field }) => field));
  return {
    call,
    traits,
    placeOf: partPlaces(call),
    lose(field, reason) {
      if (named.has(field)) return;
      named.add(field);
      losses.push({ field, reason });
    },
  };
}

export function loseSetting({ call, lose }: CallWriting, setting: SettingName, reason: string): void {
  lose(settingPlace(call, setting), reason);
}

/** @returns the error for content that this dialect cannot say: another target may */
export function unsayable(field: string, why: string): GatewayError {
  return new GatewayError('unsupported_parameter', {
    message: `\`${field}\` cannot be sent to a provider of the Responses dialect: ${why}.`,
    param: field,
    retry: 'other-target',
  });
}

/** Writes a marker of the prompt cache where the target knows such markers, or says that it is lost. */
export function markCache(
  written: Record<string, unknown>,
  cache: CacheMarker | undefined,
  place: string,
  { call, traits, lose }: CallWriting,
): void {
  if (cache === undefined) return;
  const field = markerPlace(call, place, cache);
  if (traits.cacheMarkers !== 'prompt_cache_breakpoint') lose(field, 'this provider knows no cache markers');
  else if (!MARKED.has(written['type'])) lose(field, 'what stands here carries no cache marker in this dialect');
  else {
    writeCacheMarker(written, cache, 'prompt_cache_breakpoint');
    if (cache.ttl === '24h') lose(field, 'this provider keeps nothing for so long: a shorter time is sent');
  }
}

/** Parts that carry a marker (openai 7.55.0, ResponseInputContent). */
const MARKED: ReadonlySet<unknown> = new Set(['input_text', 'input_image', 'input_file']);
