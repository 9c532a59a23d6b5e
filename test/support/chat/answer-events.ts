import type { AnswerChoice, ChatAnswer, StreamEvent } from '../../../src/protocol/chat/answer.ts';
import type { ContentPart } from '../../../src/protocol/chat/content.ts';

/** The events that tell a whole answer, each text in pieces of at most `pieceChars`. */
export function eventsOf(answer: ChatAnswer, pieceChars = 3): StreamEvent[] {
  const { id, model, createdAt, serviceTier, rest } = answer;
  const events: StreamEvent[] = [
    {
      type: 'answer-start',
      ...(id === undefined ? {} : { id }),
      ...(model === undefined ? {} : { model }),
      ...(createdAt === undefined ? {} : { createdAt }),
      ...(serviceTier === undefined ? {} : { serviceTier }),
      ...(rest === undefined ? {} : { rest }),
    },
  ];
  for (const choice of answer.choices) {
    for (const [part, content] of choice.parts.entries()) {
      events.push(...partEvents(content, { choice: choice.index, part }, pieceChars));
    }
    events.push(...logprobEvents(choice));
  }
  for (const { index, finish } of answer.choices) events.push({ type: 'choice-finish', choice: index, finish });
  if (answer.usage !== undefined) events.push({ type: 'usage-update', usage: answer.usage });
  events.push({ type: 'answer-end' });
  return events;
}

interface Place {
  readonly choice: number;
  readonly part: number;
}

function partEvents(content: ContentPart, place: Place, chars: number): StreamEvent[] {
  const end: StreamEvent = { ...place, type: 'part-end' };
  switch (content.type) {
    case 'text':
      return [
        { ...place, type: 'text-start' },
        ...pieces(content.text, chars).map((text): StreamEvent => ({ ...place, type: 'text-delta', text })),
        ...(content.citations ?? []).map((citation): StreamEvent => ({ ...place, type: 'citation-add', citation })),
        end,
      ];
    case 'refusal':
      return [
        { ...place, type: 'refusal-start' },
        ...pieces(content.text, chars).map((text): StreamEvent => ({ ...place, type: 'refusal-delta', text })),
        end,
      ];
    case 'reasoning':
      return thoughtEvents(content, place, chars);
    case 'tool-call': {
      const { kind, id, name, rest, signature } = content;
      return [
        { ...place, type: 'tool-call-start', kind, id, name, ...(rest === undefined ? {} : { rest }) },
        ...(signature === undefined ? [] : [{ ...place, type: 'signature-add', signature } satisfies StreamEvent]),
        ...pieces(content.arguments, chars).map((text): StreamEvent => ({ ...place, type: 'arguments-delta', text })),
        end,
      ];
    }
    default:
      return [{ ...place, type: 'part-add', content }];
  }
}

function thoughtEvents(
  content: Extract<ContentPart, { type: 'reasoning' }>,
  place: Place,
  chars: number,
): StreamEvent[] {
  if (content.encrypted !== undefined) return [{ ...place, type: 'part-add', content }];
  const { id, summary, rest, signature } = content;
  return [
    {
      ...place,
      type: 'reasoning-start',
      ...(id === undefined ? {} : { id }),
      ...(summary === undefined ? {} : { summary }),
      ...(rest === undefined ? {} : { rest }),
    },
    ...pieces(content.text ?? '', chars).map((text): StreamEvent => ({ ...place, type: 'reasoning-delta', text })),
    ...(signature === undefined ? [] : [{ ...place, type: 'signature-add', signature } satisfies StreamEvent]),
    { ...place, type: 'part-end' },
  ];
}

function logprobEvents({ index, logprobs, refusalLogprobs }: AnswerChoice): StreamEvent[] {
  const events: StreamEvent[] = [];
  if (logprobs !== undefined) events.push({ type: 'logprobs-add', choice: index, of: 'text', logprobs });
  if (refusalLogprobs !== undefined) {
    events.push({ type: 'logprobs-add', choice: index, of: 'refusal', logprobs: refusalLogprobs });
  }
  return events;
}

/** Pieces of a text that never cut a character in two. */
function pieces(text: string, chars: number): string[] {
  const whole = [...text];
  const cut: string[] = [];
  for (let at = 0; at < whole.length; at += chars) cut.push(whole.slice(at, at + chars).join(''));
  return cut;
}
