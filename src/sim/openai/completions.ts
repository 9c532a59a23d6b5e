import type { CallContext } from '../dialect.ts';
import { alphanumeric, hashText, mixed, randomFor, wholeBetween } from '../draws.ts';
import type { JsonObject } from '../json-object.ts';
import { drawMs, drawSumMs } from '../latency.ts';
import { limitedText, tokensOf } from '../limits.ts';
import type { SimChatModel } from '../models.ts';
import { echoWords, usualLength, writeProse } from '../prose/prose.ts';
import type { Draft } from '../script.ts';
import { pieceOf, type TokenCounter } from '../tokenizer.ts';
import { type Choice, unitTokens } from './choice.ts';
import { type ChunkForm, choiceEvents } from './choice-events.ts';
import { Fields, missing, wrongType } from './fields.ts';
import { legacyLogprobs } from './logprobs.ts';
import { readSampling, refuseAboveContext, type Sampling } from './sampling.ts';
import { isTokenList } from './token-input.ts';
import { StreamedUsage, usageJson } from './usage.ts';

/** OpenAI's own default of this endpoint. */
const TOKENS_MAX_DEFAULT = 16;

interface Prompt {
  /** Absent when the prompt came as token ids. */
  readonly text?: string;
  readonly tokens: number;
}

interface CompletionRequest extends Sampling {
  readonly prompts: readonly Prompt[];
  readonly echo: boolean;
  readonly topLogprobs?: number;
}

/** `POST /v1/completions`, the legacy endpoint. @throws OpenAiRefusal */
export function answerCompletion(body: JsonObject, model: SimChatModel, context: CallContext): Draft {
  const request = readRequest(body, model, context.tokens);
  let promptTokens = 0;
  for (const prompt of request.prompts) {
    refuseAboveContext(model, prompt.tokens, request.tokensMax, 'prompt');
    promptTokens += prompt.tokens;
  }
  context.call.promptRead(promptTokens, 0);
  const seed = mixed(hashText(model.id, context.seed), request.seed ?? 0);
  const choices = request.prompts.flatMap((prompt, position) =>
    Array.from({ length: request.choices }, (_, turn) =>
      writeChoice(request, prompt, model, context, seed, position * request.choices + turn),
    ),
  );
  const used = {
    promptTokens,
    cachedTokens: 0,
    completionTokens: sumOf(choices, (choice) => choice.tokens),
    reasoningTokens: sumOf(choices, (choice) => choice.reasoningTokens),
  };
  const id = `cmpl-${alphanumeric(context.random, 29)}`;
  const front = `{"id":"${id}","object":"text_completion","created":${Math.floor(context.nowMs / 1_000)},"model":${JSON.stringify(model.id)},"choices":[`;
  const latency = context.latencyOf(model);
  const firstMs = drawMs(latency.firstToken, context.random);
  const logprobs = legacyLogprobsOf(request, seed);
  if (request.stream) {
    const usage = new StreamedUsage(used, context.shape, request.includeUsage);
    const form = { ...chunkForm(front, usage, logprobs), usagePlace: context.shape.usagePlace };
    const timing = { latency, random: context.random };
    return { kind: 'stream', afterMs: firstMs, events: choiceEvents(choices, form, timing, context.shape) };
  }
  const list = choices.map((choice) => choiceJson(choice, choice.text, logprobs, `"${choice.finish}"`));
  const usage = usageJson(used, context.shape);
  const most = choices.reduce((tokens, choice) => Math.max(tokens, choice.tokens), 0);
  return {
    kind: 'body',
    status: 200,
    contentType: 'application/json',
    afterMs: firstMs + drawSumMs(latency.perToken, most, context.random),
    text: `${front}${list.join(',')}]${usage === undefined ? '' : `,"usage":${usage}`}}`,
    tokens: used.completionTokens,
    reasoning: used.reasoningTokens,
  };
}

function readRequest(body: JsonObject, model: SimChatModel, counter: TokenCounter): CompletionRequest {
  const fields = new Fields(body);
  const topLogprobs = fields.integer('logprobs', { min: 0, max: 5 });
  return {
    ...readSampling(fields, model, TOKENS_MAX_DEFAULT),
    prompts: readPrompts(fields, counter),
    echo: fields.boolean('echo') ?? false,
    ...(topLogprobs === undefined ? {} : { topLogprobs }),
  };
}

