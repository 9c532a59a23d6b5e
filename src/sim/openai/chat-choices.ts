import type { CallContext } from '../dialect.ts';
import { hashText, mixed, randomFor, wholeBetween } from '../draws.ts';
import { limitedText, tokensOf } from '../limits.ts';
import type { SimChatModel } from '../models.ts';
import { echoWords, plainWords, usualLength, writeProse } from '../prose/prose.ts';
import { shortened } from '../prose/quote.ts';
import { valueForSchema } from '../schema/value.ts';
import { type Piece, piecesOf } from '../tokenizer.ts';
import { limitedCalls, toolsToCall, writeToolCalls } from '../tools.ts';
import type { ChatRequest } from './chat-request.ts';
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
  const wanted = thoughtTokens(brief.model, seed);
  const reasoningTokens = Math.min(wanted, brief.tokensMax);
  const left = brief.tokensMax - reasoningTokens + brief.overrunTokens;
  const userText = brief.request.messages.findLast((message) => message.role === 'user')?.text ?? '';
  const tools = toolsToCall(
    { ...brief.request, answersTool: brief.request.messages.at(-1)?.role === 'tool' },
    userText,
    randomFor(seed, 'tools'),
  );
  const finished = { index, reasoningTokens };
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

function thoughtTokens(model: SimChatModel, seed: number): number {
  const range = model.reasoningTokens;
  return range === undefined ? 0 : wholeBetween(randomFor(seed, 'reasoning'), range.min, range.max);
}

function writeText(brief: ChoiceBrief, context: CallContext, seed: number, tokensMin: number): readonly Piece[] {
  const { request, model } = brief;
  const random = randomFor(seed, 'text');
  const last = request.messages.at(-1);
  const source =
    last?.role === 'tool' ? last.text : (request.messages.findLast(({ role }) => role === 'user')?.text ?? '');
  const words = echoWords(source);
  switch (request.format.kind) {
    case 'json-schema':
      return piecesOf(JSON.stringify(valueForSchema(request.format.schema, random, words)));
    case 'json-object':
      return piecesOf(JSON.stringify({ answer: plainWords(random, 6), about: words, confident: random.float() < 0.5 }));
    case 'text':
      break;
  }
  const tokensTarget = Math.max(usualLength(random, model.answerTokens), tokensMin);
  if (last?.role === 'tool') {
    const prose = writeProse({ random, echo: [], tokensMin: tokensTarget });
    return piecesOf(`The tool returned: ${shortened(last.text)} ${prose.map((piece) => piece.text).join('')}`);
  }
  const echo = words.flatMap((word) => context.tokens.pieces(` ${word}`));
  return writeProse({ random, echo, tokensMin: tokensTarget });
}
