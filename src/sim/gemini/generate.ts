import type { JsonObject } from '../json-object.ts';
import { drawMs, drawSumMs } from '../latency.ts';
import type { SimChatModel } from '../models.ts';
import type { Draft } from '../script.ts';
import type { Candidate } from './answer.ts';
import { writeCandidate } from './candidate.ts';
import { type ResponseTail, responseJson } from './chunks.ts';
import { BLOCKS_PROMPT } from './compose.ts';
import { GeminiRefusal } from './errors.ts';
import type { Framing } from './framing.ts';
import type { GenerateContext } from './generate-context.ts';
import { type CountedPrompt, countPrompt } from './prompt.ts';
import { readCountRequest, readGenerateRequest } from './request.ts';
import { chunkEvents } from './stream.ts';
import { turnOf } from './turn.ts';
import { details, type GeminiUsage, usageJson } from './usage.ts';
import { safetyRatings, wholeCandidate } from './written-candidate.ts';

/**
 * `:generateContent`, and `:streamGenerateContent` in a framing.
 *
 * @throws GeminiRefusal
 */
export function answerGenerate(body: JsonObject, context: GenerateContext, framing?: Framing): Draft {
  const { call, model } = context;
  const request = readGenerateRequest(body, { ...context, counter: call.tokens });
  const prompt = countPrompt(request, call.tokens);
  if (prompt.total > model.contextTokensMax) throw tooLong(prompt.total, model);
  const cachedTokens = call.promptCache.read(`gemini ${model.id}`, prompt.parts, prompt.total);
  const tail = { modelVersion: model.id, responseId: call.call.record.requestId };
  const turn = turnOf(request);
  if (turn.userText.includes(BLOCKS_PROMPT)) return blockedPrompt(prompt, cachedTokens, tail, context, framing);
  const candidates = Array.from({ length: request.config.candidates }, (_, index) =>
    writeCandidate(request, prompt.total, context, index),
  );
  const usage = usageOf(prompt, cachedTokens, candidates);
  call.call.promptRead(prompt.total + usage.toolUseTokens, cachedTokens);
  const { thinking, logprobs } = request.config;
  const writer = { thoughtsShown: thinking.shown, ...(logprobs === undefined ? {} : { logprobs }) };
  const latency = call.latencyOf(model);
  const firstMs = drawMs(latency.firstToken, call.random);
  if (framing !== undefined) {
    const { shape, random } = call;
    const events = chunkEvents({ candidates, usage, tail, writer, shape, latency, random });
    return streamed(firstMs, events, framing);
  }
  const tokens = usage.candidatesTokens + usage.thoughtsTokens;
  const whole = candidates.map((candidate) => wholeCandidate(candidate, writer, call.random));
  return {
    kind: 'body',
    status: 200,
    contentType: 'application/json; charset=UTF-8',
    afterMs: firstMs + drawSumMs(latency.perToken, tokens, call.random),
    text: responseJson({ candidates: whole }, usageJson(usage, call.shape), tail),
    tokens,
    reasoning: usage.thoughtsTokens,
  };
}

/** `:countTokens`: reads the prompt as an answer would, and bills nothing. @throws GeminiRefusal */
export function countTokens(body: JsonObject, context: GenerateContext): Draft {
  const { tokens } = context.call;
  const prompt = countPrompt(readCountRequest(body, { ...context, counter: tokens }), tokens);
  const text = `{"totalTokens":${prompt.total},"promptTokensDetails":${details(prompt.tokens)}}`;
  return { kind: 'body', status: 200, contentType: 'application/json; charset=UTF-8', afterMs: 0, text, tokens: 0 };
}

/** A prompt that is not answered: it was read, and nothing was written. */
function blockedPrompt(
  prompt: CountedPrompt,
  cachedTokens: number,
  tail: ResponseTail,
  { call, model }: GenerateContext,
  framing: Framing | undefined,
): Draft {
  call.call.promptRead(prompt.total, cachedTokens);
  const usage = usageJson(usageOf(prompt, cachedTokens, []), call.shape);
  const text = responseJson({ promptFeedback: { blockReason: 'SAFETY', safetyRatings: safetyRatings() } }, usage, tail);
  const afterMs = drawMs(call.latencyOf(model).firstToken, call.random);
  if (framing === undefined) {
    return { kind: 'body', status: 200, contentType: 'application/json; charset=UTF-8', afterMs, text, tokens: 0 };
  }
  const events = [{ afterMs: 0, text, tokens: 0, part: 'done' as const }];
  return streamed(afterMs, events, framing);
}

function streamed(afterMs: number, events: (Draft & { kind: 'stream' })['events'], framing: Framing): Draft {
  const { contentType, voice } = framing;
  return {
    kind: 'stream',
    afterMs,
    events: framing.frames(events),
    contentType,
    ...(voice === undefined ? {} : { voice }),
  };
}

function usageOf(prompt: CountedPrompt, cachedTokens: number, candidates: readonly Candidate[]): GeminiUsage {
  const sum = (of: (candidate: Candidate) => number) => candidates.reduce((total, one) => total + of(one), 0);
  return {
    prompt: prompt.tokens,
    cachedTokens,
    candidatesTokens: sum(({ tokens, thoughtTokens }) => tokens - thoughtTokens),
    thoughtsTokens: sum(({ thoughtTokens }) => thoughtTokens),
    toolUseTokens: sum(({ foundTokens }) => foundTokens),
  };
}

function tooLong(tokens: number, { contextTokensMax }: SimChatModel): GeminiRefusal {
  return new GeminiRefusal(
    400,
    `The input token count (${tokens}) exceeds the maximum number of tokens allowed (${contextTokensMax}).`,
  );
}
