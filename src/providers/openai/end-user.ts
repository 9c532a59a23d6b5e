import { createHash } from 'node:crypto';
import type { ChatCall } from '../../protocol/chat/call.ts';
import type { TargetTraits } from '../../protocol/chat/codec.ts';
import type { WireObject } from './wire.ts';

/** OpenAI refuses longer ones ("Invalid 'user': string too long. Expected a string with maximum length 64"). */
const CHARS_MAX = 64;

/**
 * Who uses the client's application, by the name under which the provider
 * takes it. A name that is too long for it is sent as its SHA-256, which tells
 * users apart as well.
 */
export function endUserJson(
  { endUser, safetyIdentifier }: Pick<ChatCall, 'endUser' | 'safetyIdentifier'>,
  field: TargetTraits['endUserField'],
): WireObject {
  if (field === undefined) {
    return {
      ...(endUser === undefined ? {} : { user: bounded(endUser) }),
      ...(safetyIdentifier === undefined ? {} : { safety_identifier: bounded(safetyIdentifier) }),
    };
  }
  const [first, second] = field === 'user' ? [endUser, safetyIdentifier] : [safetyIdentifier, endUser];
  const named = first ?? second;
  return named === undefined ? {} : { [field]: bounded(named) };
}

function bounded(name: string): string {
  return name.length <= CHARS_MAX ? name : createHash('sha256').update(name).digest('hex');
}
