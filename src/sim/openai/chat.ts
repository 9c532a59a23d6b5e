import type { CallContext } from '../dialect.ts';
import { alphanumeric, mixed, randomFor } from '../draws.ts';
import type { JsonObject } from '../json-object.ts';
import { drawMs, drawSumMs } from '../latency.ts';
import type { SimChatModel } from '../models.ts';
import type { Draft } from '../script.ts';
import type { ToolCall } from '../tools.ts';
import { contentSeed, writeChoice } from './chat-choices.ts';
import { readChatRequest } from './chat-request.ts';
import { type Choice, type Unit, unitTokens } from './choice.ts';
import { type ChunkForm, choiceEvents } from './choice-events.ts';
import { chatLogprob } from './logprobs.ts';
import { countPrompt } from './prompt.ts';
import { refuseAboveContext } from './sampling.ts';
import { type OpenAiUsage, StreamedUsage, usageJson } from './usage.ts';

/** What stands at the front of every object of one answer. */
interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly fingerprint: string;
}

/** `POST /v1/chat/completions`. @throws OpenAiRefusal */
export function answerChat(body: JsonObject, model: SimChatModel, context: CallContext): Draft {
  const request = readChatRequest(body, model);
  const prompt = countPrompt(request, context.tokens);
  refuseAboveContext(model, prompt.tokens, request.tokensMax, 'messages');
  const cachedTokens = context.promptCache.read(model.id, prompt.parts, prompt.tokens);
  context.call.promptRead(prompt.tokens, cachedTokens);
  const seed = contentSeed(context.seed, model.id, request);
  const brief = {
    request,
    model,
    contentSeed: seed,
    tokensMax: Math.min(request.tokensMax ?? model.outputTokensMax, model.contextTokensMax - prompt.tokens),
    overrunTokens: context.shape.overrunTokens,
  };
  const choices = Array.from({ length: request.choices }, (_, index) => writeChoice(brief, context, index));
  const used = usageOf(choices, prompt.tokens, cachedTokens);
  const head: Head = {
    id: `chatcmpl-${alphanumeric(context.random, 29)}`,
    created: Math.floor(context.nowMs / 1_000),
    model: model.id,
    fingerprint: `fp_${mixed(context.seed, 1).toString(16).padStart(10, '0')}`,
  };
  const logprobs = new Logprobs(request.topLogprobs, seed);
  const latency = context.latencyOf(model);
  const firstMs = drawMs(latency.firstToken, context.random);
  if (request.stream) {
    const usage = new StreamedUsage(used, context.shape, request.includeUsage);
    const form = { ...chunkForm(head, usage, logprobs), usagePlace: context.shape.usagePlace };
    const timing = { latency, random: context.random };
    return { kind: 'stream', afterMs: firstMs, events: choiceEvents(choices, form, timing, context.shape) };
  }
  return {
    kind: 'body',
    status: 200,
    contentType: 'application/json',
    afterMs: firstMs + drawSumMs(latency.perToken, longest(choices), context.random),
    text: bodyJson(head, choices, usageJson(used, context.shape), logprobs),
    tokens: used.completionTokens,
    reasoning: used.reasoningTokens,
  };
}

function usageOf(choices: readonly Choice[], promptTokens: number, cachedTokens: number): OpenAiUsage {
  let completionTokens = 0;
  let reasoningTokens = 0;
  for (const choice of choices) {
    completionTokens += choice.tokens;
    reasoningTokens += choice.reasoningTokens;
  }
  return { promptTokens, cachedTokens, completionTokens, reasoningTokens };
}

function longest(choices: readonly Choice[]): number {
  return choices.reduce((most, choice) => Math.max(most, choice.tokens), 0);
}

/** Log probabilities of each choice, drawn in the order of its pieces: streamed or not, they are the same. */
class Logprobs {
  readonly #top: number | undefined;
  readonly #seed: number;
  readonly #randoms = new Map<number, ReturnType<typeof randomFor>>();

  constructor(top: number | undefined, seed: number) {
    this.#top = top;
    this.#seed = seed;
  }

