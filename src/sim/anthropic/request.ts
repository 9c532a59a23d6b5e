import type { JsonObject } from '../json-object.ts';
import type { SimChatModel } from '../models.ts';
import type { Seal } from '../seal.ts';
import type { ToolChoice } from '../tools.ts';
import { type Block, readBlocks } from './blocks.ts';
import { CacheMarkers, type CacheTtl } from './cache-control.ts';
import { type Message, readMessages } from './conversation.ts';
import { missing, wrong } from './errors.ts';
import { Fields } from './fields.ts';
import { readThinking, refuseThinkingConflicts, type Thinking } from './thinking.ts';
import { type RequestTools, readToolChoice, readTools } from './tool-fields.ts';

/** What counting tokens and answering have in common. */
export interface Prompt {
  readonly system: readonly Block[];
  readonly messages: readonly Message[];
  readonly tools: RequestTools;
  readonly thinking: Thinking;
  /** JSON Schema of the answer, where one is asked for. */
  readonly schema?: unknown;
  /** A marker on the whole request: it stands on the last block that can bear one. */
  readonly marker?: CacheTtl;
}

export interface MessagesRequest extends Prompt {
  readonly tokensMax: number;
  readonly stream: boolean;
  readonly toolChoice: ToolChoice;
  readonly parallelTools: boolean;
  readonly stops: readonly string[];
}

/** What is known of a request beside its body. */
export interface ReadingContext {
  readonly model: SimChatModel;
  readonly betas: readonly string[];
  readonly seal: Seal;
}

const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
/** Fields that are there only for who asks for a beta. What they do is not simulated. */
const BETA_FIELDS = [
  'billing_policy',
  'compaction',
  'context_management',
  'fallback_credit_token',
  'fallbacks',
  'mcp_servers',
  'output_format',
  'thread',
] as const;
/** Fields that are taken and change nothing here. */
const QUIET_FIELDS = ['model', 'speed', 'user_profile_id', 'workspace_id'] as const;

/** The body of `POST /v1/messages`. @throws AnthropicRefusal in Anthropic's words */
export function readMessagesRequest(body: JsonObject, context: ReadingContext): MessagesRequest {
  const fields = new Fields(body).mayHave('container', 'diagnostics', 'inference_geo');
  const tokensMax = readTokensMax(fields, context.model);
  const { prompt, choice } = readPrompt(fields, context);
  const stream = fields.boolean('stream') ?? false;
  const stops = readStops(fields);
  fields.oneOf('service_tier', ['auto', 'standard_only'] as const);
  readMetadata(fields);
  const sampling = {
    temperature: fields.decimal('temperature', 0, 1),
    topP: fields.decimal('top_p', 0, 1),
    topK: fields.integer('top_k', 0),
  };
  fields.end();
  refuseThinkingConflicts(prompt.thinking, tokensMax, { ...sampling, toolChoice: choice.toolChoice }, context.betas);
  return { ...prompt, ...choice, tokensMax, stream, stops };
}

/** The body of `POST /v1/messages/count_tokens`: what an answer would need has no place in it. */
export function readCountRequest(body: JsonObject, context: ReadingContext): Prompt {
  const fields = new Fields(body);
  const { prompt } = readPrompt(fields, context);
  fields.end();
  return prompt;
}

function readPrompt(
  fields: Fields,
  context: ReadingContext,
): { prompt: Prompt; choice: { toolChoice: ToolChoice; parallelTools: boolean } } {
  const beta = context.betas.length > 0;
  fields.mayHave(...QUIET_FIELDS, ...(beta ? BETA_FIELDS : []));
  const markers = new CacheMarkers(beta);
  const tools = readTools(fields, markers, beta);
  const system = readSystem(fields, markers);
  const thinking = readThinking(fields);
  const messages = readMessages(fields, { markers, seal: context.seal, thinking });
  const marker = markers.read(fields);
  markers.end();
  const schema = readOutput(fields);
  const prompt: Prompt = {
    system,
    messages,
    tools,
    thinking,
    ...(schema === undefined ? {} : { schema }),
    ...(marker === undefined ? {} : { marker }),
  };
  return { prompt, choice: readToolChoice(fields, tools) };
}

function readTokensMax(fields: Fields, model: SimChatModel): number {
  const tokensMax = fields.integer('max_tokens', 1);
  if (tokensMax === undefined) throw missing('max_tokens');
  const most = model.outputTokensMax;
  if (tokensMax > most) {
    throw wrong(
      'max_tokens',
      `${tokensMax} > ${most}, which is the maximum allowed number of output tokens for ${model.id}`,
    );
  }
  return tokensMax;
}

function readSystem(fields: Fields, markers: CacheMarkers): Block[] {
  const blocks = readBlocks(fields.raw('system') ?? '', 'system', ['text'], markers);
  if (blocks.some(({ text }) => text === '')) throw wrong('system', 'text content blocks must be non-empty');
  return blocks;
}

function readStops(fields: Fields): readonly string[] {
  const stops = fields.strings('stop_sequences') ?? [];
  stops.forEach((stop, index) => {
    if (stop.trim() === '') throw wrong(`stop_sequences.${index}`, 'each stop sequence must contain non-whitespace');
  });
  return stops;
}

function readMetadata(fields: Fields): void {
  const object = fields.object('metadata');
  if (object === undefined) return;
  const metadata = new Fields(object, 'metadata');
  const userId = metadata.string('user_id');
  if (userId !== undefined && userId.length > 512) {
    throw wrong('metadata.user_id', 'String should have at most 512 characters');
  }
  metadata.end();
}

/** @returns the schema that the answer is to fit */
function readOutput(fields: Fields): unknown {
  const object = fields.object('output_config');
  if (object === undefined) return undefined;
  const output = new Fields(object, 'output_config').mayHave('task_budget');
  output.oneOf('effort', EFFORTS);
  const formatObject = output.object('format');
  output.end();
  if (formatObject === undefined) return undefined;
  const format = new Fields(formatObject, 'output_config.format');
  format.tag(['json_schema'] as const);
  const schema = format.requiredObject('schema');
  format.end();
  return schema;
}
