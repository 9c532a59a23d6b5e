import type { ChatCall, ChatMessage } from '../../protocol/chat/call.ts';
import { assistantJson } from './assistant-writer.ts';
import type { CallWriting } from './call-losses.ts';
import { contentJson } from './part-writer.ts';
import { type PlacedPart, toolResultJson } from './result-writer.ts';
import { type WireObject, withRest } from './wire.ts';

/**
 * The messages of a call. Results of tools are messages of their own, which
 * follow the calls directly; what of them is no text, and what the user says
 * beside them, comes in one message after all of them.
 */
export function messagesJson({ messages }: ChatCall, writing: CallWriting): WireObject[] {
  return messages.flatMap((message, at) => {
    const placeOf = (part: number) => writing.placeOf(at, part);
    if (message.role === 'assistant') return [assistantJson(message, placeOf, writing)];
    return message.role === 'user' ? userJson(message, placeOf, writing) : [plainJson(message, placeOf, writing)];
  });
}

function plainJson(message: ChatMessage, placeOf: (part: number) => string, writing: CallWriting): WireObject {
  const { role, name, parts, rest } = message;
  const content = contentJson(parts, placeOf, writing);
  return withRest({ role, content, ...(name === undefined ? {} : { name }) }, rest);
}

function userJson(message: ChatMessage, placeOf: (part: number) => string, writing: CallWriting): WireObject[] {
  if (!message.parts.some(({ type }) => type === 'tool-result')) return [plainJson(message, placeOf, writing)];
  const results: WireObject[] = [];
  const beside: PlacedPart[] = [];
  for (const [at, part] of message.parts.entries()) {
    if (part.type !== 'tool-result') {
      beside.push({ part, place: placeOf(at) });
      continue;
    }
    const { message: written, after } = toolResultJson(part, placeOf(at), writing);
    results.push(written);
    beside.push(...after);
  }
  if (beside.length === 0) return results;
  const parts = beside.map(({ part }) => part);
  const said = { ...message, parts };
  return [...results, plainJson(said, (at) => beside[at]?.place ?? placeOf(at), writing)];
}
