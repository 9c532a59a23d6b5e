import type { JsonObject } from '../json-object.ts';
import { missing, wrongType } from '../openai/fields.ts';
import { type Content, INPUT_PARTS, OUTPUT_PARTS, readContent } from './content.ts';
import { refusal, StrictFields } from './fields.ts';

/** One item of a conversation, checked. */
export interface Item extends Content {
  readonly type: string;
  /** As it came. */
  readonly object: JsonObject;
  readonly id?: string;
  /** Of a message. */
  readonly role?: Role;
  /** Of a tool's call or of its output. */
  readonly callId?: string;
}

const ROLES = ['assistant', 'system', 'developer', 'user'] as const;
type Role = (typeof ROLES)[number];

interface ItemForm {
  /** What the provider's own ids of such items begin with. */
  readonly prefix?: string;
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

const form = (prefix: string | undefined, required: string, optional = ''): ItemForm => ({
  ...(prefix === undefined ? {} : { prefix }),
  required: words(required),
  optional: words(optional),
});

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** All but messages, which need no type. */
const FORMS: Readonly<Record<string, ItemForm>> = {
  reasoning: form('rs', 'summary', 'content encrypted_content status'),
  // The official client's stream helper adds what it parsed, and sends it back with the rest.
  function_call: form('fc', 'call_id name arguments', 'status namespace caller async created_by parsed_arguments'),
  function_call_output: form('fc', 'call_id output', 'status caller name created_by'),
  custom_tool_call: form('ctc', 'call_id name input', 'status namespace caller async created_by'),
  custom_tool_call_output: form('ctc', 'call_id output', 'status caller created_by'),
  web_search_call: form('ws', '', 'status action'),
  file_search_call: form('fs', 'queries', 'status results'),
  code_interpreter_call: form('ci', 'container_id', 'code outputs status'),
  image_generation_call: form('ig', '', 'result status background output_format quality size revised_prompt action'),
  computer_call: form('cu', 'call_id', 'action actions pending_safety_checks status'),
  computer_call_output: form(undefined, 'call_id output', 'acknowledged_safety_checks status created_by'),
  local_shell_call: form('lsh', 'call_id action', 'status'),
  local_shell_call_output: form(undefined, 'output', 'call_id status'),
  shell_call: form('sh', 'call_id action', 'status environment caller created_by'),
  shell_call_output: form(undefined, 'call_id output', 'status max_output_length caller created_by'),
  apply_patch_call: form('apc', 'call_id operation', 'status caller created_by'),
  apply_patch_call_output: form(undefined, 'call_id status', 'output caller created_by'),
  mcp_list_tools: form('mcpl', 'server_label tools', 'error'),
  mcp_approval_request: form('mcpr', 'server_label name arguments'),
  mcp_approval_response: form(undefined, 'approval_request_id approve', 'reason'),
  mcp_call: form('mcp', 'server_label name arguments', 'output error status approval_request_id'),
  tool_search_call: form('tsc', 'arguments', 'call_id execution status created_by'),
  tool_search_output: form(undefined, 'tools', 'call_id execution status created_by'),
  compaction: form('cmp', 'encrypted_content', 'created_by'),
  item_reference: form(undefined, ''),
};

/** What an id of such an item begins with. */
export function idPrefix(type: string): string {
  const known = Object.hasOwn(FORMS, type) ? FORMS[type]?.prefix : 'msg';
  return known ?? 'item';
}

const ID_CHARS_MAX = 64;

/** @throws OpenAiRefusal that names what is wrong about the item at `path` */
export function readItem(object: JsonObject, path: string): Item {
  const fields = new StrictFields(object, path);
  const type = fields.string('type') ?? (object['role'] === undefined ? undefined : 'message');
  if (type === undefined) throw missing(fields.path('type'));
  if (type === 'message') return readMessage(object, fields);
  const known = Object.hasOwn(FORMS, type) ? FORMS[type] : undefined;
  if (known === undefined) throw unknownType(type, fields.path('type'));
  const id = readId(fields, known.prefix);
  if (type === 'item_reference' && id === undefined) throw missing(fields.path('id'));
  const callId = limitedText(fields, 'call_id');
  for (const name of known.required) if (!(name in object)) throw missing(fields.path(name));
  fields.mayHave(...known.required, ...known.optional);
  const read = { type, object, ...readTexts(type, fields), ...(id === undefined ? {} : { id }) };
  fields.end();
  return callId === undefined ? read : { ...read, callId };
}

function unknownType(type: string, param: string): Error {
  const names = ['message', ...Object.keys(FORMS)].map((name) => `'${name}'`);
  const list = `${names.slice(0, -1).join(', ')}, and ${names.at(-1)}`;
  return refusal(`Invalid value: '${type.slice(0, 100)}'. Supported values are: ${list}.`, param, 'invalid_value');
}

function readMessage(object: JsonObject, fields: StrictFields): Item {
  const role = fields.requiredOneOf('role', ROLES);
  const id = readId(fields, 'msg');
  fields.oneOf('status', ['in_progress', 'completed', 'incomplete'] as const);
  fields.oneOf('phase', ['commentary', 'final_answer'] as const);
  const content = fields.raw('content');
  if (content === undefined) throw missing(fields.path('content'));
  const parts = role === 'assistant' ? OUTPUT_PARTS : INPUT_PARTS;
  const read = readContent(content, fields.path('content'), parts);
  fields.end();
  return { type: 'message', object, role, ...read, ...(id === undefined ? {} : { id }) };
}

function readId(fields: StrictFields, prefix: string | undefined): string | undefined {
  const id = limitedText(fields, 'id');
  if (id === undefined || prefix === undefined || id.startsWith(prefix)) return id;
  const param = fields.path('id');
  throw refusal(`Invalid '${param}': '${id}'. Expected an ID that begins with '${prefix}'.`, param, 'invalid_value');
}

function limitedText(fields: StrictFields, name: string): string | undefined {
  const text = fields.string(name);
  if (text === undefined || text.length <= ID_CHARS_MAX) return text;
  const param = fields.path(name);
  throw refusal(
    `Invalid '${param}': string too long. Expected a string with maximum length ${ID_CHARS_MAX}, but got a string with length ${text.length} instead.`,
    param,
    'string_above_max_length',
  );
}

/** What of an item a model reads as text. */
function readTexts(type: string, fields: StrictFields): Content {
  const text = (...names: readonly string[]) => ({
    text: names.map((name) => fields.requiredString(name)).join(' '),
    otherParts: 0,
  });
  switch (type) {
    case 'function_call':
    case 'mcp_call':
      return text('name', 'arguments');
    case 'custom_tool_call':
      return text('name', 'input');
    case 'function_call_output':
    case 'custom_tool_call_output':
      return readContent(fields.raw('output'), fields.path('output'), INPUT_PARTS);
    case 'reasoning':
      return readReasoning(fields);
    case 'compaction':
    case 'item_reference':
    case 'image_generation_call':
      return { text: '', otherParts: 0 };
    default:
      return { text: outputText(fields), otherParts: 0 };
  }
}

function readReasoning(fields: StrictFields): Content {
  const summary = fields.raw('summary');
  if (!Array.isArray(summary)) throw wrongType(fields.path('summary'), 'an array of objects', summary);
  readContent(summary, fields.path('summary'), ['summary_text']);
  const content = fields.raw('content');
  if (content !== undefined) readContent(content, fields.path('content'), ['reasoning_text']);
  fields.string('encrypted_content');
  return { text: '', otherParts: 0 };
}

function outputText(fields: StrictFields): string {
  const output = fields.raw('output') ?? fields.raw('action') ?? fields.raw('queries') ?? fields.raw('code') ?? '';
  return typeof output === 'string' ? output : JSON.stringify(output);
}
