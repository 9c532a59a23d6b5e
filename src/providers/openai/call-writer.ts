import type { ChatCall, ReasoningEffort, ReasoningWish, ResponseFormat, Sampling } from '../../protocol/chat/call.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import type { CacheMarker } from '../../protocol/chat/content.ts';
import type { SettingName } from '../../protocol/chat/places.ts';
import { writeCacheMarker } from './cache-marker.ts';
import { type CallWriting, callWriting, lose, loseSetting } from './call-losses.ts';
import { endUserJson } from './end-user.ts';
import { messagesJson } from './message-writer.ts';
import { refusesSampling, refusesStop } from './model-habits.ts';
import { contentJson } from './part-writer.ts';
import { reasoningWishJson } from './reasoning-wish.ts';
import { toolsJson } from './tool-writer.ts';
import { type WireObject, withRest } from './wire.ts';

/** OpenAI's own bound (openai 7.55.0, ChatCompletionCreateParams.stop); most of the family share it. */
const STOPS_MAX = 4;

/**
 * A call as a provider of the Chat Completions family reads it.
 *
 * @throws `unsupported_parameter` for content that has no word here
 */
export function writeCall(call: ChatCall, traits: TargetTraits, losses: Loss[]): Record<string, unknown> {
  const writing = callWriting(call, traits, losses);
  const fields: Record<string, unknown> = {
    model: traits.model,
    messages: messagesJson(call, writing),
    ...streamJson(call, traits),
    ...toolsJson(call, writing),
    ...(call.outputTokensMax === undefined ? {} : { [traits.maxTokensField]: call.outputTokensMax }),
    ...samplingJson(call, writing),
    ...formatJson(call.responseFormat),
    ...reasoningWishJson(call.reasoning, writing),
    ...endUserJson(call, traits.endUserField),
    ...handlingJson(call),
    ...outputsJson(call, writing),
  };
  markRequest(fields, call, writing);
  return withRest(fields, call.rest);
}

function streamJson({ stream }: ChatCall, { streamUsageOption }: TargetTraits): WireObject {
  if (!stream) return {};
  return { stream, ...(streamUsageOption ? { stream_options: { include_usage: true } } : {}) };
}

function samplingJson({ sampling, reasoning }: ChatCall, writing: CallWriting): WireObject {
  const { temperature, topP, frequencyPenalty, presencePenalty, seed, logitBias, logprobs, choices } = sampling;
  const { model } = writing.traits;
  const fixed = refusesSampling(model, askedEffort(reasoning));
  return {
    ...set('temperature', fixed ? untold(temperature, 'temperature', writing) : temperature),
    ...set('top_p', fixed ? untold(topP, 'topP', writing) : topP),
    ...set('frequency_penalty', frequencyPenalty),
    ...set('presence_penalty', presencePenalty),
    ...set('seed', seed),
    ...set('logit_bias', logitBias),
    ...(logprobs === undefined
      ? {}
      : { logprobs: true, ...set('top_logprobs', logprobs === 0 ? undefined : logprobs) }),
    ...set('stop', stopJson(sampling.stop, refusesStop(model), writing)),
    ...set('n', choices),
  };
}

/** Such models refuse the setting itself, even with the value that changes nothing. */
function untold(value: number | undefined, setting: SettingName, writing: CallWriting): undefined {
  if (value !== undefined && value !== 1) loseSetting(writing, setting, 'this model takes no such setting');
  return undefined;
}

/** Whether the model will think, as far as what it is sent says so. */
function askedEffort(wish: ReasoningWish | undefined): ReasoningEffort | undefined {
  if (wish === undefined || wish.mode === 'disabled') return undefined;
  return wish.effort ?? (wish.budgetTokens === undefined ? undefined : 'medium');
}

function stopJson(stop: Sampling['stop'], refused: boolean, writing: CallWriting): readonly string[] | undefined {
  if (stop === undefined) return undefined;
  if (refused && stop.length > 0) {
    loseSetting(writing, 'stop', 'this model takes no such setting');
    return undefined;
  }
  if (stop.length > STOPS_MAX) {
    loseSetting(writing, 'stop', `this dialect has at most ${STOPS_MAX}: the first ones are sent`);
  }
  return stop.slice(0, STOPS_MAX);
}

function formatJson(format: ResponseFormat | undefined): WireObject {
  switch (format?.type) {
    case undefined:
      return {};
    case 'text':
      return { response_format: { type: 'text' } };
    case 'json':
      return { response_format: { type: 'json_object' } };
    case 'json-schema': {
      const { name = 'response', description, schema, strict } = format;
      const described = {
        name,
        ...set('description', description),
        ...set('schema', schema),
        ...set('strict', strict),
      };
      return { response_format: { type: 'json_schema', json_schema: described } };
    }
  }
}

/** Names of a tier differ; what only Anthropic's clients say has its word here. */
const TIERS: Readonly<Record<string, string>> = { standard_only: 'default', standard: 'default' };

function handlingJson({ serviceTier, metadata, conversation, cacheKey, verbosity, client }: ChatCall): WireObject {
  return {
    ...set('service_tier', serviceTier === undefined ? undefined : (TIERS[serviceTier] ?? serviceTier)),
    // OpenAI takes metadata with what it stores alone, and Gemini's labels are for an account at Google.
    ...set('metadata', client === 'gemini' ? undefined : metadata),
    ...set('store', conversation?.store),
    ...set('prompt_cache_key', cacheKey),
    ...set('verbosity', verbosity),
  };
}

function outputsJson({ outputs, voice, prediction, client }: ChatCall, writing: CallWriting): WireObject {
  // Text is what everybody answers with, and many of the family know no such setting.
  const textAlone = client === 'gemini' && outputs?.every((output) => output === 'text') === true;
  const asked = textAlone ? undefined : outputs;
  const predicted =
    prediction === undefined
      ? undefined
      : { type: 'content', content: contentJson(prediction, (at) => `prediction.content[${at}]`, writing) };
  return { ...set('modalities', asked), ...set('audio', voice), ...set('prediction', predicted) };
}

function set(name: string, value: unknown): WireObject {
  return value === undefined ? {} : { [name]: value };
}

/** A marker of the whole request: OpenRouter knows it too, elsewhere it stands on the last part that can carry it. */
function markRequest(fields: Record<string, unknown>, { cache }: ChatCall, writing: CallWriting): void {
  if (cache === undefined) return;
  const form = writing.traits.cacheMarkers;
  if (form === undefined) lose(writing, 'cache_control', 'this provider knows no cache markers');
  else if (form === 'cache_control') writeCacheMarker(fields, cache, form);
  else fields['messages'] = markedLast(fields['messages'] as WireObject[], cache);
}

function markedLast(messages: readonly WireObject[], cache: CacheMarker): readonly WireObject[] {
  const at = messages.findLastIndex(({ content }) => content !== null && content !== '');
  const { content, ...message } = messages[at] ?? {};
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  if (!Array.isArray(parts)) return messages;
  const last: Record<string, unknown> = { ...parts.at(-1) };
  writeCacheMarker(last, cache, 'prompt_cache_breakpoint');
  return messages.with(at, { ...message, content: parts.with(-1, last) });
}
