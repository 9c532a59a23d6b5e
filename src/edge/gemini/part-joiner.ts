import type { ContentPart, ReasoningPart, TextPart } from '../../protocol/chat/content.ts';

/**
 * Puts together again what a stream has cut: clients send back its texts and
 * thoughts in the pieces in which they came, and a signature last, in a piece
 * of its own. A thought's maker would refuse the pieces.
 */
export function joinedParts(parts: readonly ContentPart[]): ContentPart[] {
  const joined: ContentPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const whole = last === undefined ? undefined : joinedWith(last, part);
    if (whole !== undefined) joined[joined.length - 1] = whole;
    else if (part.type !== 'text' || part.text !== '' || part.signature !== undefined) joined.push(part);
  }
  return joined;
}

function joinedWith(last: ContentPart, part: ContentPart): ContentPart | undefined {
  if (last.type === 'text' && part.type === 'text') return joinedText(last, part);
  if (last.type === 'reasoning' && part.type === 'reasoning') return joinedThought(last, part);
  return undefined;
}

function joinedText(last: TextPart, part: TextPart): TextPart | undefined {
  if (last.signature !== undefined || last.rest !== undefined || part.rest !== undefined) return undefined;
  return { ...part, text: last.text + part.text };
}

/** What is known of a thought stands on its last piece; a seal without text is that of the text before it. */
function joinedThought(last: ReasoningPart, part: ReasoningPart): ReasoningPart | undefined {
  if (last.signature !== undefined || last.encrypted !== undefined || last.rest !== undefined) return undefined;
  const text = `${last.text ?? ''}${part.text ?? ''}`;
  const { summary: _, text: __, ...known } = part;
  const sealed = part.text === undefined && (part.signature ?? part.encrypted) !== undefined;
  const summary = sealed ? sealedSummary(last, part) : (last.summary ?? part.summary);
  return { ...known, ...(text === '' ? {} : { text }), ...(summary === undefined ? {} : { summary }) };
}

/** Whether another vendor's text is a summary, its seal says; Google's always is one. */
function sealedSummary(last: ReasoningPart, { signature, encrypted, summary }: ReasoningPart): boolean | undefined {
  return (signature ?? encrypted)?.dialect === 'gemini' ? last.summary : summary;
}
