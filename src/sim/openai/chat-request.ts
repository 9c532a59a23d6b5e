import { isObject, type JsonObject } from '../json-object.ts';
import type { SimChatModel } from '../models.ts';
import type { FunctionTool, ToolChoice } from '../tools.ts';
import { OpenAiRefusal } from './errors.ts';
import { Fields, missing, wrongType, wrongValue } from './fields.ts';
import { readSampling, type Sampling } from './sampling.ts';

export interface ChatMessage {
  readonly role: string;
  readonly name?: string;
  /** The text of the content, parts joined. */
  readonly text: string;
  /** Parts that are not text: pictures, sounds, files. */
  readonly otherParts: number;
  readonly toolCalls: readonly JsonObject[];
}

export type ResponseFormat =
  | { readonly kind: 'text' }
  | { readonly kind: 'json-object' }
  | { readonly kind: 'json-schema'; readonly schema: unknown };

export interface ChatRequest extends Sampling {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly FunctionTool[];
  readonly toolChoice: ToolChoice;
  readonly parallelTools: boolean;
  readonly format: ResponseFormat;
  /** Absent: the model thinks as it usually does and shows nothing of it. */
  readonly reasoningEffort?: (typeof EFFORTS)[number];
  /** How many alternatives to name for each token; absent: no logprobs at all. */
  readonly topLogprobs?: number;
}

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const;
const ROLES = ['system', 'assistant', 'user', 'function', 'tool', 'developer'] as const;
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** @throws OpenAiRefusal that names the wrong field as OpenAI does */
export function readChatRequest(body: JsonObject, model: SimChatModel): ChatRequest {
  const fields = new Fields(body);
  const messages = readMessages(fields);
  const tools = readTools(fields);
  const topLogprobs = readTopLogprobs(fields);
  const reasoningEffort = fields.oneOf('reasoning_effort', EFFORTS);
  return {
    ...readSampling(fields, model),
    messages,
    tools,
    toolChoice: readToolChoice(fields, tools),
    parallelTools: fields.boolean('parallel_tool_calls') ?? true,
    format: readFormat(fields, messages),
    ...(reasoningEffort === undefined ? {} : { reasoningEffort }),
    ...(topLogprobs === undefined ? {} : { topLogprobs }),
  };
}

function readMessages(fields: Fields): ChatMessage[] {
  const objects = fields.objects('messages');
  if (objects === undefined) throw missing('messages');
  if (objects.length === 0) {
    const message =
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.";
    throw wrongValue('messages', message, 'empty_array');
  }
  const messages = objects.map(readMessage);
  messages.forEach((message, index) => {
    if (message.role !== 'tool') return;
    const asker = messages.slice(0, index).findLast((earlier) => earlier.role !== 'tool');
    if (asker?.role === 'assistant' && asker.toolCalls.length > 0) return;
    const text =
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
    throw new OpenAiRefusal(400, text, { param: `messages.[${index}].role` });
  });
  return messages;
}

function readMessage(object: JsonObject, index: number): ChatMessage {
  const fields = new Fields(object, `messages[${index}]`);
  const role = fields.oneOf('role', ROLES);
  if (role === undefined) throw missing(fields.path('role'));
  const toolCalls = fields.objects('tool_calls') ?? [];
  if (role === 'tool' && fields.string('tool_call_id') === undefined) throw missing(fields.path('tool_call_id'));
  const content = fields.raw('content');
  if (content === undefined && role !== 'assistant') {
    const param = `messages.[${index}].content`;
    if (!('content' in object)) throw missing(param);
    throw new OpenAiRefusal(400, "Invalid value for 'content': expected a string, got null.", { param });
  }
  const name = fields.string('name');
  return { role, toolCalls, ...readContent(content, fields.path('content')), ...(name === undefined ? {} : { name }) };
}

