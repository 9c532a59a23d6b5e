import { isJson, type Json } from '../json.ts';
import { defined, LEFT_OUT } from './ask.ts';
import {
  type Choice,
  carried,
  type Intent,
  type Media,
  type Part,
  type Thought,
  type Tool,
  type Turn,
} from './intent.ts';

/** So many tokens are asked for where the recorded request has no bound: Messages wants one. */
export const BOUND_OF_OURS = 4_096;

/** By which names the bound goes elsewhere: it is ours, not the recorded one. */
const BOUNDS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'maxOutputTokens'];

const EFFORTS = /^(?:low|medium|high|xhigh|max)$/;

/** What a Messages client would send who wants that. */
export function messagesRequest({ turns, tools, wishes }: Intent): Json {
  const [first] = turns;
  const system = first?.role === 'system' ? first.parts.flatMap(blocksOf) : [];
  const format = wishes.takeIf('format', (value) => value !== 'json');
  const effort = wishes.takeIf('effort', (value) => EFFORTS.test(value));
  const budget = wishes.takeIf('budget', (value) => value >= 1_024);
  // What can be heard or moves is not said in this dialect.
  wishes.leave('audio', 'video');
  const user = wishes.take('user');
  const bound = wishes.take('maxTokens');
  if (bound === undefined) wishes.leave(...BOUNDS);
  const search = wishes.take('search');
  const given = [...tools.map(toolOf), ...(search === undefined ? [] : [searchTool(search.place)])];
  const schema = format === undefined || format === 'json' ? undefined : { type: 'json_schema', schema: format.schema };
  return defined({
    model: 'recorded-model',
    max_tokens: bound ?? (budget ?? 0) + BOUND_OF_OURS,
    system: system.length > 0 ? system : undefined,
    messages: turns.slice(first?.role === 'system' ? 1 : 0).map(messageOf),
    tools: given.length > 0 ? given : undefined,
    tool_choice: choiceOf(wishes.take('choice'), wishes.take('parallel')),
    // Messages ends at 1.
    temperature: wishes.takeIf('temperature', (value) => value <= 1),
    top_p: wishes.take('topP'),
    top_k: wishes.take('topK'),
    stop_sequences: wishes.take('stop'),
    output_config: schema === undefined && effort === undefined ? undefined : defined({ format: schema, effort }),
    thinking: thinkingOf(wishes.take('thinking'), budget, effort),
    metadata: user === undefined ? undefined : { user_id: user },
    cache_control: wishes.take('marker'),
    stream: wishes.take('stream'),
  });
}

function thinkingOf(thinking: 'free' | 'none' | undefined, budget: number | undefined, effort: unknown): unknown {
  if (thinking === 'none') return { type: 'disabled' };
  if (budget !== undefined) return { type: 'enabled', budget_tokens: budget };
  return thinking === 'free' || effort !== undefined ? { type: 'adaptive' } : undefined;
}

function searchTool(place: Json | undefined): Json {
  return defined({ type: 'web_search_20250305', name: 'web_search', user_location: place });
}

function toolOf({ name, description, schema, strict, marker }: Tool): Json {
  return defined({
    name,
    description: description ?? undefined,
    input_schema: schema,
    strict: strict || undefined,
    cache_control: marker ?? undefined,
  });
}

function choiceOf(choice: Choice | undefined, parallel: boolean | undefined): Json | undefined {
  const alone = parallel === false ? { disable_parallel_tool_use: true } : {};
  if (typeof choice === 'object') return { type: 'tool', name: choice.name, ...alone };
  if (choice === 'none') return { type: 'none' };
  if (choice !== undefined) return { type: choice === 'required' ? 'any' : 'auto', ...alone };
  return parallel === false ? { type: 'auto', ...alone } : undefined;
}

function messageOf({ role, parts }: Turn): Json {
  return { role, content: parts.flatMap(blocksOf) };
}

function blocksOf(part: Part): Json[] {
  switch (part.type) {
    case 'text':
      return [defined({ type: 'text', text: part.text, cache_control: part.marker ?? undefined })];
    case 'call': {
      const call = { type: 'tool_use', id: part.id, name: part.name, input: isJson(part.input) ? part.input : {} };
      const seal = part.seal === undefined ? [] : [signed('', carried('gemini', 'call', part.seal))];
      return [...seal, call];
    }
    case 'result': {
      const result = { type: 'tool_result', tool_use_id: part.callId, content: part.parts.flatMap(blocksOf) };
      return [isJson(part.marker) ? { ...result, cache_control: part.marker } : result];
    }
    case 'thought':
      return [thoughtOf(part)];
    case 'media':
      return [mediaOf(part)];
    default:
      return [{ type: 'text', text: LEFT_OUT }];
  }
}

function thoughtOf({ maker, text, what, seal }: Thought): Json {
  if (maker !== 'anthropic-messages') {
    return signed(text, what === 'none' ? 'leeward-unsigned' : carried(maker, what, seal));
  }
  return what === 'redacted' ? { type: 'redacted_thinking', data: seal } : signed(text, seal);
}

function signed(thinking: string, signature: string): Json {
  return { type: 'thinking', thinking, signature };
}

function mediaOf({ kind, url, data, mediaType, title, marker }: Media): Json {
  const plain = mediaType === 'text/plain' && kind === 'document';
  const text = { type: 'text', media_type: 'text/plain', data: Buffer.from(data ?? '', 'base64').toString('utf8') };
  const bytes = plain ? text : { type: 'base64', media_type: mediaType, data };
  const source = url === undefined ? bytes : { type: 'url', url };
  if (kind === 'audio' || kind === 'video') return { type: 'text', text: LEFT_OUT };
  return defined({ type: kind, source, title: kind === 'document' ? title : undefined, cache_control: marker });
}
