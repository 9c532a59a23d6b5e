import { GatewayError } from '../../kernel/errors.ts';
import type { ChatCall } from '../../protocol/chat/call.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import type { CacheMarker } from '../../protocol/chat/content.ts';
import { writeCacheMarker } from './cache-marker.ts';

/** What the pieces of one call need to know of its target, and where they tell what is lost. */
export interface CallWriting {
  readonly traits: TargetTraits;
  readonly losses: Loss[];
  /** What is already named as lost. */
  readonly named: Set<string>;
  /** Whether the first message is what another dialect keeps apart as its instructions. */
  readonly systemApart: boolean;
}

export function callWriting(call: ChatCall, traits: TargetTraits, losses: Loss[]): CallWriting {
  return {
    traits,
    losses,
    named: new Set(losses.map(({ field }) => field)),
    systemApart: call.messages[0]?.role === 'system',
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

/** Where a part of a message stands in the client's request. */
export function partPlace(writing: CallWriting, message: number, part: number): string {
  if (writing.systemApart && message === 0) return `system[${part}]`;
  return `messages[${writing.systemApart ? message - 1 : message}].content[${part}]`;
}

/** Writes a marker of the prompt cache as this target knows it, or says that it is lost. */
export function markCache(
  fields: Record<string, unknown>,
  cache: CacheMarker | undefined,
  field: string,
  writing: CallWriting,
): void {
  if (cache === undefined) return;
  const { cacheMarkers: form } = writing.traits;
  if (form === undefined) {
    lose(writing, `${field}.cache_control`, 'this provider knows no cache markers');
    return;
  }
  writeCacheMarker(fields, cache, form);
  const cut = form === 'cache_control' ? cache.ttl === '12h' || cache.ttl === '24h' : cache.ttl === '24h';
  if (cut) lose(writing, `${field}.cache_control`, 'this provider keeps nothing for so long: a shorter time is sent');
}