function readPrompts(fields: Fields, counter: TokenCounter): Prompt[] {
  const prompt = fields.raw('prompt');
  if (prompt === undefined) throw missing('prompt');
  const expected = 'one of a string, an array of strings, an array of tokens, or an array of token arrays';
  const list: unknown[] =
    typeof prompt === 'string' || isTokenList(prompt) ? [prompt] : Array.isArray(prompt) ? prompt : [];
  if (list.length === 0) throw wrongType('prompt', expected, prompt);
  return list.map((item) => {
    if (typeof item === 'string') return { text: item, tokens: counter.count(item) };
    if (isTokenList(item)) return { tokens: item.length };
    throw wrongType('prompt', expected, prompt);
  });
}

function writeChoice(
  request: CompletionRequest,
  prompt: Prompt,
  model: SimChatModel,
  context: CallContext,
  seed: number,
  index: number,
): Choice {
  const random = randomFor(hashText(prompt.text ?? '', seed), 'completion', index);
  const { overrunTokens } = context.shape;
  const tokensMax = request.tokensMax ?? TOKENS_MAX_DEFAULT;
  const range = model.reasoningTokens;
  const reasoningTokens = range === undefined ? 0 : Math.min(tokensMax, wholeBetween(random, range.min, range.max));
  const left = tokensMax - reasoningTokens + overrunTokens;
  const echo = echoWords(prompt.text ?? '').flatMap((word) => context.tokens.pieces(` ${word}`));
  const tokensMin = Math.max(usualLength(random, model.answerTokens), overrunTokens > 0 ? left + 1 : 0);
  const text = limitedText(writeProse({ random, echo, tokensMin }), left, request.stops);
  // The echoed prompt stands in the answer but was not produced: it has no tokens.
  const front = request.echo && prompt.text !== undefined ? [pieceOf(prompt.text, 0)] : [];
  return {
    index,
    text: [...front, ...text.pieces],
    toolCalls: [],
    finish: text.finish,
    reasoningTokens,
    tokens: tokensOf(text.pieces) + reasoningTokens,
  };
}

type LogprobsOf = (choice: Choice, pieces: Choice['text']) => string;

function legacyLogprobsOf(request: CompletionRequest, seed: number): LogprobsOf {
  const { topLogprobs } = request;
  if (topLogprobs === undefined) return () => 'null';
  const lanes = new Map<number, { random: ReturnType<typeof randomFor>; offset: number }>();
  return (choice, pieces) => {
    const lane = lanes.get(choice.index) ?? { random: randomFor(seed, 'logprobs', choice.index), offset: 0 };
    lanes.set(choice.index, lane);
    const json = legacyLogprobs(pieces, topLogprobs, lane.random, lane.offset);
    for (const piece of pieces) lane.offset += piece.text.length;
    return json;
  };
}

function choiceJson(choice: Choice, pieces: Choice['text'], logprobs: LogprobsOf, finish: string): string {
  const text = pieces.map((piece) => piece.json).join('');
  const logprobsJson = pieces.length === 0 ? 'null' : logprobs(choice, pieces);
  return `{"text":"${text}","index":${choice.index},"logprobs":${logprobsJson},"finish_reason":${finish}}`;
}

function chunkForm(front: string, usage: StreamedUsage, logprobs: LogprobsOf): Omit<ChunkForm, 'usagePlace'> {
  const own = usage.ownChunk;
  const chunk = (choice: string, used: string) => `data: ${front}${choice}]${used}}\n\n`;
  return {
    opening: () => undefined,
    unit: (choice, unit) => {
      const pieces = unit.kind === 'tool-head' ? [] : [unit.piece];
      return chunk(choiceJson(choice, pieces, logprobs, 'null'), usage.ofChunk(unitTokens(unit)));
    },
    finish: (choice) => chunk(choiceJson(choice, [], logprobs, `"${choice.finish}"`), usage.ofFinish()),
    ...(own === undefined ? {} : { usage: `data: ${front}],"usage":${own}}\n\n` }),
  };
}

function sumOf(choices: readonly Choice[], count: (choice: Choice) => number): number {
  return choices.reduce((sum, choice) => sum + count(choice), 0);
}
