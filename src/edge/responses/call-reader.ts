import type { Draft } from '../../kernel/draft.ts';
import type {
  ChatCall,
  Conversation,
  ReasoningEffort,
  ReasoningWish,
  ResponseFormat,
  Sampling,
} from '../../protocol/chat/call.ts';
import { isObject, someText, type WireObject } from '../../providers/openai/wire.ts';
import { RESPONSES, restOf } from '../../providers/responses/wire.ts';
import { count, flag, list, misfit, numeric, object, oneOf, text } from '../openai-fields.ts';
import { invalidField } from '../request-object.ts';
import { missing, readMessages } from './input-reader.ts';
import { readTools } from './tool-reader.ts';

const KNOWN = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'temperature',
  'top_p',
  'top_logprobs',
  'include',
  'max_output_tokens',
  'reasoning',
  'prompt_cache_key',
  'service_tier',
  'metadata',
  'user',
  'safety_identifier',
  'store',
  'previous_response_id',
  'conversation',
]);

/**
 * Reads a request of the Responses API for a provider of another dialect.
 *
 * @throws `invalid_request` naming the field, for what OpenAI would refuse too
 */
export function readCall(fields: WireObject): ChatCall {
  const model = text(fields, 'model');
  if (model === undefined) throw missing('model');
  if (isAbsent(fields, 'input', 'previous_response_id', 'prompt', 'conversation')) {
    throw invalidField('input', "Missing required parameter: 'input'. Give it, or name a 'previous_response_id'.");
  }
  const call: Draft<ChatCall> = {
    model,
    stream: flag(fields, 'stream') ?? false,
    messages: readMessages(fields),
    sampling: readSampling(fields),
  };
  readTools(fields, call);
  readText(fields, call);
  put(call, 'outputTokensMax', count(fields, 'max_output_tokens'));
  put(call, 'reasoning', readReasoning(fields));
  put(call, 'cacheKey', text(fields, 'prompt_cache_key'));
  put(call, 'serviceTier', text(fields, 'service_tier'));
  put(call, 'metadata', readMetadata(fields));
  put(call, 'endUser', text(fields, 'user'));
  put(call, 'safetyIdentifier', text(fields, 'safety_identifier'));
  put(call, 'conversation', readConversation(fields));
  put(call, 'rest', readRest(fields));
  return call;
}

function isAbsent(fields: WireObject, ...names: string[]): boolean {
  return names.every((name) => fields[name] === undefined || fields[name] === null);
}

function put<Field extends keyof ChatCall>(call: Draft<ChatCall>, field: Field, value: ChatCall[Field] | undefined) {
  if (value !== undefined) call[field] = value as Draft<ChatCall>[Field];
}

/** Of `include`: the one entry that asks for something of the centre's. */
const LOGPROBS = 'message.output_text.logprobs';

function readSampling(fields: WireObject): Sampling {
  const sampling: Draft<Sampling> = {};
  const temperature = numeric(fields, 'temperature', 0, 2);
  if (temperature !== undefined) sampling.temperature = temperature;
  const topP = numeric(fields, 'top_p', 0, 1);
  if (topP !== undefined) sampling.topP = topP;
  const alternatives = count(fields, 'top_logprobs');
  const included = list(fields, 'include')?.includes(LOGPROBS) === true;
  if (included || (alternatives ?? 0) > 0) sampling.logprobs = alternatives ?? 0;
  return sampling;
}

const TEXT = new Set(['format', 'verbosity']);

/** `text`: its format, and how much is to be said. */
function readText(fields: WireObject, call: Draft<ChatCall>): void {
  const given = object(fields, 'text');
  if (given === undefined) return;
  const { format } = given;
  if (format !== undefined && format !== null) call.responseFormat = readFormat(format);
  put(call, 'verbosity', wordIn(given, 'text.verbosity', ['low', 'medium', 'high']));
}

function readFormat(format: unknown): ResponseFormat {
  if (!isObject(format)) throw misfit('text.format', 'an object');
  const { type, name, schema, description, strict } = format;
  if (type === 'text') return { type };
  if (type === 'json_object') return { type: 'json' };
  if (type !== 'json_schema') throw misfit('text.format.type', "'text', 'json_object' or 'json_schema'");
  if (someText(name) === undefined) throw missing('text.format.name');
  if (schema === undefined) throw missing('text.format.schema');
  return {
    type: 'json-schema',
    schema,
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof strict === 'boolean' ? { strict } : {}),
  };
}

const EFFORTS: readonly ReasoningEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
const SUMMARIES = ['auto', 'concise', 'detailed'] as const;

/** How much the model is to think. How long a summary is to be is for OpenAI's own models. */
function readReasoning(fields: WireObject): ReasoningWish | undefined {
  const given = object(fields, 'reasoning');
  if (given === undefined) return undefined;
  const wish: Draft<ReasoningWish> = {};
  const effort = wordIn(given, 'reasoning.effort', EFFORTS);
  if (effort !== undefined) wish.effort = effort;
  const summary = wordIn(given, 'reasoning.summary', SUMMARIES);
  const older = wordIn(given, 'reasoning.generate_summary', SUMMARIES);
  if ((summary ?? older) !== undefined) wish.show = 'summary';
  const plain = new Set(['effort', ...(summary === 'auto' ? ['summary'] : [])]);
  const rest = restOf(given, plain);
  if (rest !== undefined) wish.rest = rest;
  return Object.keys(wish).length === 0 ? undefined : wish;
}

/** One of some words, in an object within the request. @param place the field's whole name */
function wordIn<Word extends string>(given: WireObject, place: string, words: readonly Word[]): Word | undefined {
  return oneOf({ [place]: given[place.slice(place.lastIndexOf('.') + 1)] }, place, words);
}

function readMetadata(fields: WireObject): ChatCall['metadata'] {
  const metadata = object(fields, 'metadata');
  if (metadata === undefined) return undefined;
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw misfit(`metadata.${name.slice(0, 64)}`, 'a string');
  }
  return metadata as Readonly<Record<string, string>>;
}

function readConversation(fields: WireObject): Conversation | undefined {
  const conversation: Draft<Conversation> = {};
  const previousId = text(fields, 'previous_response_id');
  if (previousId !== undefined) conversation.previousId = previousId;
  const { conversation: given } = fields;
  const id = isObject(given) ? given['id'] : (given ?? undefined);
  if (typeof id === 'string') conversation.id = id;
  else if (id !== undefined) throw misfit('conversation', 'an id or an object with one');
  const store = flag(fields, 'store');
  if (store !== undefined) conversation.store = store;
  return Object.keys(conversation).length === 0 ? undefined : conversation;
}

/** What is this dialect's alone, with what remains of `include` and `text`. */
function readRest(fields: WireObject): ChatCall['rest'] {
  const rest = { ...restOf(fields, KNOWN)?.fields };
  const included = list(fields, 'include')?.filter((entry) => entry !== LOGPROBS) ?? [];
  if (included.length > 0) rest['include'] = included;
  const given = object(fields, 'text');
  const more = given === undefined ? undefined : restOf(given, TEXT);
  if (more !== undefined) rest['text'] = more.fields;
  return Object.keys(rest).length === 0 ? undefined : { dialect: RESPONSES, fields: rest };
}
