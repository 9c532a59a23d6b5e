import type { AskedTools } from '../../protocol/chat/codec.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import { plainInputOf } from '../tool-input.ts';

/** A function call that is meant for a tool which the client has as a custom one. */
export function asAsked(part: ContentPart, asked: AskedTools | undefined): ContentPart {
  if (part.type !== 'tool-call' || asked?.customTools?.has(part.name) !== true) return part;
  return { ...part, kind: 'custom', arguments: plainInputOf(part.arguments) };
}
