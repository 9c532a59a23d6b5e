import { GatewayError } from '../../kernel/errors.ts';
import type { ChatCall } from '../../protocol/chat/call.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import type { CacheMarker } from '../../protocol/chat/content.ts';
import { markerPlace, partPlaces, type SettingName, settingPlace } from '../../protocol/chat/places.ts';
import { writeCacheMarker } from './cache-marker.ts';

/** What the pieces of one call need to know of its target, and where they tell what is lost. */
export interface CallWriting {
  readonly traits: TargetTraits;
  readonly losses: Loss[];
  /** What is already named as lost. */
  readonly named: Set<string>;
  readonly call: ChatCall;
  /** The client's name for a part of a message. */
  readonly placeOf: (message: number, part: number) => string;
}

export function callWriting(call: ChatCall, traits: TargetTraits, losses: Loss[]): CallWriting {
  return {
    traits,
    losses,
    named: new Set(losses.map(({ field }) => field)),
    call,
    placeOf: partPlaces(call),
  };
}

/** Names something as lost, once. */
export function lose({ losses, named }: CallWriting, field: string, reason: string): void {
  if (named.has(field)) return;
  named.add(field);
  losses.push({ field, reason });
}

/** @returns the error for content that this dialect cannot say: another target may */
export function unsayable(field: string, why: string): GatewayError {
  return new GatewayError('unsupported_parameter', {
    message: `\`${field}\` cannot be sent to a provider of the Chat Completions dialect: ${why}.`,
    param: field,
    retry: 'other-target',
  });
}

/** Names a setting as lost by the client's name for it. */
export function loseSetting(writing: CallWriting, setting: SettingName, reason: string): void {
  lose(writing, settingPlace(writing.call, setting), reason);
}

/** Writes a marker of the prompt cache as this target knows it, or says that it is lost. */
export function markCache(
  fields: Record<string, unknown>,
  cache: CacheMarker | undefined,
  place: string,
  writing: CallWriting,
): void {
  if (cache === undefined) return;
  const field = markerPlace(writing.call, place, cache);
  const { cacheMarkers: form } = writing.traits;
  if (form === undefined) {
    lose(writing, field, 'this provider knows no cache markers');
    return;
  }
  writeCacheMarker(fields, cache, form);
  const cut = form === 'cache_control' ? cache.ttl === '12h' || cache.ttl === '24h' : cache.ttl === '24h';
  if (cut) lose(writing, field, 'this provider keeps nothing for so long: a shorter time is sent');
}
