import type { Draft } from '../../kernel/draft.ts';
import type { ChatCall, Conversation, ResponseFormat, Sampling } from '../../protocol/chat/call.ts';
import { CACHE_MARKER_NAMES, readCacheMarker } from '../../providers/openai/cache-marker.ts';
import { readContent } from '../../providers/openai/content-parts.ts';
import { isObject, restOf, type WireObject } from '../../providers/openai/wire.ts';
import { count, flag, list, misfit, numeric, object, oneOf, text } from '../openai-fields.ts';
import { invalidField } from '../request-object.ts';
import { readMessages } from './message-reader.ts';
import { readReasoningWish } from './reasoning-reader.ts';
import { readTools } from './tool-reader.ts';

const KNOWN = new Set([
  'model',
  'messages',
  'stream',
  'tools',
  'tool_choice',
  'functions',
  'function_call',
  'web_search_options',
  'parallel_tool_calls',
  'response_format',
  'temperature',
  'top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'stop',
  'n',
  'max_completion_tokens',
  'max_tokens',
  'reasoning_effort',
  'reasoning',
  'verbosity',
  'prompt_cache_key',
  'service_tier',
  'metadata',
  'user',
  'safety_identifier',
  'modalities',
  'audio',
  'prediction',
  'store',
]);

/**
 * Reads a Chat Completions request for a provider of another dialect.
 *
 * @throws `invalid_request` naming the field, for what OpenAI would refuse too
 */
export function readCall(fields: WireObject): ChatCall {
  const call: Draft<ChatCall> = {
    model: text(fields, 'model') ?? '',
    stream: flag(fields, 'stream') ?? false,
    messages: readMessages(fields['messages']),
    sampling: readSampling(fields),
  };
  readTools(fields, call);
  putFormat(call, fields);
  put(call, 'outputTokensMax', count(fields, 'max_completion_tokens') ?? count(fields, 'max_tokens'));
  put(call, 'reasoning', readReasoningWish(fields));
  put(call, 'verbosity', oneOf(fields, 'verbosity', ['low', 'medium', 'high']));
  put(call, 'cache', readCacheMarker(fields));
  put(call, 'cacheKey', text(fields, 'prompt_cache_key'));
  put(call, 'serviceTier', text(fields, 'service_tier'));
  put(call, 'metadata', readMetadata(fields));
  put(call, 'endUser', text(fields, 'user'));
  put(call, 'safetyIdentifier', text(fields, 'safety_identifier'));
  put(call, 'outputs', readOutputs(fields));
  put(call, 'voice', object(fields, 'audio'));
  put(call, 'prediction', readPrediction(fields));
  put(call, 'conversation', readConversation(fields));
  put(call, 'rest', readRest(fields, call.cache !== undefined));
  return call;
}

function put<Field extends keyof ChatCall>(call: Draft<ChatCall>, field: Field, value: ChatCall[Field] | undefined) {
  if (value !== undefined) call[field] = value as Draft<ChatCall>[Field];
}

function readSampling(fields: WireObject): Sampling {
  const sampling: Draft<Sampling> = {};
  const putNumber = (field: NumberField, value: number | undefined) => {
    if (value !== undefined) sampling[field] = value;
  };
  putNumber('temperature', numeric(fields, 'temperature', 0, 2));
  putNumber('topP', numeric(fields, 'top_p', 0, 1));
  putNumber('topK', count(fields, 'top_k'));
  putNumber('frequencyPenalty', numeric(fields, 'frequency_penalty', -2, 2));
  putNumber('presencePenalty', numeric(fields, 'presence_penalty', -2, 2));
  putNumber('seed', numeric(fields, 'seed'));
  putNumber('choices', count(fields, 'n'));
  const bias = object(fields, 'logit_bias');
  if (bias !== undefined) sampling.logitBias = bias as Readonly<Record<string, number>>;
  if (flag(fields, 'logprobs') === true) sampling.logprobs = count(fields, 'top_logprobs') ?? 0;
  const stop = readStop(fields['stop']);
  if (stop !== undefined) sampling.stop = stop;
  return sampling;
}

type NumberField = 'temperature' | 'topP' | 'topK' | 'frequencyPenalty' | 'presencePenalty' | 'seed' | 'choices';

function readStop(stop: unknown): readonly string[] | undefined {
  if (stop === undefined || stop === null) return undefined;
  if (typeof stop === 'string') return [stop];
  if (Array.isArray(stop) && stop.every((one) => typeof one === 'string')) return stop;
  throw misfit('stop', 'a string or an array of strings');
}

function putFormat(call: Draft<ChatCall>, fields: WireObject): void {
  const format = object(fields, 'response_format');
  if (format !== undefined) call.responseFormat = readFormat(format);
}

function readFormat(format: WireObject): ResponseFormat {
  const { type, json_schema: described } = format;
  if (type === 'text') return { type };
  if (type === 'json_object') return { type: 'json' };
  if (type !== 'json_schema') throw misfit('response_format.type', "'text', 'json_object' or 'json_schema'");
  if (!isObject(described)) throw misfit('response_format.json_schema', 'an object');
  const { name, description, schema, strict } = described;
  return {
    type: 'json-schema',
    schema,
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof strict === 'boolean' ? { strict } : {}),
  };
}

function readMetadata(fields: WireObject): ChatCall['metadata'] {
  const metadata = object(fields, 'metadata');
  if (metadata === undefined) return undefined;
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw misfit(`metadata.${name.slice(0, 64)}`, 'a string');
  }
  return metadata as Readonly<Record<string, string>>;
}

function readOutputs(fields: WireObject): ChatCall['outputs'] {
  return list(fields, 'modalities')?.map((output, at) => {
    if (output !== 'text' && output !== 'audio' && output !== 'image') {
      throw invalidField(
        `modalities[${at}]`,
        `Invalid value for 'modalities[${at}]': give 'text', 'audio' or 'image'.`,
      );
    }
    return output;
  });
}

function readPrediction(fields: WireObject): ChatCall['prediction'] {
  const prediction = object(fields, 'prediction');
  return prediction === undefined ? undefined : readContent(prediction['content'], 'prediction.content', misfit);
}

function readConversation(fields: WireObject): Conversation | undefined {
  const store = flag(fields, 'store');
  return store === undefined ? undefined : { store };
}

/** Whether the client wants its usage is for the gateway; what else it says of its stream stays. */
function readRest(fields: WireObject, marked: boolean): ChatCall['rest'] {
  const rest = restOf(fields, KNOWN);
  if (rest === undefined) return undefined;
  const more: Record<string, unknown> = { ...rest.fields };
  if (marked) for (const name of CACHE_MARKER_NAMES) delete more[name];
  if (isObject(more['stream_options'])) {
    const { include_usage: _, ...options } = more['stream_options'];
    if (Object.keys(options).length === 0) delete more['stream_options'];
    else more['stream_options'] = options;
  }
  return restOf(more, NOTHING);
}

const NOTHING: ReadonlySet<string> = new Set();
