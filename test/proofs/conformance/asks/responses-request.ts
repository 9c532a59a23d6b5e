import type { Json } from '../json.ts';
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

const EFFORTS = /^(?:none|minimal|low|medium|high|xhigh|max)$/;

/** What a Responses client would send who wants that. Nothing is to be kept: each recording stands for itself. */
export function responsesRequest({ turns, tools, wishes }: Intent): Json {
  // What moves is not said in this dialect.
  wishes.leave('video');
  const search = wishes.take('search');
  const thinking = wishes.takeIf('thinking', (value) => value === 'none');
  const effort = thinking ?? wishes.takeIf('effort', (value) => EFFORTS.test(value));
  const format = wishes.take('format');
  const given = [...tools.map(toolOf), ...(search === undefined ? [] : [searchTool(search.place)])];
  return defined({
    model: 'recorded-model',
    input: turns.flatMap(itemsOf),
    max_output_tokens: wishes.take('maxTokens'),
    tools: given.length === 0 ? undefined : given,
    tool_choice: choiceOf(wishes.take('choice')),
    parallel_tool_calls: wishes.take('parallel'),
    temperature: wishes.take('temperature'),
    top_p: wishes.take('topP'),
    reasoning: effort === undefined ? undefined : { effort },
    text: format === undefined ? undefined : { format: formatOf(format) },
    safety_identifier: wishes.take('user'),
    store: false,
    stream: wishes.take('stream'),
  });
}

function formatOf(format: { schema: unknown; name?: unknown } | 'json'): Json {
  if (format === 'json') return { type: 'json_object' };
  return { type: 'json_schema', name: format.name ?? 'answer', schema: format.schema, strict: true };
}

function searchTool(place: Json | undefined): Json {
  return defined({ type: 'web_search', user_location: place });
}

function toolOf({ name, description, schema, strict }: Tool): Json {
  return defined({ type: 'function', name, description: description ?? undefined, parameters: schema, strict });
}

function choiceOf(choice: Choice | undefined): unknown {
  return typeof choice === 'object' ? { type: 'function', name: choice.name } : choice;
}

/** What is said in a row is one message; thoughts, calls and results are items of their own, in their order. */
function itemsOf({ role, parts }: Turn): Json[] {
  const items: Json[] = [];
  let content: Json[] = [];
  const say = () => {
    if (content.length > 0) items.push({ type: 'message', role: role === 'system' ? 'developer' : role, content });
    content = [];
  };
  for (const part of parts) {
    const item = itemOf(part);
    if (item === undefined) content.push(...saidOf(part, role));
    else {
      say();
      items.push(...item);
    }
  }
  say();
  return items;
}

function itemOf(part: Part): Json[] | undefined {
  if (part.type === 'thought') return [thoughtOf(part)];
  if (part.type === 'result') {
    const [only, ...more] = part.parts;
    const said = part.parts.flatMap((each) => saidOf(each, 'user'));
    const output = only?.type === 'text' && more.length === 0 ? only.text : said;
    return [{ type: 'function_call_output', call_id: part.callId, output: said.length === 0 ? '' : output }];
  }
  if (part.type !== 'call') return undefined;
  const seal = part.seal === undefined ? [] : [sealed('', carried('gemini', 'call', part.seal))];
  const said = JSON.stringify(part.input ?? {});
  return [...seal, { type: 'function_call', call_id: part.id, name: part.name, arguments: said }];
}

function thoughtOf({ maker, text, what, seal }: Thought): Json {
  if (what === 'none') return sealed(text, 'leeward-unsigned');
  return sealed(text, maker === 'openai-responses' ? seal : carried(maker, what, seal));
}

function sealed(text: string, seal: string): Json {
  const summary = text === '' ? [] : [{ type: 'summary_text', text }];
  return { type: 'reasoning', id: 'rs_recorded', summary, encrypted_content: seal };
}

function saidOf(part: Part, role: Turn['role']): Json[] {
  const type = role === 'assistant' ? 'output_text' : 'input_text';
  if (part.type === 'text') return [{ type, text: part.text }];
  if (part.type === 'media') return [mediaOf(part)];
  return part.type === 'left-out' ? [{ type, text: LEFT_OUT }] : [];
}

function mediaOf(media: Media): Json {
  const { kind, url, mediaType = '', data, title: filename } = media;
  if (kind === 'image') return { type: 'input_image', image_url: addressOf(media), detail: 'auto' };
  if (kind === 'audio') return { type: 'input_audio', input_audio: { data, format: mediaType.split('/')[1] } };
  if (url !== undefined || kind === 'video') return { type: 'input_text', text: LEFT_OUT };
  return defined({ type: 'input_file', filename, file_data: addressOf(media) });
}
