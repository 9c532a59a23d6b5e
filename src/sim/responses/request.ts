import type { JsonObject } from '../json-object.ts';
import type { SimChatModel } from '../models.ts';
import { missing } from '../openai/fields.ts';
import type { Seal } from '../seal.ts';
import { type Conversation, type KnownItems, readConversation } from './conversation.ts';
import { refusal, StrictFields } from './fields.ts';
import { type Format, readFormat } from './format.ts';
import { type Reasoning, readReasoning, refuseSampling } from './reasoning.ts';
import { type Choice, type RequestTools, readToolChoice, readTools } from './tool-fields.ts';

/** What counting tokens, folding a conversation and answering have in common. */
export interface Prompt {
  readonly instructions: string | undefined;
  readonly previousId: string | undefined;
  readonly conversation: Conversation;
  readonly tools: RequestTools;
  readonly choice: Choice;
  readonly parallelTools: boolean;
  readonly format: Format;
  readonly verbosity: string;
  readonly reasoning: Reasoning;
}

export interface ResponsesRequest extends Prompt {
  readonly stream: boolean;
  readonly obfuscates: boolean;
  readonly store: boolean;
  readonly background: boolean;
  readonly tokensMax: number | undefined;
  readonly include: readonly string[];
  /** How many alternatives to name for each token; absent: no logprobs at all. */
  readonly topLogprobs: number | undefined;
  readonly serviceTier: string;
  /** Fields that an answer repeats as they came. */
  readonly body: JsonObject;
}

export interface ReadingContext {
  readonly model: SimChatModel;
  readonly seal: Seal;
  readonly known: KnownItems;
}

const INCLUDES = [
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
] as const;
const TIERS = ['auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast'] as const;
const TOKENS_MIN = 16;
/** Fields that are taken and change nothing here. */
const QUIET_FIELDS = ['model', 'user', 'safety_identifier', 'prompt_cache_key', 'prompt_cache_options'] as const;
const QUIET_ANSWER_FIELDS = ['access_programs', 'context_management', 'moderation', 'image'] as const;

/** The body of `POST /v1/responses`. @throws OpenAiRefusal in OpenAI's words */
export function readResponsesRequest(body: JsonObject, context: ReadingContext): ResponsesRequest {
  const fields = new StrictFields(body).mayHave(...QUIET_ANSWER_FIELDS);
  const prompt = readPrompt(fields, context);
  const stream = fields.boolean('stream') ?? false;
  const background = fields.boolean('background') ?? false;
  const store = fields.boolean('store') ?? true;
  if (background && !store) throw refusal("Background mode requires 'store' to be true.", 'background');
  const include = readInclude(fields);
  const request: ResponsesRequest = {
    ...prompt,
    stream,
    obfuscates: readObfuscates(fields, stream),
    store,
    background,
    include,
    tokensMax: readTokensMax(fields, context.model),
    topLogprobs: readLogprobs(fields, include, context.model),
    serviceTier: fields.oneOf('service_tier', TIERS) ?? 'auto',
    body,
  };
  fields.integer('max_tool_calls', { min: 1 });
  readMetadata(fields);
  refuseSampling(fields, prompt.reasoning, context.model);
  fields.end();
  return request;
}

/** The body of `POST /v1/responses/input_tokens`. */
export function readCountRequest(body: JsonObject, context: ReadingContext): Prompt {
  const fields = new StrictFields(body).mayHave('personality');
  const prompt = readPrompt(fields, context);
  fields.end();
  return prompt;
}

/** The body of `POST /v1/responses/compact`. */
export function readCompactRequest(body: JsonObject, context: ReadingContext): Prompt {
  const fields = new StrictFields(body).mayHave('image', 'service_tier');
  const prompt = readPrompt(fields, context);
  fields.end();
  return prompt;
}

function readPrompt(fields: StrictFields, { model, seal, known }: ReadingContext): Prompt {
  fields.mayHave(...QUIET_FIELDS);
  fields.oneOf('prompt_cache_retention', ['in_memory', 'in-memory', '24h'] as const);
  fields.oneOf('truncation', ['auto', 'disabled'] as const);
  refuseElsewhere(fields);
  const previousId = fields.string('previous_response_id');
  const conversation = readConversation(fields, { seal, known, previousId });
  const tools = readTools(fields);
  return {
    instructions: fields.string('instructions'),
    previousId,
    conversation,
    tools,
    choice: readToolChoice(fields, tools),
    parallelTools: fields.boolean('parallel_tool_calls') ?? true,
    ...readFormat(fields, conversation.items),
    reasoning: readReasoning(fields, model),
  };
}

