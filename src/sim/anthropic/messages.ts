import type { CallContext } from '../dialect.ts';
import { hashText, mixed } from '../draws.ts';
import type { JsonObject } from '../json-object.ts';
import { drawMs, drawSumMs } from '../latency.ts';
import type { SimChatModel } from '../models.ts';
import { echoWords } from '../prose/prose.ts';
import type { Draft } from '../script.ts';
import type { Seal } from '../seal.ts';
import type { Answer } from './answer.ts';
import { limitedAnswer } from './answer-limits.ts';
import type { ComposeBrief } from './brief.ts';
import { compose } from './compose.ts';
import { wrong } from './errors.ts';
import type { MarkerCache } from './marker-cache.ts';
import { messageEnd, messageHead } from './message-head.ts';
import { promptParts, promptTokens } from './prompt.ts';
import { type MessagesRequest, readCountRequest, readMessagesRequest } from './request.ts';
import { messageEvents, withMember } from './stream.ts';
import { INTERLEAVED } from './thinking.ts';
import { turnOf } from './turn.ts';
import { type MessagesUsage, messageUsage } from './usage.ts';
import { BlockWriter } from './written-blocks.ts';

/** What the dialect keeps between calls, and what a call's headers add to its body. */
export interface MessagesContext {
  readonly call: CallContext;
  readonly model: SimChatModel;
  readonly seal: Seal;
  readonly cache: MarkerCache;
  readonly betas: readonly string[];
}

/** `POST /v1/messages`. @throws AnthropicRefusal */
export function answerMessages(body: JsonObject, context: MessagesContext): Draft {
  const { call, model } = context;
  const request = readMessagesRequest(body, context);
  const parts = promptParts(request, call.tokens);
  const prompt = promptTokens(parts);
  if (prompt > model.contextTokensMax) throw tooLong(prompt, model);
  const cache = context.cache.account(model.id, parts, call.nowMs);
  const answer = writeAnswer(request, prompt, context);
  const read = prompt + foundTokens(answer, call);
  call.call.promptRead(read, cache.readTokens, cache.written5mTokens + cache.written1hTokens);
  const usage: MessagesUsage = {
    promptTokens: read,
    cache,
    outputTokens: answer.tokens,
    ...(request.thinking.mode === 'disabled' ? {} : { thinkingTokens: answer.thinkingTokens }),
    ...(answer.webSearches === undefined ? {} : { webSearches: answer.webSearches }),
  };
  const head = messageHead(model.id, call);
  const end = messageEnd(answer, call);
  const writer = new BlockWriter(context.seal, request.thinking.omitted);
  const latency = call.latencyOf(model);
  const firstMs = drawMs(latency.firstToken, call.random);
  if (request.stream) {
    const { shape, random } = call;
    const brief = { answer, head, end, usage, promptTokens: prompt, writer, shape, latency, random };
    return { kind: 'stream', afterMs: firstMs, events: messageEvents(brief) };
  }
  const content = answer.blocks.map((block) => writer.whole(block));
  return {
    kind: 'body',
    status: 200,
    contentType: 'application/json',
    afterMs: firstMs + drawSumMs(latency.perToken, answer.tokens, call.random),
    text: withMember({ ...head, content, ...end }, 'usage', messageUsage(usage, call.shape)),
    tokens: answer.tokens,
    reasoning: answer.thinkingTokens,
  };
}

/** `POST /v1/messages/count_tokens`: reads the prompt as an answer would, and bills nothing. @throws AnthropicRefusal */
export function countMessages(body: JsonObject, context: MessagesContext): Draft {
  const parts = promptParts(readCountRequest(body, context), context.call.tokens);
  const text = JSON.stringify({ input_tokens: promptTokens(parts) });
  return { kind: 'body', status: 200, contentType: 'application/json', afterMs: 0, text, tokens: 0 };
}

/** What the provider's own tools found: the model reads it as it reads its prompt. */
function foundTokens({ blocks }: Answer, { tokens }: CallContext): number {
  return blocks.reduce(
    (sum, block) => sum + (block.kind === 'whole' ? tokens.count(JSON.stringify(block.object)) : 0),
    0,
  );
}

function tooLong(tokens: number, { contextTokensMax }: SimChatModel): Error {
  return wrong('', `prompt is too long: ${tokens} tokens > ${contextTokensMax} maximum`);
}

function writeAnswer(request: MessagesRequest, promptTokensUsed: number, context: MessagesContext): Answer {
  const { call, model, seal } = context;
  const turn = turnOf(request);
  const room = model.contextTokensMax - promptTokensUsed;
  const { overrunTokens } = call.shape;
  const tokensMax = Math.min(request.tokensMax, room) + overrunTokens;
  const brief: ComposeBrief = {
    request,
    turn,
    model,
    context: call,
    seal,
    seed: contentSeed(call.seed, model.id, request),
    words: echoWords(turn.userText),
    interleaved: thinksBetweenTools(request, context.betas),
    textTokensMin: overrunTokens > 0 ? tokensMax + 1 : 0,
  };
  const full = request.tokensMax <= room ? 'max_tokens' : 'model_context_window_exceeded';
  return limitedAnswer(compose(brief), { tokensMax, stops: request.stops, full });
}

function thinksBetweenTools({ thinking: { mode } }: MessagesRequest, betas: readonly string[]): boolean {
  return mode === 'adaptive' || mode === 'between-tools' || (mode === 'enabled' && betas.includes(INTERLEAVED));
}

/** Everything the words of an answer hang on. Whether it is streamed is not part of it. */
function contentSeed(seed: number, model: string, { messages }: MessagesRequest): number {
  let hash = hashText(model, seed);
  for (const { role, blocks } of messages) {
    for (const { text } of blocks) hash = hashText(text, mixed(hash, role.length));
  }
  return hash;
}
