import { isJson, type Json, objectOf } from '../json.ts';
import { defined, LEFT_OUT } from './ask.ts';
import {
  addressOf,
  type Choice,
  carried,
  type Intent,
  type Media,
  type Part,
  type Thought,
  type Tool,
  type Turn,
} from './intent.ts';

/** OpenRouter's names for the forms of thoughts. */
const FORMATS: Readonly<Record<string, string>> = {
  'anthropic-messages': 'anthropic-claude-v1',
  'openai-responses': 'openai-responses-v1',
  gemini: 'google-gemini-v1',
};

const EFFORTS = /^(?:none|minimal|low|medium|high|xhigh|max)$/;

/** What a Chat Completions client would send who wants that. */
export function chatRequest({ turns, tools, wishes }: Intent): Json {
  const stream = wishes.take('stream');
  // What moves is not said in this dialect.
  wishes.leave('video');
  const search = wishes.take('search');
  const budget = wishes.take('budget');
  const thinking = wishes.take('thinking');
  const effort = wishes.takeIf('effort', (value) => EFFORTS.test(value));
  const format = wishes.take('format');
  return defined({
    model: 'recorded-model',
    messages: turns.flatMap(messagesOf),
    max_completion_tokens: wishes.take('maxTokens'),
    tools: tools.length === 0 ? undefined : tools.map(toolOf),
    web_search_options: search === undefined ? undefined : searchOptions(objectOf(search.place)),
    tool_choice: choiceOf(wishes.take('choice')),
    parallel_tool_calls: wishes.take('parallel'),
    temperature: wishes.take('temperature'),
    top_p: wishes.take('topP'),
    top_k: wishes.take('topK'),
    stop: wishes.take('stop'),
    seed: wishes.take('seed'),
    presence_penalty: wishes.take('presence'),
    frequency_penalty: wishes.take('frequency'),
    response_format: format === undefined ? undefined : formatOf(format),
    reasoning: budget === undefined ? (thinking === 'free' ? { enabled: true } : undefined) : { max_tokens: budget },
    reasoning_effort: thinking === 'none' ? 'none' : effort,
    user: wishes.take('user'),
    cache_control: wishes.take('marker'),
    stream,
    stream_options: stream === true ? { include_usage: true } : undefined,
  });
}

function formatOf(format: { schema: unknown; name?: unknown } | 'json'): Json {
  if (format === 'json') return { type: 'json_object' };
  return { type: 'json_schema', json_schema: { name: format.name ?? 'answer', schema: format.schema, strict: true } };
}

function searchOptions(place: Json): Json {
  const { type: _, ...approximate } = place;
  return Object.keys(place).length === 0 ? {} : { user_location: { type: 'approximate', approximate } };
}

function toolOf({ name, description, schema, strict, marker }: Tool): Json {
  const named = defined({
    name,
    description: description ?? undefined,
    parameters: schema,
    strict: strict || undefined,
  });
  return defined({ type: 'function', function: named, cache_control: marker ?? undefined });
}

function choiceOf(choice: Choice | undefined): unknown {
  return typeof choice === 'object' ? { type: 'function', function: { name: choice.name } } : choice;
}

function messagesOf({ role, parts }: Turn): Json[] {
  if (role === 'assistant') return [assistantOf(parts)];
  const results = parts.flatMap((part) => (part.type === 'result' ? [resultOf(part)] : []));
  const said = parts.flatMap(partOf);
  return [...results, ...(said.length === 0 ? [] : [{ role, content: plainly(said) }])];
}

function assistantOf(parts: readonly Part[]): Json {
  const calls = parts.flatMap((part) => (part.type === 'call' ? [callOf(part)] : []));
  const thoughts = parts.flatMap((part, index) => (part.type === 'thought' ? detailOf(part, index) : []));
  const texts = parts.flatMap(partOf);
  return defined({
    role: 'assistant',
    content: texts.length > 0 ? plainly(texts) : calls.length > 0 ? null : '',
    reasoning_details: thoughts.length === 0 ? undefined : thoughts,
    tool_calls: calls.length === 0 ? undefined : calls,
  });
}

/** One plain text is said as such. */
function plainly(parts: readonly Json[]): unknown {
  const [only, ...more] = parts;
  const plain = more.length === 0 && only?.['type'] === 'text' && only['cache_control'] === undefined;
  return plain ? only['text'] : parts;
}

/** With its signature in the place that Google's own compatible surface has for it. */
function callOf({ id, name, input, seal }: Extract<Part, { type: 'call' }>): Json {
  const signed = seal === undefined ? {} : { extra_content: { google: { thought_signature: seal } } };
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input ?? {}) }, ...signed };
}

function detailOf({ maker, text, what, seal }: Thought, index: number): Json[] {
  const format = FORMATS[maker];
  if (what === 'signature') return [{ type: 'reasoning.text', text, signature: seal, format, index }];
  const summary = text === '' ? [] : [{ type: 'reasoning.summary', summary: text, format, index }];
  // What OpenAI seals is for one account: it is known as ours by its mark.
  const data = maker === 'openai-responses' ? carried(maker, what, seal) : seal;
  return what === 'none' ? summary : [...summary, { type: 'reasoning.encrypted', data, format, index }];
}

function resultOf({ callId, parts, marker }: Extract<Part, { type: 'result' }>): Json {
  const said = parts.flatMap(partOf);
  if (isJson(marker)) {
    const last = said.pop() ?? { type: 'text', text: '' };
    return { role: 'tool', tool_call_id: callId, content: [...said, { ...last, cache_control: marker }] };
  }
  return { role: 'tool', tool_call_id: callId, content: said.length === 0 ? '' : plainly(said) };
}

function partOf(part: Part): Json[] {
  if (part.type === 'text')
    return [defined({ type: 'text', text: part.text, cache_control: part.marker ?? undefined })];
  if (part.type === 'left-out') return [{ type: 'text', text: LEFT_OUT }];
  return part.type === 'media' ? [mediaOf(part)] : [];
}

function mediaOf(media: Media): Json {
  const { kind, mediaType = '', data, title: filename, marker } = media;
  const marked = defined({ cache_control: marker });
  if (kind === 'image') return { type: 'image_url', image_url: { url: addressOf(media) }, ...marked };
  if (kind === 'audio') return { type: 'input_audio', input_audio: { data, format: mediaType.split('/')[1] } };
  if (data === undefined || kind === 'video') return { type: 'text', text: LEFT_OUT };
  return { type: 'file', file: defined({ filename, file_data: addressOf(media) }), ...marked };
}
