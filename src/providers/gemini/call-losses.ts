import { GatewayError } from '../../kernel/errors.ts';
import type { ChatCall } from '../../protocol/chat/call.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import type { CacheMarker } from '../../protocol/chat/content.ts';
import { markerPlace, partPlaces, type SettingName, settingPlace } from '../../protocol/chat/places.ts';
import { isMadeUpCallId } from './call-ids.ts';
import { type ModelHabits, modelHabits } from './model-habits.ts';

/** What the pieces of one call need to know of it and of its target, and where they tell what is lost. */
export interface CallWriting {
  readonly call: ChatCall;
  readonly traits: TargetTraits;
  readonly habits: ModelHabits;
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
    habits: modelHabits(traits.model),
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

export const NO_MARKERS = 'this provider knows no cache markers';

/** Gemini keeps what it likes of a prompt that it has read before; nobody can tell it what. */
export function loseMarker({ call, lose }: CallWriting, cache: CacheMarker | undefined, place: string): void {
  if (cache !== undefined) lose(markerPlace(call, place, cache), NO_MARKERS);
}

/** The id of a call as the target is told it: none where it was given none, or where the model knows no ids. */
export function idFor(id: string, { habits, call }: CallWriting): { readonly id?: string } {
  const told = !isMadeUpCallId(id) && (habits.callIds || call.client === 'gemini');
  return told ? { id } : {};
}

/** What a client wants to be read and this provider cannot read: another target may. */
export function refused(field: string, why: string): never {
  throw new GatewayError('unsupported_parameter', {
    message: `\`${field}\` cannot be sent to a provider that speaks Gemini: ${why}.`,
    param: field,
    retry: 'other-target',
  });
}
