import type { ContentPart } from '../protocol/chat/content.ts';
import type { PartEvent } from './part-line.ts';

/** The choice and the part that events belong to. */
export interface PartPlace {
  readonly choice: number;
  readonly part: number;
}

/**
 * A part that came whole as the events that would have told it, but for its
 * end. Sound is told as what is said in it. None for a part that only comes whole.
 */
export function partEvents(content: ContentPart, { choice, part }: PartPlace): PartEvent[] {
  const place = { choice, part };
  switch (content.type) {
    case 'text': {
      const { citations } = content;
      const start: PartEvent = { type: 'text-start', ...place, ...(citations === undefined ? {} : { citations }) };
      return [start, { type: 'text-delta', ...place, text: content.text }];
    }
    case 'refusal':
      return [
        { type: 'refusal-start', ...place },
        { type: 'refusal-delta', ...place, text: content.text },
      ];
    case 'audio':
      return [
        { type: 'text-start', ...place },
        { type: 'text-delta', ...place, text: content.transcript ?? '' },
      ];
    case 'reasoning':
      return thoughtEvents(content, place);
    case 'tool-call':
      return callEvents(content, place);
    case 'hosted-call':
      return [{ type: 'hosted-call-start', ...place, call: content }];
    default:
      return [];
  }
}

function thoughtEvents(
  { text, signature, encrypted, id, summary, rest }: Extract<ContentPart, { type: 'reasoning' }>,
  place: PartPlace,
): PartEvent[] {
  const start: PartEvent = {
    type: 'reasoning-start',
    ...place,
    ...(id === undefined ? {} : { id }),
    ...(summary === undefined ? {} : { summary }),
    ...(rest === undefined ? {} : { rest }),
  };
  const events: PartEvent[] = [start];
  if (text !== undefined) events.push({ type: 'reasoning-delta', ...place, text });
  if (signature !== undefined) events.push({ type: 'signature-add', ...place, signature });
  if (encrypted !== undefined) events.push({ type: 'signature-add', ...place, signature: encrypted, encrypted: true });
  return events;
}

function callEvents(
  { kind, id, name, rest, signature, arguments: given }: Extract<ContentPart, { type: 'tool-call' }>,
  place: PartPlace,
): PartEvent[] {
  const start: PartEvent = {
    type: 'tool-call-start',
    ...place,
    kind,
    id,
    name,
    ...(rest === undefined ? {} : { rest }),
  };
  const signed: PartEvent[] = signature === undefined ? [] : [{ type: 'signature-add', ...place, signature }];
  return [start, ...signed, { type: 'arguments-delta', ...place, text: given }];
}
