import { isJson, type Json, objectOf, objectsOf, textOf } from '../json.ts';
import { Members } from './ask.ts';
import { type Choice, type Intent, type Part, type Tool, type Turn, textPart, Wishes } from './intent.ts';

/** What a recorded request of Messages wants. */
export function readMessagesIntent(recorded: Json): Intent {
  const members = new Members(recorded);
  const wishes = new Wishes();
  const turns = [...systemTurn(members.take('system')), ...objectsOf(members.take('messages')).map(turnOf)];
  const given = objectsOf(members.take('tools'));
  const own = given.filter(({ type }) => type === undefined || type === null || type === 'custom');
  const search = given.find(({ type }) => textOf(type)?.startsWith('web_search_'));
  if (own.length + (search === undefined ? 0 : 1) < given.length) wishes.leave('tools');
  if (search !== undefined) wishes.add('search', placeOf(search), 'tools');
  const thinking = objectOf(members.take('thinking'));
  const config = objectOf(members.take('output_config'));
  const format = objectOf(config['format'] ?? members.take('output_format'));
  if (isJson(format['schema'])) wishes.add('format', { schema: format['schema'] }, 'output_config', 'output_format');
  addThinking(wishes, thinking, config['effort']);
  const chosen = objectOf(members.take('tool_choice'));
  // What tools are chosen by is nothing without tools.
  if (own.length === 0) wishes.leave('tool_choice');
  else {
    wishes.add('choice', choiceOf(chosen), 'tool_choice');
    if (chosen['disable_parallel_tool_use'] === true) wishes.add('parallel', false, 'tool_choice');
  }
  wishes.add('maxTokens', members.take('max_tokens'), 'max_tokens');
  wishes.add('temperature', members.take('temperature') as number | undefined, 'temperature');
  wishes.add('topP', members.take('top_p'), 'top_p');
  wishes.add('topK', members.take('top_k'), 'top_k');
  wishes.add('stop', members.take('stop_sequences') as unknown[] | undefined, 'stop_sequences');
  wishes.add('user', objectOf(members.take('metadata'))['user_id'], 'metadata');
  wishes.add('marker', members.take('cache_control'), 'cache_control');
  wishes.add('stream', members.take('stream') as boolean | undefined, 'stream');
  members.take('model');
  wishes.leave(...members.left);
  return { turns, tools: own.map(toolOf), wishes };
}

function addThinking(wishes: Wishes, { type, budget_tokens: budget }: Json, effort: unknown): void {
  if (type === 'enabled' && typeof budget === 'number') wishes.add('budget', budget, 'thinking');
  if (type === 'disabled') wishes.add('thinking', 'none', 'thinking');
  else wishes.add('effort', textOf(effort), 'output_config', 'thinking');
  if (type === 'adaptive' && effort === undefined) wishes.add('thinking', 'free', 'thinking');
}

function placeOf({ user_location: place }: Json): { place?: Json } {
  return isJson(place) ? { place } : {};
}

function toolOf({ name, description, input_schema: schema, strict, cache_control: marker }: Json): Tool {
  return { name, description, schema, strict: strict === true, marker };
}

function choiceOf({ type, name }: Json): Choice | undefined {
  if (type === 'tool') return { name };
  return type === 'any' ? 'required' : type === 'auto' || type === 'none' ? type : undefined;
}

function systemTurn(system: unknown): Turn[] {
  const parts = partsOf(system);
  return parts.length === 0 ? [] : [{ role: 'system', parts }];
}

function turnOf({ role, content }: Json): Turn {
  return { role: role === 'assistant' || role === 'system' ? role : 'user', parts: partsOf(content) };
}

function partsOf(content: unknown): Part[] {
  if (typeof content === 'string') return [textPart(content)];
  return objectsOf(content).map(partOf);
}

function partOf(block: Json): Part {
  const { type, cache_control: marker } = block;
  const text = (member: string) => textOf(block[member]) ?? '';
  const thought = { type: 'thought', maker: 'anthropic-messages' } as const;
  switch (type) {
    case 'text':
      return textPart(text('text'), marker);
    case 'thinking':
      return { ...thought, text: text('thinking'), what: 'signature', seal: text('signature') };
    case 'redacted_thinking':
      return { ...thought, text: '', what: 'redacted', seal: text('data') };
    case 'tool_use':
      return { type: 'call', id: text('id'), name: text('name'), input: block['input'] ?? {} };
    case 'tool_result': {
      const result = {
        type: 'result',
        callId: text('tool_use_id'),
        name: '',
        parts: partsOf(block['content']),
      } as const;
      return isJson(marker) ? { ...result, marker } : result;
    }
    case 'image':
    case 'document':
      return mediaIn(block, type);
    default:
      return { type: 'left-out' };
  }
}

function mediaIn(block: Json, kind: 'image' | 'document'): Part {
  const { type, media_type: mediaType, data, url } = objectOf(block['source']);
  const marker = block['cache_control'];
  const more = {
    ...(textOf(block['title']) === undefined ? {} : { title: String(block['title']) }),
    ...(isJson(marker) ? { marker } : {}),
  };
  if (type === 'base64') return { type: 'media', kind, mediaType: String(mediaType), data: String(data), ...more };
  if (type === 'url' && kind === 'image') return { type: 'media', kind, url: String(url), ...more };
  if (type !== 'text') return { type: 'left-out' };
  return { type: 'media', kind, mediaType: 'text/plain', data: Buffer.from(String(data)).toString('base64'), ...more };
}