function readContent(content: unknown, param: string): { text: string; otherParts: number } {
  if (content === undefined) return { text: '', otherParts: 0 };
  if (typeof content === 'string') return { text: content, otherParts: 0 };
  if (!Array.isArray(content)) throw wrongType(param, 'one of a string or array of objects', content);
  const texts: string[] = [];
  content.forEach((part: unknown, index) => {
    const path = `${param}[${index}]`;
    if (!isObject(part)) throw wrongType(path, 'an object', part);
    const fields = new Fields(part, path);
    const type = fields.string('type');
    if (type === undefined) throw missing(fields.path('type'));
    if (type !== 'text' && type !== 'refusal') return;
    const text = fields.string(type);
    if (text === undefined) throw missing(fields.path(type));
    texts.push(text);
  });
  return { text: texts.join('\n'), otherParts: content.length - texts.length };
}

function readTools(fields: Fields): FunctionTool[] {
  const tools: FunctionTool[] = [];
  (fields.objects('tools') ?? []).forEach((object, index) => {
    const tool = new Fields(object, `tools[${index}]`);
    const type = tool.oneOf('type', ['function', 'custom'] as const);
    if (type === undefined) throw missing(tool.path('type'));
    if (type === 'custom') return;
    const definition = tool.object('function');
    if (definition === undefined) throw missing(tool.path('function'));
    const facts = new Fields(definition, tool.path('function'));
    const name = facts.string('name');
    if (name === undefined) throw missing(facts.path('name'));
    if (!TOOL_NAME.test(name)) {
      const message = `Invalid '${facts.path('name')}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`;
      throw wrongValue(facts.path('name'), message);
    }
    tools.push({ name, description: facts.string('description') ?? '', parameters: facts.object('parameters') });
  });
  return tools;
}

function readToolChoice(fields: Fields, tools: readonly FunctionTool[]): ToolChoice {
  const choice = fields.raw('tool_choice');
  if (choice === undefined) return tools.length > 0 ? 'auto' : 'none';
  if (fields.raw('tools') === undefined && choice !== 'none') {
    const message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.";
    throw new OpenAiRefusal(400, message, { param: 'tool_choice' });
  }
  if (typeof choice === 'string') return fields.oneOf('tool_choice', ['none', 'auto', 'required'] as const) ?? 'auto';
  if (!isObject(choice)) throw wrongType('tool_choice', 'one of a string or an object', choice);
  const named = new Fields(choice, 'tool_choice').object('function');
  if (named === undefined) throw missing('tool_choice.function');
  const name = new Fields(named, 'tool_choice.function').string('name');
  if (name === undefined) throw missing('tool_choice.function.name');
  if (!tools.some((tool) => tool.name === name)) {
    const message = `Invalid value for 'tool_choice': no function named '${name}' was specified in the 'tools' parameter.`;
    throw new OpenAiRefusal(400, message, { param: 'tool_choice' });
  }
  return { name };
}

function readFormat(fields: Fields, messages: readonly ChatMessage[]): ResponseFormat {
  const object = fields.object('response_format');
  if (object === undefined) return { kind: 'text' };
  const format = new Fields(object, 'response_format');
  const type = format.oneOf('type', ['json_object', 'json_schema', 'text'] as const);
  if (type === undefined) throw missing('response_format.type');
  if (type === 'text') return { kind: 'text' };
  if (type === 'json_object') {
    if (messages.some((message) => /json/i.test(message.text))) return { kind: 'json-object' };
    const message =
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
    throw new OpenAiRefusal(400, message, { param: 'messages' });
  }
  const described = format.object('json_schema');
  if (described === undefined) throw missing('response_format.json_schema');
  const facts = new Fields(described, 'response_format.json_schema');
  if (facts.string('name') === undefined) throw missing(facts.path('name'));
  return { kind: 'json-schema', schema: facts.object('schema') ?? {} };
}

function readTopLogprobs(fields: Fields): number | undefined {
  const wanted = fields.boolean('logprobs') ?? false;
  const top = fields.integer('top_logprobs', { min: 0, max: 20 });
  if (wanted) return top ?? 0;
  if (top !== undefined) {
    const message = "Invalid value for 'top_logprobs': 'logprobs' must be true when 'top_logprobs' is used.";
    throw new OpenAiRefusal(400, message, { param: 'top_logprobs' });
  }
  return undefined;
}