/** Prompts and conversations that are kept are kept somewhere else. */
function refuseElsewhere(fields: StrictFields): void {
  const prompt = fields.object('prompt');
  if (prompt !== undefined) {
    throw refusal(`Prompt with id '${String(prompt['id'])}' not found.`, 'prompt', 'prompt_not_found');
  }
  const given = fields.raw('conversation');
  if (given === undefined) return;
  const id = typeof given === 'string' ? given : String(fields.object('conversation')?.['id']);
  throw refusal(`Conversation with id '${id.slice(0, 100)}' not found.`, 'conversation', 'conversation_not_found');
}

function readInclude(fields: StrictFields): readonly string[] {
  const include = fields.strings('include') ?? [];
  include.forEach((name, index) => {
    if (INCLUDES.some((known) => known === name)) return;
    const list = INCLUDES.map((known) => `'${known}'`);
    const all = `${list.slice(0, -1).join(', ')}, and ${list.at(-1)}`;
    const param = `include[${index}]`;
    throw refusal(`Invalid value: '${name.slice(0, 100)}'. Supported values are: ${all}.`, param, 'invalid_value');
  });
  return include;
}

function readObfuscates(fields: StrictFields, stream: boolean): boolean {
  const object = fields.object('stream_options');
  if (object === undefined) return true;
  if (!stream) {
    throw refusal("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
  }
  const options = new StrictFields(object, 'stream_options');
  const obfuscates = options.boolean('include_obfuscation') ?? true;
  options.end();
  return obfuscates;
}

function readTokensMax(fields: StrictFields, model: SimChatModel): number | undefined {
  const tokensMax = fields.integer('max_output_tokens', { min: TOKENS_MIN });
  if (tokensMax === undefined || tokensMax <= model.outputTokensMax) return tokensMax;
  const message = `Invalid 'max_output_tokens': integer above maximum value. Expected a value <= ${model.outputTokensMax}, but got ${tokensMax} instead.`;
  throw refusal(message, 'max_output_tokens', 'integer_above_max_value');
}

function readLogprobs(fields: StrictFields, include: readonly string[], model: SimChatModel): number | undefined {
  const top = fields.integer('top_logprobs', { min: 0, max: 20 });
  const wanted = include.includes('message.output_text.logprobs');
  if (!wanted) return undefined;
  if (model.reasoningTokens === undefined) return top ?? 0;
  throw refusal('logprobs are not supported with reasoning models.', 'include');
}

const METADATA_MAX = { pairs: 16, keyChars: 64, valueChars: 512 };

function readMetadata(fields: StrictFields): void {
  const metadata = Object.entries(fields.object('metadata') ?? {});
  if (metadata.length > METADATA_MAX.pairs) {
    const message = `Invalid 'metadata': too many properties. Expected an object with at most ${METADATA_MAX.pairs} properties, but got an object with ${metadata.length} properties instead.`;
    throw refusal(message, 'metadata', 'object_above_max_properties');
  }
  for (const [name, value] of metadata) {
    const param = `metadata.${name.slice(0, METADATA_MAX.keyChars)}`;
    if (typeof value !== 'string') throw missingText(param, value);
    const chars = name.length > METADATA_MAX.keyChars ? METADATA_MAX.keyChars : METADATA_MAX.valueChars;
    if (name.length <= METADATA_MAX.keyChars && value.length <= METADATA_MAX.valueChars) continue;
    const message = `Invalid '${param}': string too long. Expected a string with maximum length ${chars}.`;
    throw refusal(message, param, 'string_above_max_length');
  }
}

function missingText(param: string, value: unknown): Error {
  if (value === undefined) return missing(param);
  const got = value === null ? 'null' : `a ${typeof value} instead`;
  return refusal(`Invalid type for '${param}': expected a string, but got ${got}.`, param, 'invalid_type');
}