  /** The `logprobs` value of some pieces, `null` when none were asked for. */
  json(choice: Choice, pieces: Choice['text']): string {
    const top = this.#top;
    if (top === undefined || pieces.length === 0) return 'null';
    const random = this.#randoms.get(choice.index) ?? randomFor(this.#seed, 'logprobs', choice.index);
    this.#randoms.set(choice.index, random);
    return `{"content":[${pieces.map((piece) => chatLogprob(piece, top, random)).join(',')}],"refusal":null}`;
  }
}

function headJson(head: Head, object: string): string {
  return `"id":"${head.id}","object":"${object}","created":${head.created},"model":${JSON.stringify(head.model)}`;
}

function tailJson(head: Head): string {
  return `"service_tier":"default","system_fingerprint":"${head.fingerprint}"`;
}

function bodyJson(head: Head, choices: readonly Choice[], usage: string | undefined, logprobs: Logprobs): string {
  const list = choices.map((choice) => {
    const called = choice.toolCalls.length > 0;
    const content = called ? 'null' : `"${choice.text.map((piece) => piece.json).join('')}"`;
    const shown = choice.thought;
    const thought = shown === undefined ? '' : `,"reasoning_content":"${shown.map((piece) => piece.json).join('')}"`;
    const calls = called ? `,"tool_calls":[${choice.toolCalls.map(toolCallJson).join(',')}]` : '';
    return (
      `{"index":${choice.index},"message":{"role":"assistant","content":${content}${thought}${calls},"refusal":null,"annotations":[]}` +
      `,"logprobs":${logprobs.json(choice, choice.text)},"finish_reason":"${choice.finish}"}`
    );
  });
  const usageMember = usage === undefined ? '' : `,"usage":${usage}`;
  return `{${headJson(head, 'chat.completion')},"choices":[${list.join(',')}]${usageMember},${tailJson(head)}}`;
}

function toolCallJson(call: ToolCall): string {
  const text = call.pieces.map((piece) => piece.json).join('');
  return `{"id":"${call.id}","type":"function","function":{"name":"${call.name}","arguments":"${text}"}}`;
}

function chunkForm(head: Head, usage: StreamedUsage, logprobs: Logprobs): Omit<ChunkForm, 'usagePlace'> {
  const front = `data: {${headJson(head, 'chat.completion.chunk')},${tailJson(head)},"choices":[`;
  const own = usage.ownChunk;
  const chunk = (choice: Choice, delta: string, logprobsJson: string, finish: string, used: string) =>
    `${front}{"index":${choice.index},"delta":${delta},"logprobs":${logprobsJson},"finish_reason":${finish}}]${used}}\n\n`;
  return {
    opening: (choice) => {
      const content = choice.toolCalls.length > 0 ? 'null' : '""';
      const delta = `{"role":"assistant","content":${content},"refusal":null}`;
      return chunk(choice, delta, 'null', 'null', usage.ofChunk(0));
    },
    unit: (choice, unit) => {
      const probable = unit.kind === 'text' ? logprobs.json(choice, [unit.piece]) : 'null';
      // Thoughts count as used from the start, shown or not.
      const made = unit.kind === 'thought' ? 0 : unitTokens(unit);
      return chunk(choice, deltaJson(unit), probable, 'null', usage.ofChunk(made));
    },
    finish: (choice) => chunk(choice, '{}', 'null', `"${choice.finish}"`, usage.ofFinish()),
    ...(own === undefined ? {} : { usage: `${front}],"usage":${own}}\n\n` }),
  };
}

function deltaJson(unit: Unit): string {
  switch (unit.kind) {
    case 'thought':
      return `{"reasoning_content":"${unit.piece.json}"}`;
    case 'text':
      return `{"content":"${unit.piece.json}"}`;
    case 'tool-head':
      return `{"tool_calls":[{"index":${unit.position},"id":"${unit.call.id}","type":"function","function":{"name":"${unit.call.name}","arguments":""}}]}`;
    case 'tool-arguments':
      return `{"tool_calls":[{"index":${unit.position},"function":{"arguments":"${unit.piece.json}"}}]}`;
  }
}
