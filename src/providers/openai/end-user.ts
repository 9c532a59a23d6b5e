import { createHash } from 'node:crypto';
import type { ChatCall } from '../../protocol/chat/call.ts';
import type { TargetTraits } from '../../protocol/chat/codec.ts';
import type { WireObject } from './wire.ts';

/** OpenAI's bound of `safety_identifier` (openai 7.55.0, ChatCompletionCreateParams). The older `user` has half of it. */
const CHARS_MAX = { safety_identifier: 128, user: 64 } as const;

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
      ...(endUser === undefined ? {} : { user: bounded(endUser, 'user') }),
      ...(safetyIdentifier === undefined ? {} : { safety_identifier: bounded(safetyIdentifier, 'safety_identifier') }),
    };
  }
  const [first, second] = field === 'user' ? [endUser, safetyIdentifier] : [safetyIdentifier, endUser];
  const named = first ?? second;
  return named === undefined ? {} : { [field]: bounded(named, field) };
}

function bounded(name: string, field: keyof typeof CHARS_MAX): string {
  return name.length <= CHARS_MAX[field] ? name : createHash('sha256').update(name).digest('hex');
}
