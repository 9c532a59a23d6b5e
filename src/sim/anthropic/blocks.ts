import { isObject, type JsonObject } from '../json-object.ts';
import type { CacheMarkers, CacheTtl } from './cache-control.ts';
import { missing, wrong } from './errors.ts';
import { Fields } from './fields.ts';
import { readDocumentSource, readImageSource } from './sources.ts';

/** One part of a message, checked. */
export interface Block {
  readonly type: BlockType;
  /** As it came. */
  readonly object: JsonObject;
  /** What can be read of it. */
  readonly text: string;
  readonly marker?: CacheTtl;
  /** Of a tool's result. */
  readonly inner?: readonly Block[];
}

const RESULTS = [
  'bash_code_execution_tool_result',
  'code_execution_tool_result',
  'text_editor_code_execution_tool_result',
  'tool_search_tool_result',
  'web_fetch_tool_result',
  'web_search_tool_result',
] as const;
const INPUTS = ['container_upload', 'document', 'image', 'search_result', 'text', 'tool_result'] as const;
const ANSWERS = ['redacted_thinking', 'server_tool_use', 'text', 'thinking', 'tool_use', ...RESULTS] as const;
const ALL = [...new Set([...INPUTS, ...ANSWERS])].sort();
export type BlockType = (typeof ALL)[number];
/** What the result of a tool may hold. */
const INNER = ['document', 'image', 'search_result', 'text'] as const;

/** The content of a message or of a tool's result; a text is one block. @throws a refusal */
export function readBlocks(
  content: unknown,
  path: string,
  allowed: readonly BlockType[],
  markers: CacheMarkers,
): Block[] {
  if (typeof content === 'string') {
    return content === '' ? [] : [{ type: 'text', object: { type: 'text', text: content }, text: content }];
  }
  if (!Array.isArray(content)) throw wrong(path, 'Input should be a valid list');
  return content.map((item: unknown, index) => readBlock(item, `${path}.${index}`, allowed, markers));
}

/** What a role may say. A wrong role for a kind of block that there is has words of its own. */
export function readMessageBlocks(content: unknown, index: number, role: string, markers: CacheMarkers): Block[] {
  const blocks = readBlocks(content, `messages.${index}.content`, ALL, markers);
  const may: readonly BlockType[] = role === 'assistant' ? ANSWERS : INPUTS;
  const stranger = blocks.find(({ type }) => !may.includes(type));
  if (stranger !== undefined) {
    const others = role === 'assistant' ? 'user' : 'assistant';
    throw wrong(`messages.${index}`, `\`${stranger.type}\` blocks can only be in \`${others}\` messages`);
  }
  return blocks;
}

function readBlock(item: unknown, path: string, allowed: readonly BlockType[], markers: CacheMarkers): Block {
  if (!isObject(item)) throw wrong(path, 'Input should be a valid dictionary');
  const type = new Fields(item, path).tag(allowed);
  const fields = new Fields(item, `${path}.${type}`).mayHave('type');
  const read = readContent(type, fields, markers);
  const marker = canBeMarked(type) ? markers.read(fields) : undefined;
  fields.end();
  if (marker !== undefined && type === 'text' && read.text === '') {
    throw wrong(fields.path('cache_control'), 'cache_control cannot be set for empty text blocks');
  }
  const ttl = marker ?? read.inner?.findLast((inner) => inner.marker !== undefined)?.marker;
  return { type, object: item, ...read, ...(ttl === undefined ? {} : { marker: ttl }) };
}

function canBeMarked(type: BlockType): boolean {
  return type !== 'thinking' && type !== 'redacted_thinking';
}

const ID = /^[a-zA-Z0-9_-]+$/;

function readId(fields: Fields, name: string): void {
  const id = fields.requiredString(name);
  if (!ID.test(id)) throw wrong(fields.path(name), "String should match pattern '^[a-zA-Z0-9_-]+$'");
}

function readContent(type: BlockType, fields: Fields, markers: CacheMarkers): { text: string; inner?: Block[] } {
  switch (type) {
    case 'text': {
      fields.list('citations');
      return { text: fields.requiredString('text') };
    }
    case 'image':
      readImageSource(fields.requiredObject('source'), fields.path('source'));
      fields.mayHave('transformations');
      return { text: '' };
    case 'document': {
      const { title, context } = { title: fields.string('title'), context: fields.string('context') };
      readCitations(fields);
      const text = readDocumentSource(fields.requiredObject('source'), fields.path('source'));
      return { text: [title, context, text].filter((one) => one !== undefined && one !== '').join('\n') };
    }
    case 'search_result': {
      readCitations(fields);
      const head = `${fields.requiredString('title')}\n${fields.requiredString('source')}`;
      const inner = readBlocks(required(fields, 'content'), fields.path('content'), ['text'], markers);
      return { text: [head, ...inner.map(({ text }) => text)].join('\n') };
    }
    case 'thinking':
      fields.requiredString('signature');
      return { text: fields.requiredString('thinking') };
    case 'redacted_thinking':
      fields.requiredString('data');
      return { text: '' };
    case 'tool_use':
    case 'server_tool_use':
      readId(fields, 'id');
      fields.requiredString('name');
      fields.requiredObject('input');
      fields.mayHave('caller', 'toolset_name');
      return { text: '' };
    case 'tool_result': {
      readId(fields, 'tool_use_id');
      fields.boolean('is_error');
      fields.mayHave('toolset_name');
      const inner = readBlocks(fields.raw('content') ?? '', fields.path('content'), INNER, markers);
      return { text: inner.map(({ text }) => text).join('\n'), inner };
    }
    case 'container_upload':
      fields.requiredString('file_id');
      return { text: '' };
    default:
      readId(fields, 'tool_use_id');
      required(fields, 'content');
      fields.mayHave('caller');
      return { text: '' };
  }
}

function required(fields: Fields, name: string): unknown {
  const value = fields.raw(name);
  if (value === undefined) throw missing(fields.path(name));
  return value;
}

function readCitations(fields: Fields): void {
  const object = fields.object('citations');
  if (object === undefined) return;
  const citations = new Fields(object, fields.path('citations'));
  citations.boolean('enabled');
  citations.end();
}
