import { LEFT_OUT } from './asks/ask.ts';
import { isJson, type Json, objectOf, objectsOf, parsed, textOf } from './json.ts';

/**
 * What two requests may differ in and still mean the same. Reviewed: each line
 * says why. Members at the top of a request that mean nothing where they have
 * their default.
 */
const DEFAULTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  // The gateway's own business: which model it is there, and whether use is told.
  model: () => true,
  stream_options: () => true,
  // Said or not, it is so.
  stream: (value) => value === false,
  tool_choice: (value) =>
    value === 'auto' || (objectOf(value)['type'] === 'auto' && objectOf(value)['disable_parallel_tool_use'] !== true),
  parallel_tool_calls: (value) => value === true,
  store: (value) => value === false,
  n: (value) => value === 1,
  tools: (value) => Array.isArray(value) && value.length === 0,
  thinking: (value) => objectOf(value)['type'] === 'disabled',
  stop_sequences: (value) => Array.isArray(value) && value.length === 0,
  stop: (value) => Array.isArray(value) && value.length === 0,
  response_format: (value) => objectOf(value)['type'] === 'text',
};

/** Names for one and the same setting. */
const SYNONYMS: Readonly<Record<string, string>> = {
  max_completion_tokens: 'max_tokens',
  safety_identifier: 'user',
};

/** A request in the form in which those of one dialect are compared, without the members that could not be asked for. */
export function comparableRequest(request: Json, unsaid: readonly string[]): Json {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(request)) {
    if (value === null || value === undefined || unsaid.includes(name) || DEFAULTS[name]?.(value) === true) continue;
    found[SYNONYMS[name] ?? name] = value;
  }
  if (isJson(found['output_format'])) {
    found['output_config'] = { ...objectOf(found['output_config']), format: found['output_format'] };
    delete found['output_format'];
  }
  if ('messages' in found) found['messages'] = turnsOf(unsaidIn(found['messages'], unsaid));
  if ('tools' in found) {
    const tools = objectsOf(found['tools']).map(comparableTool);
    found['tools'] = unsaid.includes('strict') ? tools.map((tool) => without(tool, ['strict'])) : tools;
  }
  if (typeof found['system'] === 'string' || Array.isArray(found['system'])) found['system'] = partsOf(found['system']);
  if (isJson(found['thinking'])) found['thinking'] = without(found['thinking'], ['display']);
  if (typeof found['stop'] === 'string') found['stop'] = [found['stop']];
  if (isJson(found['response_format'])) found['response_format'] = comparableFormat(found['response_format']);
  return found;
}

/** Without what some clients' dialects have no place for: instructions that come later, and names of files. */
function unsaidIn(messages: unknown, unsaid: readonly string[]): readonly Json[] {
  const all = objectsOf(messages);
  const first = all.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  const late = ({ role }: Json, at: number) => (role === 'system' || role === 'developer') && first >= 0 && at > first;
  const said = unsaid.includes('instructions that come later') ? all.filter((message, at) => !late(message, at)) : all;
  if (!unsaid.includes('title')) return said;
  return said.map((message) =>
    Array.isArray(message['content'])
      ? { ...message, content: message['content'].filter((part) => !isElsewhere(part)).map(untitled) }
      : message,
  );
}

/** A picture by its address. */
function isElsewhere(part: unknown): boolean {
  const { image_url: image, source } = objectOf(part);
  return /^https?:/.test(String(objectOf(image)['url'] ?? objectOf(source)['url'] ?? ''));
}

function untitled(part: unknown): unknown {
  if (!isJson(part)) return part;
  return without({ ...part, ...(isJson(part['file']) ? { file: without(part['file'], ['filename']) } : {}) }, [
    'title',
  ]);
}

/** Only the schema decides what an answer looks like. */
function comparableFormat(format: Json): Json {
  return { type: format['type'], schema: objectOf(format['json_schema'])['schema'] };
}

