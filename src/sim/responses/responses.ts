import type { CallContext } from '../dialect.ts';
import { hashText, mixed } from '../draws.ts';
import type { JsonObject } from '../json-object.ts';
import { drawMs, drawSumMs } from '../latency.ts';
import type { SimChatModel } from '../models.ts';
import type { OpenAiUsage } from '../openai/usage.ts';
import { echoWords } from '../prose/prose.ts';
import type { Draft } from '../script.ts';
import type { Seal } from '../seal.ts';
import type { Answer } from './answer.ts';
import { limitedAnswer } from './answer-limits.ts';
import { idOf } from './brief.ts';
import { compose } from './compose.ts';
import { refusal } from './fields.ts';
import { ItemWriter } from './item-writer.ts';
import { type Item, idPrefix } from './items.ts';
import { type CountedPrompt, countPrompt } from './prompt.ts';
import { type ResponsesRequest, readResponsesRequest } from './request.ts';
import { type ResponseHead, type ResponseState, responseJson } from './response-object.ts';
import type { ResponseStore, StoredResponse } from './store.ts';
import { ResponseStream } from './stream.ts';
import { turnOf } from './turn.ts';
import { responseUsage } from './usage.ts';

/** What the dialect keeps between calls, and what a call brings along. */
export interface ResponsesContext {
  readonly call: CallContext;
  readonly model: SimChatModel;
  readonly seal: Seal;
  readonly store: ResponseStore;
}

/** An answer that is made, and how it is said. */
interface Made {
  readonly request: ResponsesRequest;
  readonly head: ResponseHead;
  readonly answer: Answer;
  readonly writer: ItemWriter;
  readonly usage: OpenAiUsage;
  readonly output: readonly JsonObject[];
}

/** `POST /v1/responses`. @throws OpenAiRefusal */
export function answerResponses(body: JsonObject, context: ResponsesContext): Draft {
  const { call, model } = context;
  const made = make(body, context);
  const { request, head, answer, usage } = made;
  const latency = call.latencyOf(model);
  const firstMs = drawMs(latency.firstToken, call.random);
  const wholeMs = firstMs + drawSumMs(latency.perToken, answer.tokens, call.random);
  const end = endOf(made, call.nowMs + Math.round(wholeMs));
  const response = (state: ResponseState) => responseJson(head, request, state);
  const said = (tokens: number) => responseUsage({ ...usage, completionTokens: tokens }, call.shape);
  const whole = response({ ...end, usage: said(answer.tokens) });
  if (request.store) keep(made, whole, wholeMs, context);
  if (request.stream) {
    const stream = new ResponseStream({
      answer,
      writer: made.writer,
      response,
      end,
      usage: said,
      obfuscates: request.obfuscates,
      shape: call.shape,
      latency,
      random: call.random,
    });
    return { kind: 'stream', afterMs: firstMs, events: stream.events(), voice: stream.voice };
  }
  return {
    kind: 'body',
    status: 200,
    contentType: 'application/json',
    afterMs: request.background ? 0 : wholeMs,
    text: request.background ? response({ status: 'queued' }) : whole,
    tokens: answer.tokens,
    reasoning: answer.reasoningTokens,
  };
}

function make(body: JsonObject, context: ResponsesContext): Made {
  const { call, model, seal, store } = context;
  const request = readResponsesRequest(body, { model, seal, known: store });
  const prompt = countPrompt(request, call.tokens);
  if (prompt.tokens >= model.contextTokensMax) {
    const message = 'Your input exceeds the context window of this model. Please adjust your input and try again.';
    throw refusal(message, 'input', 'context_length_exceeded');
  }
  const seed = contentSeed(call.seed, model.id, request);
  const answer = writeAnswer(request, prompt, seed, context);
  const found = answer.items.map((item) => (item.kind === 'call' ? call.tokens.count(item.found) : 0));
  const read = found.reduce((sum, tokens) => sum + tokens, prompt.tokens);
  const cachedTokens = call.promptCache.read(model.id, prompt.parts, prompt.tokens);
  call.call.promptRead(read, cachedTokens);
  const writer = new ItemWriter({
    seal,
    encrypts: !request.store || request.include.includes('reasoning.encrypted_content'),
    topLogprobs: request.topLogprobs,
    seed,
    phases: model.reasoningTokens !== undefined,
  });
  const last = answer.items.length - 1;
  const output = answer.items.map((item, index) =>
    writer.whole(item, answer.incomplete !== undefined && index === last ? 'incomplete' : 'completed'),
  );
  const head = { id: idOf('resp', call.random), model: model.id, createdAt: Math.floor(call.nowMs / 1_000) };
  const { tokens, reasoningTokens } = answer;
  const usage = { promptTokens: read, cachedTokens, completionTokens: tokens, reasoningTokens };
  return { request, head, answer, writer, usage, output };
}

function writeAnswer(
  request: ResponsesRequest,
  prompt: CountedPrompt,
  seed: number,
  { call, model }: ResponsesContext,
): Answer {
  const turn = turnOf(request.conversation.items);
  const { overrunTokens } = call.shape;
  const room = Math.min(request.tokensMax ?? model.outputTokensMax, model.contextTokensMax - prompt.tokens);
  const tokensMax = room + overrunTokens;
  const composed = compose({
    request,
    turn,
    model,
    context: call,
    seed,
    words: echoWords(turn.results.at(-1)?.text ?? turn.userText),
    textTokensMin: overrunTokens > 0 ? tokensMax + 1 : 0,
  });
  const limited = limitedAnswer(composed.items, tokensMax);
  const incomplete = limited.incomplete ?? composed.incomplete;
  return incomplete === undefined ? limited : { ...limited, incomplete };
}

/** Everything the words of an answer hang on. Whether it is streamed or stored is not part of it. */
function contentSeed(seed: number, model: string, { conversation }: ResponsesRequest): number {
  let hash = hashText(model, seed);
  for (const { type, role, text } of conversation.items) {
    if (type !== 'reasoning') hash = hashText(text, mixed(hash, (role ?? type).length));
  }
  return hash;
}

function endOf({ answer, output }: Made, completedAtMs: number): ResponseState {
  if (answer.incomplete !== undefined) return { status: 'incomplete', output, reason: answer.incomplete };
  return { status: 'completed', output, completedAt: Math.floor(completedAtMs / 1_000) };
}

function keep({ request, head, output }: Made, text: string, wholeMs: number, { call, store }: ResponsesContext): void {
  const { items, input: given } = request.conversation;
  const before = items.slice(0, items.length - given.length).map(({ object }) => object);
  const input = given.map((item) => kept(item, call));
  store.save({
    id: head.id,
    text,
    input,
    chain: [...before, ...input, ...output],
    ...(request.background && !request.stream ? { background: madeLater(head, request, call.nowMs + wholeMs) } : {}),
  });
}

function madeLater(
  head: ResponseHead,
  request: ResponsesRequest,
  readyAt: number,
): NonNullable<StoredResponse['background']> {
  const response = (state: ResponseState) => responseJson(head, request, state);
  return { readyAt, underWay: response({ status: 'in_progress' }), cancelled: response({ status: 'cancelled' }) };
}

/** An item as it is kept: under an id, unless what is sealed in it is bound to none. */
function kept({ object, type }: Item, { random }: CallContext): JsonObject {
  if (object['id'] !== undefined || object['encrypted_content'] !== undefined) return object;
  return { id: idOf(idPrefix(type), random), ...object };
}
