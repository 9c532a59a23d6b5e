import { isJson, type Json, objectOf, objectsOf, textOf } from '../json.ts';
import { type Ask, defined, LEFT_OUT, Members } from './ask.ts';

/** OpenRouter's name for the form of Anthropic's thoughts. */
const FORMAT = 'anthropic-claude-v1';

/** What a Chat Completions client would send who means what a recorded Messages request says. */
export function messagesToChat(recorded: Json): Ask {
  const members = new Members(recorded);
  const unsaid: string[] = [];
  const system = members.take('system');
  const messages = objectsOf(members.take('messages'));
  const tools = objectsOf(members.take('tools'));
  const own = tools.filter(({ type }) => type === undefined || type === 'custom');
  const search = tools.find(({ type }) => textOf(type)?.startsWith('web_search_'));
  if (own.length + (search === undefined ? 0 : 1) < tools.length) unsaid.push('tools');
  const thinking = objectOf(members.take('thinking'));
  const config = objectOf(members.take('output_config'));
  const schema = objectOf(config['format'])['schema'] ?? objectOf(members.take('output_format'))['schema'];
  const chosen = objectOf(members.take('tool_choice'));
  // What tools are chosen by is nothing without tools.
  if (own.length === 0) unsaid.push('tool_choice');
  const choice = own.length === 0 ? {} : chosen;
  const stream = members.take('stream');
  const request = defined({
    model: members.take('model'),
    messages: [...systemMessage(system), ...messages.flatMap(messageOf)],
    max_completion_tokens: members.take('max_tokens'),
    tools: own.length === 0 ? undefined : own.map(toolOf),
    web_search_options: search === undefined ? undefined : searchOptions(search),
    tool_choice: choiceOf(choice),
    parallel_tool_calls: choice['disable_parallel_tool_use'] === true ? false : undefined,
    temperature: members.take('temperature'),
    top_p: members.take('top_p'),
    top_k: members.take('top_k'),
    stop: members.take('stop_sequences'),
    response_format: isJson(schema)
      ? { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } }
      : undefined,
    ...thinkingOf(thinking, config['effort']),
    user: objectOf(members.take('metadata'))['user_id'],
    cache_control: members.take('cache_control'),
    stream,
    stream_options: stream === true ? { include_usage: true } : undefined,
  });
  return { request, unsaid: [...unsaid, ...members.left] };
}

/** A budget in OpenRouter's words, an effort in OpenAI's. */
function thinkingOf({ type, budget_tokens: budget }: Json, effort: unknown): Json {
  if (type === 'enabled') return { reasoning: { max_tokens: budget } };
  if (type === 'disabled') return { reasoning_effort: 'none' };
  if (effort !== undefined) return { reasoning_effort: effort };
  return type === 'adaptive' ? { reasoning: { enabled: true } } : {};
}

function searchOptions(tool: Json): Json {
  const { user_location: place } = tool;
  if (!isJson(place)) return {};
  const { type: _, ...approximate } = place;
  return { user_location: { type: 'approximate', approximate } };
}

function toolOf({ name, description, input_schema: parameters, strict, cache_control }: Json): Json {
  return defined({ type: 'function', function: defined({ name, description, parameters, strict }), cache_control });
}

function choiceOf({ type, name }: Json): unknown {
  if (type === 'tool') return { type: 'function', function: { name } };
  return { auto: 'auto', none: 'none', any: 'required' }[String(type)];
}

function systemMessage(system: unknown): Json[] {
  if (typeof system === 'string') return [{ role: 'system', content: system }];
  const parts = objectsOf(system);
  return parts.length === 0 ? [] : [{ role: 'system', content: parts.flatMap(partOf) }];
}

function messageOf({ role, content }: Json): Json[] {
  if (typeof content === 'string') return [{ role, content }];
  const blocks = objectsOf(content);
  if (role === 'assistant') return [assistantOf(blocks)];
  const results = blocks.filter(({ type }) => type === 'tool_result').map(resultOf);
  const parts = blocks.filter(({ type }) => type !== 'tool_result').flatMap(partOf);
  return [...results, ...(parts.length === 0 ? [] : [{ role, content: parts }])];
}

function assistantOf(blocks: readonly Json[]): Json {
  const calls = blocks.filter(({ type }) => type === 'tool_use');
  const thoughts = blocks.flatMap(detailOf);
  const texts = blocks.filter(({ type }) => type === 'text');
  return defined({
    role: 'assistant',
    content: texts.length > 0 ? texts.flatMap(partOf) : calls.length > 0 ? null : '',
    reasoning_details: thoughts.length === 0 ? undefined : thoughts,
    tool_calls:
      calls.length === 0
        ? undefined
        : calls.map(({ id, name, input }) => ({
            id,
            type: 'function',
            function: { name, arguments: JSON.stringify(input ?? {}) },
          })),
  });
}

function detailOf(block: Json, index: number): Json[] {
  if (block['type'] === 'thinking') {
    const { thinking: text, signature } = block;
    return [{ type: 'reasoning.text', text, signature, format: FORMAT, index }];
  }
  if (block['type'] === 'redacted_thinking') {
    return [{ type: 'reasoning.encrypted', data: block['data'], format: FORMAT, index }];
  }
  return [];
}

function resultOf({ tool_use_id, content, cache_control: marker }: Json): Json {
  const said = typeof content === 'string' ? content : objectsOf(content).flatMap(partOf);
  if (isJson(marker)) return { role: 'tool', tool_call_id: tool_use_id, content: marked(said, marker) };
  return { role: 'tool', tool_call_id: tool_use_id, content: said.length === 0 ? '' : said };
}

/** A message has no marker of its own in this dialect: its last part has. */
function marked(said: string | readonly Json[], marker: Json): Json[] {
  const parts = typeof said === 'string' ? [{ type: 'text', text: said }] : [...said];
  const last = parts.pop() ?? { type: 'text', text: '' };
  return [...parts, { ...last, cache_control: marker }];
}

function partOf(block: Json): Json[] {
  const marker = defined({ cache_control: block['cache_control'] });
  const source = objectOf(block['source']);
  const { media_type: mediaType, data } = source;
  const url = source['type'] === 'base64' ? `data:${String(mediaType)};base64,${String(data)}` : source['url'];
  if (block['type'] === 'text') return [{ type: 'text', text: block['text'], ...marker }];
  if (source['type'] === 'file' || source['type'] === 'content') return [{ type: 'text', text: LEFT_OUT }];
  if (block['type'] === 'document' && source['type'] === 'url') return [{ type: 'text', text: LEFT_OUT }];
  if (block['type'] === 'image') return [{ type: 'image_url', image_url: { url }, ...marker }];
  if (block['type'] === 'document') {
    const text = `data:text/plain;base64,${Buffer.from(String(data)).toString('base64')}`;
    const file = defined({ filename: block['title'], file_data: source['type'] === 'text' ? text : url });
    return [{ type: 'file', file, ...marker }];
  }
  return [];
}