function comparableTool(tool: Json): Json {
  const named = isJson(tool['function']) ? tool['function'] : tool;
  const { name, description, strict, cache_control: marker } = named;
  const schema = named['parameters'] ?? named['input_schema'] ?? { type: 'object', properties: {} };
  // A search is an option of the request in Chat Completions, where no marker can stand.
  const isSearch = textOf(tool['type'])?.startsWith('web_search_') === true;
  const cached = isSearch ? undefined : (tool['cache_control'] ?? marker);
  return without({ name, description, schema, strict: strict || undefined, marker: cached });
}

/** Turns of one role that follow each other are one turn; a text is a list of one part. */
function turnsOf(messages: unknown): readonly Json[] {
  const turns: { role: string; parts: unknown[] }[] = [];
  for (const message of objectsOf(messages)) {
    const said = textOf(message['role']) ?? '';
    const role = said === 'developer' ? 'system' : said;
    const parts = [...partsOf(message['content'])];
    const calls = objectsOf(message['tool_calls']).map(comparableCall);
    // Nothing is said where nothing stands.
    if (role === 'assistant' && parts.length === 0 && calls.length === 0) continue;
    const before = turns.at(-1);
    if (before?.role === role && role === 'user') before.parts.push(...parts);
    else turns.push({ role, parts, ...(calls.length === 0 ? {} : { calls }), ...resultFacts(message) });
  }
  return turns;
}

/** What was thought before goes back as the provider takes it, which the second turn looks at. */
function resultFacts({ tool_call_id: callId }: Json): Json {
  return without({ callId });
}

function comparableCall(call: Json): Json {
  const { name, arguments: text } = objectOf(call['function']);
  return { id: call['id'], name, arguments: parsed(String(text || '{}')) ?? text };
}

/**
 * What one dialect says of a part and the other one cannot: where a document
 * may be cited, what an earlier answer cited, that a tool failed (which its text
 * says), how closely to look at a picture, and which tool called another one.
 */
const UNSAID_OF_PARTS = ['citations', 'context', 'is_error', 'detail', 'caller'];
/** Parts that both dialects have. What a provider did with tools of its own is in one history and not in the other. */
const SAID_PARTS = /^(?:text|image|image_url|document|file|tool_use|tool_result|thinking|redacted_thinking)$/;

/** A document that only its provider has, or that one dialect takes by its address or in parts and the other one does not. */
function liesElsewhere(part: Json): boolean {
  const { type } = objectOf(part['source']);
  if (part['type'] === 'file') return typeof objectOf(part['file'])['file_data'] !== 'string';
  return type === 'file' || (part['type'] === 'document' && (type === 'url' || type === 'content'));
}

function partsOf(content: unknown): readonly Json[] {
  if (typeof content === 'string')
    return content.trim() === '' || content === LEFT_OUT ? [] : [{ type: 'text', text: content }];
  return objectsOf(content)
    .filter((part) => SAID_PARTS.test(String(part['type'])) && !liesElsewhere(part))
    .filter(({ type, text }) => type !== 'text' || (String(text).trim() !== '' && text !== LEFT_OUT))
    .map((part) => {
      const image = isJson(part['image_url']) ? { image_url: without(part['image_url'], UNSAID_OF_PARTS) } : {};
      const rest = { ...without(part, UNSAID_OF_PARTS), ...image };
      return part['type'] === 'tool_result' ? resultWithMarker(rest, partsOf(part['content'])) : rest;
    });
}

/** A marker on the last part of a tool's result marks the same prefix as one on the result. */
function resultWithMarker(result: Json, parts: readonly Json[]): Json {
  const last = parts.at(-1);
  const marker = last?.['cache_control'] ?? result['cache_control'];
  const content = last === undefined ? parts : [...parts.slice(0, -1), without(last, ['cache_control'])];
  return without({ ...result, content, cache_control: marker });
}

function without(value: Json, names: readonly string[] = []): Json {
  return Object.fromEntries(
    Object.entries(value).filter(([name, each]) => !names.includes(name) && each !== undefined && each !== null),
  );
}
