import type { CallContext } from '../dialect.ts';
import { hashText, mixed, randomFor, wholeBetween } from '../draws.ts';
import { firstTokens, limitedText, tokensOf } from '../limits.ts';
import type { SimChatModel } from '../models.ts';
import { echoWords, plainWords, usualLength, writeProse } from '../prose/prose.ts';
import { shortened } from '../prose/quote.ts';
import { valueForSchema } from '../schema/value.ts';
import { type Piece, piecesOf } from '../tokenizer.ts';
import { limitedCalls, toolsToCall, writeToolCalls } from '../tools.ts';
import type { ChatMessage, ChatRequest } from './chat-request.ts';
import type { Choice } from './choice.ts';

/** Everything the text of an answer hangs on. Whether it is streamed is not part of it. */
export function contentSeed(seed: number, model: string, request: ChatRequest): number {
  let hash = mixed(hashText(model, seed), request.seed ?? 0);
  for (const message of request.messages) hash = hashText(message.text, mixed(hash, message.role.length));
  return hash;
}

export interface ChoiceBrief {
  readonly request: ChatRequest;
  readonly model: SimChatModel;
  readonly contentSeed: number;
  /** Visible and hidden tokens this answer may have, and how many more it writes in spite of that. */
  readonly tokensMax: number;
  readonly overrunTokens: number;
}

/** Alternative number `index`. */
export function writeChoice(brief: ChoiceBrief, context: CallContext, index: number): Choice {
  const seed = mixed(brief.contentSeed, index);
  const { reasoningTokens, thought } = think(brief, seed);
  const left = brief.tokensMax - reasoningTokens + brief.overrunTokens;
  const userText = brief.request.messages.findLast((message) => message.role === 'user')?.text ?? '';
  const tools = toolsToCall(
    { ...brief.request, answersTool: toolAnswers(brief.request.messages).length > 0 },
    userText,
    randomFor(seed, 'tools'),
  );
  const finished = { index, reasoningTokens, ...(thought === undefined ? {} : { thought }) };
  if (tools.length > 0) {
    const words = echoWords(userText);
    const all = writeToolCalls(tools, {
      idPrefix: 'call_',
      idLength: 24,
      contentSeed: seed,
      random: context.random,
      counter: context.tokens,
      words,
    });
    const { calls, tokens, whole } = limitedCalls(all, left);
    // A named function is no decision of the model: OpenAI then says it simply stopped.
    const usual = typeof brief.request.toolChoice === 'object' ? 'stop' : 'tool_calls';
    return {
      ...finished,
      text: [],
      toolCalls: calls,
      finish: whole ? usual : 'length',
      tokens: tokens + reasoningTokens,
    };
  }
  const overruns = brief.overrunTokens > 0;
  const text = limitedText(writeText(brief, context, seed, overruns ? left + 1 : 0), left, brief.request.stops);
  return {
    ...finished,
    text: text.pieces,
    toolCalls: [],
    finish: text.finish,
    tokens: tokensOf(text.pieces) + reasoningTokens,
  };
}

/** Who names an effort is shown what the model thinks, as the providers of this family that show it do. */
function think(brief: ChoiceBrief, seed: number): { reasoningTokens: number; thought?: readonly Piece[] } {
  const { model, request, tokensMax } = brief;
  const range = model.reasoningTokens;
  if (range === undefined || request.reasoningEffort === 'none') return { reasoningTokens: 0 };
  const wanted = wholeBetween(randomFor(seed, 'reasoning'), range.min, range.max);
  const most = Math.min(wanted, tokensMax);
  if (request.reasoningEffort === undefined) return { reasoningTokens: most };
  const thought = firstTokens(writeProse({ random: randomFor(seed, 'thought'), echo: [], tokensMin: wanted }), most);
  return { reasoningTokens: tokensOf(thought), thought };
}

/** What tools answered since the assistant spoke. Users may add to it, such as a picture that a tool made. */
function toolAnswers(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return sinceAnswer(messages).filter(({ role }) => role === 'tool');
}

function sinceAnswer(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1);
}

function writeText(brief: ChoiceBrief, context: CallContext, seed: number, tokensMin: number): readonly Piece[] {
  const { request, model } = brief;
  const random = randomFor(seed, 'text');
  const answers = toolAnswers(request.messages);
  const user = request.messages.findLast(({ role }) => role === 'user');
  const words = echoWords(answers.at(-1)?.text ?? user?.text ?? '');
  switch (request.format.kind) {
    case 'json-schema':
      return piecesOf(JSON.stringify(valueForSchema(request.format.schema, random, words)));
    case 'json-object':
      return piecesOf(JSON.stringify({ answer: plainWords(random, 6), about: words, confident: random.float() < 0.5 }));
    case 'text':
      break;
  }
  const tokensTarget = Math.max(usualLength(random, model.answerTokens), tokensMin);
  const lead = leadIn(answers, sinceAnswer(request.messages));
  if (lead !== '') {
    const prose = writeProse({ random, echo: [], tokensMin: tokensTarget });
    return piecesOf(`${lead} ${prose.map((piece) => piece.text).join('')}`);
  }
  const echo = words.flatMap((word) => context.tokens.pieces(` ${word}`));
  return writeProse({ random, echo, tokensMin: tokensTarget });
}

/** What shows that it was read: what tools answered, and how many files came along. */
function leadIn(answers: readonly ChatMessage[], since: readonly ChatMessage[]): string {
  const files = since.reduce((count, { otherParts }) => count + otherParts, 0);
  const seen = files === 0 ? [] : [`Looking at ${files} file${files === 1 ? '' : 's'}.`];
  return [...answers.map(({ text }) => `The tool returned: ${shortened(text)}`), ...seen].join(' ');
}
