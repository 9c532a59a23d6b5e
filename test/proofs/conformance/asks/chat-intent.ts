import { isJson, type Json, objectOf, objectsOf, textOf } from '../json.ts';
import { argumentsOf } from '../reading.ts';
import { Members } from './ask.ts';
import {
  type Choice,
  type Intent,
  mediaAt,
  merged,
  type Part,
  type Thought,
  type Tool,
  type Turn,
  textPart,
  Wishes,
} from './intent.ts';

/** What a recorded request of Chat Completions wants. */
export function readChatIntent(recorded: Json): Intent {
  const members = new Members(recorded);
  const wishes = new Wishes();
  const turns = merged(objectsOf(members.take('messages')).map(turnOf), ['system', 'user']);
  const given = objectsOf(members.take('tools'));
  const tools = given.flatMap(toolOf);
  if (tools.length < given.length) wishes.leave('tools');
  const completion = members.take('max_completion_tokens');
  wishes.add('maxTokens', completion ?? members.take('max_tokens'), 'max_tokens', 'max_completion_tokens');
  wishes.add('temperature', members.take('temperature') as number | undefined, 'temperature');
  wishes.add('topP', members.take('top_p'), 'top_p');
  wishes.add('topK', members.take('top_k'), 'top_k');
  wishes.add('seed', members.take('seed'), 'seed');
  wishes.add('presence', members.take('presence_penalty'), 'presence_penalty');
  wishes.add('frequency', members.take('frequency_penalty'), 'frequency_penalty');
  const stop = members.take('stop');
  const stops = typeof stop === 'string' ? [stop] : Array.isArray(stop) ? (stop as unknown[]) : [];
  wishes.add('stop', stops.length === 0 ? undefined : stops, 'stop');
  const format = members.take('response_format');
  const read = formatOf(format);
  wishes.add('format', read, 'response_format');
  wishes.add('effort', textOf(members.take('reasoning_effort')), 'reasoning_effort');
  const parallel = members.take('parallel_tool_calls');
  const choice = choiceOf(members.take('tool_choice'));
  // What tools are chosen by is nothing without tools.
  if (tools.length === 0) wishes.leave('tool_choice', 'parallel_tool_calls');
  else {
    wishes.add('choice', choice, 'tool_choice');
    wishes.add('parallel', parallel === false ? false : undefined, 'parallel_tool_calls');
  }
  const user = members.take('user') ?? members.take('safety_identifier');
  wishes.add('user', textOf(user), 'user', 'safety_identifier');
  wishes.add('stream', members.take('stream') as boolean | undefined, 'stream');
  members.take('stream_options');
  members.take('model');
  wishes.leave(...members.left);
  return { turns, tools, wishes };
}

function formatOf(format: unknown): { schema: unknown; name?: unknown } | 'json' | undefined {
  if (!isJson(format) || format['type'] === 'text') return undefined;
  const { schema, name } = objectOf(format['json_schema']);
  return isJson(schema) ? { schema, name } : 'json';
}

function toolOf({ function: named }: Json): Tool[] {
  if (!isJson(named)) return [];
  const { name, description, parameters, strict } = named;
  return [{ name, description, schema: parameters ?? { type: 'object', properties: {} }, strict: strict === true }];
}

function choiceOf(choice: unknown): Choice | undefined {
  const name = objectOf(objectOf(choice)['function'])['name'];
  if (name !== undefined) return { name };
  return choice === 'auto' || choice === 'none' || choice === 'required' ? choice : undefined;
}

function turnOf(message: Json): Turn {
  const role = textOf(message['role']) ?? 'user';
  if (role === 'tool') {
    const callId = textOf(message['tool_call_id']) ?? '';
    return { role: 'user', parts: [{ type: 'result', callId, name: '', parts: partsOf(message['content']) }] };
  }
  if (role === 'system' || role === 'developer') return { role: 'system', parts: partsOf(message['content']) };
  if (role !== 'assistant') return { role: 'user', parts: partsOf(message['content']) };
  return { role, parts: [...thoughtsOf(message), ...partsOf(message['content']), ...callsOf(message)] };
}

function callsOf(message: Json): Part[] {
  return objectsOf(message['tool_calls']).map((call) => {
    const named = objectOf(call['function']);
    const input = argumentsOf(textOf(named['arguments']) ?? '');
    return {
      type: 'call',
      id: textOf(call['id']) ?? '',
      name: textOf(named['name']) ?? '',
      input: isJson(input) ? input : { arguments: input },
    };
  });
}

function thoughtsOf(message: Json): Thought[] {
  return objectsOf(message['reasoning_details']).flatMap((detail): Thought[] => {
    const seal = textOf(detail['signature']);
    if (detail['type'] !== 'reasoning.text' || !seal) return [];
    return [
      { type: 'thought', maker: 'anthropic-messages', text: textOf(detail['text']) ?? '', what: 'signature', seal },
    ];
  });
}

function partsOf(content: unknown): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [textPart(content)];
  return objectsOf(content).map((part): Part => {
    const { type, cache_control: marker, file } = part;
    if (type === 'text') return textPart(textOf(part['text']) ?? '', marker);
    if (type === 'image_url') return mediaAt('image', objectOf(part['image_url'])['url'], { marker });
    if (type === 'file' && isJson(file))
      return mediaAt('document', file['file_data'], { title: file['filename'], marker });
    return { type: 'left-out' };
  });
}
