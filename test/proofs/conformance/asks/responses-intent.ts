import { isJson, type Json, objectOf, objectsOf, textOf } from '../json.ts';
import { argumentsOf } from '../reading.ts';
import { Members } from './ask.ts';
import {
  type Choice,
  type Intent,
  mediaAt,
  merged,
  type Part,
  type Tool,
  type Turn,
  textPart,
  Wishes,
} from './intent.ts';

/** What a recorded request of Responses wants. */
export function readResponsesIntent(recorded: Json): Intent {
  const members = new Members(recorded);
  const wishes = new Wishes();
  const instructions = textOf(members.take('instructions'));
  const leading: Turn[] = instructions === undefined ? [] : [{ role: 'system', parts: [textPart(instructions)] }];
  const input = members.take('input');
  const turns = typeof input === 'string' ? [userTurn(input)] : merged(objectsOf(input).map(turnOf));
  const given = objectsOf(members.take('tools'));
  const own = given.filter(({ type }) => type === 'function');
  const search = given.find(({ type }) => /^web_search/.test(String(type)));
  if (own.length + (search === undefined ? 0 : 1) < given.length) wishes.leave('tools');
  if (search !== undefined) wishes.add('search', placeOf(search), 'tools');
  const reasoning = new Members(objectOf(members.take('reasoning')));
  wishes.add('effort', textOf(reasoning.take('effort')), 'reasoning.effort');
  const text = new Members(objectOf(members.take('text')));
  wishes.add('format', formatOf(objectOf(text.take('format'))), 'text.format');
  const choice = choiceOf(members.take('tool_choice'));
  const parallel = members.take('parallel_tool_calls');
  if (own.length > 0) {
    if (choice === undefined) wishes.leave('tool_choice');
    wishes.add('choice', choice, 'tool_choice');
    wishes.add('parallel', parallel === false ? false : undefined, 'parallel_tool_calls');
  }
  wishes.add('maxTokens', members.take('max_output_tokens'), 'max_output_tokens');
  wishes.add('temperature', members.take('temperature') as number | undefined, 'temperature');
  wishes.add('topP', members.take('top_p'), 'top_p');
  const user = members.take('user');
  wishes.add('user', textOf(members.take('safety_identifier') ?? user), 'user', 'safety_identifier');
  wishes.add('stream', members.take('stream') as boolean | undefined, 'stream');
  members.take('model');
  wishes.leave(...members.left, ...reasoning.left, ...text.left);
  return { turns: merged([...leading, ...turns]), tools: own.map(toolOf), wishes };
}

function userTurn(text: string): Turn {
  return { role: 'user', parts: [textPart(text)] };
}

function placeOf({ user_location: place }: Json): { place?: Json } {
  return isJson(place) ? { place } : {};
}

function toolOf({ name, description, parameters, strict }: Json): Tool {
  return { name, description, schema: parameters ?? { type: 'object', properties: {} }, strict: strict === true };
}

function formatOf({ type, schema, name }: Json): { schema: unknown; name?: unknown } | 'json' | undefined {
  if (type === 'json_schema') return { schema, name };
  return type === 'json_object' ? 'json' : undefined;
}

function choiceOf(choice: unknown): Choice | undefined {
  if (isJson(choice)) return choice['type'] === 'function' ? { name: choice['name'] } : undefined;
  return choice === 'auto' || choice === 'none' || choice === 'required' ? choice : undefined;
}

function turnOf(item: Json): Turn {
  const { type = 'message', role, content } = item;
  const id = textOf(item['call_id']) ?? '';
  if (type === 'message') {
    const said = role === 'assistant' ? 'assistant' : role === 'user' ? 'user' : 'system';
    return { role: said, parts: partsOf(content) };
  }
  if (type === 'function_call') {
    const input = argumentsOf(textOf(item['arguments']) ?? '');
    const call = { id, name: textOf(item['name']) ?? '', input: isJson(input) ? input : { arguments: input } };
    return { role: 'assistant', parts: [{ type: 'call', ...call }] };
  }
  if (type === 'custom_tool_call') {
    const call = { id, name: textOf(item['name']) ?? '', input: { input: item['input'] } };
    return { role: 'assistant', parts: [{ type: 'call', ...call }] };
  }
  if (type === 'function_call_output' || type === 'custom_tool_call_output') {
    return { role: 'user', parts: [{ type: 'result', callId: id, name: '', parts: partsOf(item['output']) }] };
  }
  if (type === 'reasoning') {
    const seal = textOf(item['encrypted_content']) ?? '';
    const text = objectsOf(item['summary'])
      .map((part) => textOf(part['text']) ?? '')
      .join('\n\n');
    const what = seal === '' ? 'none' : 'encrypted';
    return { role: 'assistant', parts: [{ type: 'thought', maker: 'openai-responses', text, what, seal }] };
  }
  return { role: 'assistant', parts: [{ type: 'left-out' }] };
}

function partsOf(content: unknown): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [textPart(content)];
  return objectsOf(content).map((part): Part => {
    switch (part['type']) {
      case 'input_text':
      case 'output_text':
        return textPart(textOf(part['text']) ?? '');
      case 'input_image':
        return mediaAt('image', part['image_url']);
      case 'input_file':
        return mediaAt('document', part['file_data'], { title: part['filename'] });
      default:
        return { type: 'left-out' };
    }
  });
}
