import { isJson, type Json, objectOf, objectsOf, textOf } from '../json.ts';
import { argumentsOf } from '../reading.ts';
import { type Ask, defined, LEFT_OUT, Members } from './ask.ts';

/** So many tokens are asked for where the recorded request has no bound: Messages wants one. */
export const BOUND_OF_OURS = 4_096;

/** What a Messages client would send who means what a recorded Chat Completions request says. */
export function chatToMessages(recorded: Json): Ask {
  const members = new Members(recorded);
  const [system, messages] = conversation(objectsOf(members.take('messages')));
  const unsaid: string[] = [];
  const format = formatOf(members.take('response_format'));
  if (format === 'unsaid') unsaid.push('response_format');
  const stop = members.take('stop');
  const tools = objectsOf(members.take('tools'));
  if (tools.some(({ type }) => type !== 'function')) unsaid.push('tools');
  const parallel = members.take('parallel_tool_calls');
  const bound = members.take('max_completion_tokens') ?? members.take('max_tokens');
  if (bound === undefined) unsaid.push('max_tokens', 'max_completion_tokens');
  const effort = members.take('reasoning_effort');
  const asked = ['low', 'medium', 'high', 'xhigh', 'max'].includes(String(effort));
  if (effort !== undefined && !asked) unsaid.push('reasoning_effort');
  const temperature = members.take('temperature');
  // Messages ends at 1.
  const cool = typeof temperature !== 'number' || temperature <= 1;
  if (!cool) unsaid.push('temperature');
  const choice = members.take('tool_choice');
  // What tools are chosen by is nothing without tools.
  const own = tools.flatMap(toolOf);
  if (own.length === 0) unsaid.push('tool_choice', 'parallel_tool_calls');
  const user = textOf(members.take('user') ?? members.take('safety_identifier'));
  members.take('stream_options');
  const request = defined({
    model: members.take('model'),
    max_tokens: bound ?? BOUND_OF_OURS,
    system: system.length > 0 ? system : undefined,
    messages,
    tools: own.length > 0 ? own : undefined,
    tool_choice: own.length > 0 ? choiceOf(choice, parallel) : undefined,
    temperature: cool ? temperature : undefined,
    top_p: members.take('top_p'),
    stop_sequences: typeof stop === 'string' ? [stop] : stop,
    output_config: format === undefined && !asked ? undefined : outputConfig(format, asked ? effort : undefined),
    thinking: asked ? { type: 'adaptive' } : undefined,
    metadata: user === undefined ? undefined : { user_id: user },
    stream: members.take('stream'),
  });
  return { request, unsaid: [...unsaid, ...members.left] };
}

function outputConfig(format: Json | 'unsaid' | undefined, effort: unknown): Json {
  return defined({ format: format === 'unsaid' ? undefined : format, effort });
}

function formatOf(format: unknown): Json | 'unsaid' | undefined {
  if (!isJson(format) || format['type'] === 'text') return undefined;
  const { schema } = objectOf(format['json_schema']);
  return isJson(schema) ? { type: 'json_schema', schema } : 'unsaid';
}

function toolOf({ function: named }: Json): Json[] {
  if (!isJson(named)) return [];
  const { name, description, parameters, strict } = named;
  // A tool without parameters takes nothing.
  const schema = parameters ?? { type: 'object', properties: {} };
  return [defined({ name, description, input_schema: schema, strict: strict ?? undefined })];
}

function choiceOf(choice: unknown, parallel: unknown): Json | undefined {
  const type = { auto: 'auto', none: 'none', required: 'any' }[String(choice)];
  const named = objectOf(objectOf(choice)['function'])['name'];
  const alone = parallel === false ? { disable_parallel_tool_use: true } : {};
  if (named !== undefined) return { type: 'tool', name: named, ...alone };
  if (type !== undefined) return type === 'none' ? { type } : { type, ...alone };
  return parallel === false ? { type: 'auto', ...alone } : undefined;
}

/** The instructions at the beginning, and the turns: what tools gave back stands in turns of the user. */
function conversation(messages: readonly Json[]): [Json[], Json[]] {
  const system: Json[] = [];
  const turns: { role: string; content: Json[] }[] = [];
  for (const message of messages) {
    const role = textOf(message['role']) ?? 'user';
    const isInstruction = role === 'system' || role === 'developer';
    if (isInstruction && turns.length === 0) {
      system.push(...blocksOf(message['content']));
      continue;
    }
    const said = isInstruction ? 'system' : role === 'assistant' ? 'assistant' : 'user';
    const blocks =
      role === 'tool'
        ? [resultOf(message)]
        : [...thoughtsOf(message), ...blocksOf(message['content']), ...callsOf(message)];
    const before = turns.at(-1);
    if (role === 'tool' && before?.role === 'user' && before.content.every(({ type }) => type === 'tool_result')) {
      before.content.push(...blocks);
    } else turns.push({ role: said, content: blocks });
  }
  return [system, turns];
}

function resultOf(message: Json): Json {
  const content = blocksOf(message['content']);
  return { type: 'tool_result', tool_use_id: message['tool_call_id'], content };
}

function callsOf(message: Json): Json[] {
  return objectsOf(message['tool_calls']).map((call) => {
    const named = objectOf(call['function']);
    const input = argumentsOf(textOf(named['arguments']) ?? '');
    return {
      type: 'tool_use',
      id: call['id'],
      name: named['name'],
      input: isJson(input) ? input : { arguments: input },
    };
  });
}

function thoughtsOf(message: Json): Json[] {
  return objectsOf(message['reasoning_details']).flatMap((detail): Json[] => {
    if (detail['type'] !== 'reasoning.text' || !textOf(detail['signature'])) return [];
    return [{ type: 'thinking', thinking: detail['text'], signature: detail['signature'] }];
  });
}

function blocksOf(content: unknown): Json[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return objectsOf(content).flatMap((part): Json[] => {
    const marker = defined({ cache_control: part['cache_control'] });
    if (part['type'] === 'text') return [{ type: 'text', text: part['text'], ...marker }];
    if (part['type'] === 'image_url')
      return [{ type: 'image', source: mediaOf(objectOf(part['image_url'])['url']), ...marker }];
    const { file } = part;
    if (part['type'] === 'file' && isJson(file) && typeof file['file_data'] === 'string')
      return [documentOf(file, marker)];
    return [{ type: 'text', text: LEFT_OUT }];
  });
}

function mediaOf(url: unknown): Json {
  const [, mediaType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(String(url)) ?? [];
  return data === undefined ? { type: 'url', url } : { type: 'base64', media_type: mediaType, data };
}

function documentOf(file: Json, marker: Json): Json {
  const title = file['filename'];
  return { type: 'document', source: mediaOf(file['file_data']), ...defined({ title }), ...marker };
}
