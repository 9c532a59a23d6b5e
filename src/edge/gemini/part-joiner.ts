import type { ContentPart, ReasoningPart, TextPart } from '../../protocol/chat/content.ts';
import { placeOf, standsAt } from '../../protocol/chat/places.ts';

/** A part as a client sends it back, which may be a piece of what a stream told. */
export interface Piece {
  readonly part: ContentPart;
  /** What stands as its signature: nothing yet, Google's own, or a seal of ours, after either of which its thought is over. */
  readonly seal: 'none' | 'own' | 'ours';
}

/**
 * Puts together again what a stream has cut: clients send back its texts and
 * thoughts in the pieces in which they came, and a signature last, in a piece
 * of its own. A thought's maker would refuse the pieces.
 */
export function joinedParts(pieces: readonly Piece[]): ContentPart[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    const whole = last === undefined ? undefined : joinedWith(last, piece);
    if (whole !== undefined) joined[joined.length - 1] = whole;
    else if (saysSomething(piece.part)) joined.push(piece);
  }
  return joined.map(({ part }) => part);
}

function saysSomething(part: ContentPart): boolean {
  if (part.type === 'text') return part.text !== '' || part.signature !== undefined;
  return part.type !== 'reasoning' || Object.keys(part).length > 1;
}

function joinedWith(last: Piece, { part, seal }: Piece): Piece | undefined {
  if (last.seal !== 'none' || last.part.rest !== undefined) return undefined;
  const whole = joinedPart(last.part, part, seal);
  if (whole === undefined) return undefined;
  // What is put together stands where its first piece did.
  const place = placeOf(last.part, '');
  return { part: place === '' ? whole : standsAt(whole, place), seal };
}

function joinedPart(last: ContentPart, part: ContentPart, seal: Piece['seal']): ContentPart | undefined {
  if (last.type === 'text' && part.type === 'text') return joinedText(last, part);
  if (last.type === 'reasoning' && part.type === 'reasoning') return joinedThought(last, part, seal);
  return undefined;
}

function joinedText(last: TextPart, part: TextPart): TextPart | undefined {
  return part.rest === undefined ? { ...part, text: last.text + part.text } : undefined;
}

/** What is known of a thought stands on its last piece; whether another vendor's text is a summary, its seal says. */
function joinedThought(last: ReasoningPart, part: ReasoningPart, seal: Piece['seal']): ReasoningPart {
  const text = `${last.text ?? ''}${part.text ?? ''}`;
  const { summary: said, text: _, ...known } = part;
  const summary = seal === 'ours' ? said : (last.summary ?? said);
  return { ...known, ...(text === '' ? {} : { text }), ...(summary === undefined ? {} : { summary }) };
}
