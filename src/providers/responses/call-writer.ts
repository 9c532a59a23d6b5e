import type { ChatCall, ResponseFormat } from '../../protocol/chat/call.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import type { CacheMarker } from '../../protocol/chat/content.ts';
import { settingPlace } from '../../protocol/chat/places.ts';
import { writeCacheMarker } from '../openai/cache-marker.ts';
import { endUserJson } from '../openai/end-user.ts';
import { refusesSampling } from '../openai/model-habits.ts';
import type { WireObject } from '../openai/wire.ts';
import { type CallWriting, callWriting, loseSetting, unsayable } from './call-losses.ts';
import { inputJson } from './message-writer.ts';
import { askedEffort, reasoningWishJson, sealsThoughts } from './reasoning-wish.ts';
import { isStrictSchema, keepsToSchemas } from './strict-schema.ts';
import { toolsJson } from './tool-writer.ts';
import { ownFields, withRest } from './wire.ts';

/** The API's own least ("Expected a value >= 16"). */
const OUTPUT_TOKENS_MIN = 16;

/**
 * A call as a provider of the Responses API reads it. It keeps nothing of it
 * unless the client asked for that itself; thoughts come sealed instead, so
 * that they can go back.
 *
 * @throws `unsupported_parameter` for content that has no word here
 */
export function writeCall(call: ChatCall, traits: TargetTraits, losses: Loss[]): Record<string, unknown> {
  const writing = callWriting(call, traits, losses);
  if (call.outputs?.some((output) => output !== 'text')) {
    throw unsayable(settingPlace(call, 'outputs'), 'it answers in text');
  }
  const { instructions, input } = inputJson(writing);
  const fields: Record<string, unknown> = {
    model: traits.model,
    ...set('instructions', instructions),
    input: markedInput(input, writing),
    ...(call.stream ? { stream: true } : {}),
    ...toolsJson(writing),
    ...set('max_output_tokens', outputTokensMax(writing)),
    ...samplingJson(writing),
    ...textJson(call),
    ...reasoningWishJson(writing),
    ...endUserJson(call, traits.endUserField),
    ...handlingJson(call),
  };
  const include = includeJson(writing);
  if (include.length > 0) fields['include'] = include;
  return withRest(fields, call.rest);
}

function outputTokensMax(writing: CallWriting): number | undefined {
  const { outputTokensMax: most } = writing.call;
  if (most === undefined || most >= OUTPUT_TOKENS_MIN) return most;
  loseSetting(writing, 'outputTokensMax', `at least ${OUTPUT_TOKENS_MIN} here, so ${OUTPUT_TOKENS_MIN} is sent`);
  return OUTPUT_TOKENS_MIN;
}

const FIXED = 'this model takes no such setting';

/** Such models refuse the setting itself, even with the value that changes nothing. */
function samplingJson(writing: CallWriting): WireObject {
  const { temperature, topP, logprobs } = writing.call.sampling;
  const fixed = isFixed(writing);
  if (fixed && temperature !== undefined && temperature !== 1) loseSetting(writing, 'temperature', FIXED);
  if (fixed && topP !== undefined && topP !== 1) loseSetting(writing, 'topP', FIXED);
  if (fixed && logprobs !== undefined) loseSetting(writing, 'logprobs', FIXED);
  if (fixed) return {};
  return {
    ...set('temperature', temperature),
    ...set('top_p', topP),
    ...set('top_logprobs', logprobs === 0 ? undefined : logprobs),
  };
}

function isFixed(writing: CallWriting): boolean {
  if (writing.traits.thinks === false) return false;
  return refusesSampling(writing.traits.model, askedEffort(writing));
}

function textJson({ responseFormat, verbosity, client }: ChatCall): WireObject {
  const text = {
    ...(responseFormat === undefined ? {} : { format: formatJson(responseFormat, keepsToSchemas(client)) }),
    ...set('verbosity', verbosity),
  };
  return Object.keys(text).length === 0 ? {} : { text };
}

function formatJson(format: ResponseFormat, keeps: boolean): WireObject {
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json') return { type: 'json_object' };
  const { name = 'response', description, schema } = format;
  const strict = format.strict ?? (keeps && isStrictSchema(schema) ? true : undefined);
  return { type: 'json_schema', name, schema, ...set('description', description), ...set('strict', strict) };
}

/** Names of a tier differ; what only Anthropic's clients say has its word here. */
const TIERS: Readonly<Record<string, string>> = { standard_only: 'default', standard: 'default' };

function handlingJson({ serviceTier, metadata, conversation, cacheKey }: ChatCall): WireObject {
  return {
    ...set('service_tier', serviceTier === undefined ? undefined : (TIERS[serviceTier] ?? serviceTier)),
    ...set('metadata', metadata),
    store: conversation?.store ?? false,
    ...set('previous_response_id', conversation?.previousId),
    ...set('conversation', conversation?.id),
    ...set('prompt_cache_key', cacheKey),
  };
}

const SEALED = 'reasoning.encrypted_content';
const LOGPROBS = 'message.output_text.logprobs';

/** What an answer is to tell beside what it always tells. */
function includeJson(writing: CallWriting): readonly unknown[] {
  const { call } = writing;
  const { include } = ownFields(call.rest);
  const asked = new Set<unknown>(Array.isArray(include) ? include : []);
  if (call.sampling.logprobs !== undefined && !isFixed(writing)) asked.add(LOGPROBS);
  if (call.conversation?.store !== true && sealsThoughts(writing)) asked.add(SEALED);
  return [...asked];
}

function set(name: string, value: unknown): WireObject {
  return value === undefined ? {} : { [name]: value };
}

/** A marker of the whole request stands on the last part that can carry it. */
function markedInput(input: readonly WireObject[], writing: CallWriting): readonly WireObject[] {
  const { cache } = writing.call;
  if (cache === undefined) return input;
  if (writing.traits.cacheMarkers === 'prompt_cache_breakpoint') {
    const at = input.findLastIndex(({ type, role }) => type === 'message' && role !== 'assistant');
    const marked = markedMessage(input[at], cache);
    if (marked !== undefined) return input.with(at, marked);
  }
  writing.lose('cache_control', 'this provider knows no cache markers');
  return input;
}

function markedMessage(message: WireObject | undefined, cache: CacheMarker): WireObject | undefined {
  const content = message?.['content'];
  const parts = typeof content === 'string' && content !== '' ? [{ type: 'input_text', text: content }] : content;
  if (!Array.isArray(parts) || parts.length === 0) return undefined;
  const last: Record<string, unknown> = { ...parts.at(-1) };
  writeCacheMarker(last, cache, 'prompt_cache_breakpoint');
  return { ...message, content: parts.with(-1, last) };
}
