import { randomFor, wholeBetween } from '../draws.ts';
import { firstTokens } from '../limits.ts';
import { plainWords, usualLength, writeProse } from '../prose/prose.ts';
import { shortened } from '../prose/quote.ts';
import { valueForSchema } from '../schema/value.ts';
import { piecesOf } from '../tokenizer.ts';
import type { Annotation, Answer, AnswerItem, MessageItem } from './answer.ts';
import { type ComposeBrief, idOf } from './brief.ts';
import { clientCalls } from './client-calls.ts';
import { hostedToRun, runHosted } from './hosted.ts';
import type { Passage } from './hosted-run.ts';
import type { Item } from './items.ts';

/** Words of ours: whoever says them is refused, or cut off by a filter. */
const REFUSES = 'SIM_REFUSAL';
const FILTERED = 'SIM_CONTENT_FILTER';
const REFUSAL = "I'm sorry, but I can't help with that.";

/** The whole answer as the model would give it. The same request gives the same words. */
export function compose(brief: ComposeBrief): Pick<Answer, 'items' | 'incomplete'> {
  const { turn } = brief;
  const before = thought(brief);
  if (turn.userText.includes(REFUSES)) {
    return { items: [...before, message(brief, { pieces: piecesOf(REFUSAL), part: 'refusal' })] };
  }
  if (turn.userText.includes(FILTERED)) {
    const pieces = firstTokens(piecesOf('This part was still fine.'), 4);
    return { items: [...before, message(brief, { pieces })], incomplete: 'content_filter' };
  }
  const hosted = hostedToRun(brief);
  if (hosted !== undefined) {
    const run = runHosted(hosted, brief);
    const text = run.waits ? [] : [written(brief, run.passages)];
    return { items: [...before, ...run.items, ...text] };
  }
  const calls = clientCalls(brief);
  return { items: calls.length > 0 ? [...before, ...calls] : [...before, written(brief, [])] };
}

function thought({ request, seed, context, words }: ComposeBrief): AnswerItem[] {
  const { tokens, summary } = request.reasoning;
  if (tokens === undefined) return [];
  const random = randomFor(seed, 'thinking');
  const wanted = wholeBetween(random, tokens.min, tokens.max);
  const echo = words.flatMap((word) => context.tokens.pieces(` ${word}`));
  const pieces = firstTokens(writeProse({ random, echo, tokensMin: wanted }), wanted);
  const half = Math.ceil(pieces.length / 2);
  const parts = summary === 'detailed' ? [pieces.slice(0, half), pieces.slice(half)] : [pieces];
  const shown = summary === undefined ? [] : parts.filter((part) => part.length > 0);
  return [{ kind: 'reasoning', id: idOf('rs', context.random), pieces, summary: shown }];
}

function message({ context }: ComposeBrief, facts: Pick<MessageItem, 'pieces'> & Partial<MessageItem>): MessageItem {
  return { kind: 'message', id: idOf('msg', context.random), part: 'output_text', annotations: [], ...facts };
}

function written(brief: ComposeBrief, passages: readonly Passage[]): MessageItem {
  const { request, turn, seed, words, context, model } = brief;
  const random = randomFor(seed, 'text');
  const { format } = request;
  if (format.kind === 'json-schema') {
    return message(brief, { pieces: piecesOf(JSON.stringify(valueForSchema(format.schema, random, words))) });
  }
  if (format.kind === 'json-object') {
    const value = { answer: plainWords(random, 6), about: words, confident: random.float() < 0.5 };
    return message(brief, { pieces: piecesOf(JSON.stringify(value)) });
  }
  const tokensMin = Math.max(usualLength(random, model.answerTokens), brief.textTokensMin);
  const { lead, annotations } = cited(passages);
  const seen = lead + leadIn(turn.results, turn.files);
  const echo = seen === '' ? words.flatMap((word) => context.tokens.pieces(` ${word}`)) : [];
  const prose = writeProse({ random, echo, tokensMin });
  return message(brief, { pieces: [...piecesOf(seen), ...prose], annotations });
}

/** What was found, said first, with what says where it is from. */
function cited(passages: readonly Passage[]): { lead: string; annotations: Annotation[] } {
  let lead = '';
  const annotations: Annotation[] = [];
  for (const { text, annotation } of passages) {
    const start = lead.length;
    lead += `${text} `;
    const end = start + text.length;
    if (annotation !== undefined) annotations.push({ afterChars: end, object: annotation(start, end) });
  }
  return { lead, annotations };
}

/** What shows that the last of the input was read: results of tools, pictures, files. */
function leadIn(results: readonly Item[], files: number): string {
  const texts = results.map(({ text }) => `The tool returned: ${shortened(text)} `);
  return texts.join('') + (files === 0 ? '' : `Looking at ${files} file${files === 1 ? '' : 's'}. `);
}
