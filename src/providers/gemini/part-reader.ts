import type { Draft } from '../../kernel/draft.ts';
import type {
  ContentPart,
  HostedCallPart,
  HostedResultPart,
  HostedToolName,
  MediaSource,
  ReasoningPart,
  Signature,
  TextPart,
  ToolCallPart,
} from '../../protocol/chat/content.ts';
import { type Fields, isFields, type Refuse, textIn } from '../fields.ts';
import { argumentsOf } from '../tool-input.ts';
import { mediaPart } from './media.ts';
import { GEMINI, restOf } from './wire.ts';

const TEXTUAL = ['text', 'thought', 'thoughtSignature'] as const;
const TEXT: ReadonlySet<string> = new Set(TEXTUAL);
const CALL = new Set(['functionCall', 'thoughtSignature']);
const CALL_INSIDE = new Set(['id', 'name', 'args']);
const INLINE = new Set(['inlineData', 'thoughtSignature']);
const INLINE_INSIDE = new Set(['mimeType', 'data']);
const STORED = new Set(['fileData', 'thoughtSignature']);
const STORED_INSIDE = new Set(['mimeType', 'fileUri']);

/** Gives the ids of calls that came without. */
export interface PartIds {
  /** Of the next function call. */
  call(id: string | undefined): string;
  /** Of the next run of code, or of whatever else the provider asked a tool of its own. */
  hosted(id: string | undefined): string;
  /** Of the call whose result this is. */
  hostedResult(id: string | undefined): string;
}

/**
 * Any part of a candidate's content, but for the results of the client's own
 * functions. One that is not known is a part `other`.
 *
 * @param place the part's name, for what is wrong with it
 */
export function readPart(part: Fields, place: string, ids: PartIds, refuse: Refuse): ContentPart {
  if (isFields(part['functionCall'])) return readCall(part, part['functionCall'], place, ids, refuse);
  if (isFields(part['inlineData'])) return readInline(part, part['inlineData'], place, refuse);
  if (isFields(part['fileData'])) return readStored(part, part['fileData'], place, refuse);
  const hosted = readHosted(part, ids);
  if (hosted !== undefined) return hosted;
  if (TEXTUAL.some((name) => part[name] !== undefined)) return readText(part, place, refuse);
  const [name = 'empty'] = Object.keys(part);
  return { type: 'other', name, source: { dialect: GEMINI, fields: part } };
}

/** A signature with no text of its own is the end of a thought that nobody is shown. */
export function readText(part: Fields, place: string, refuse: Refuse): TextPart | ReasoningPart {
  const { text = '' } = part;
  if (typeof text !== 'string') return refuse(`${place}.text`, 'must be a text');
  const signature = signatureOf(part);
  const thought = part['thought'] === true || (text === '' && signature !== undefined);
  const read: Draft<TextPart> | Draft<ReasoningPart> = thought ? { type: 'reasoning' } : { type: 'text', text };
  if (read.type === 'reasoning' && text !== '') {
    read.text = text;
    read.summary = true;
  }
  if (signature !== undefined) read.signature = signature;
  const rest = restOf(part, TEXT);
  if (rest !== undefined) read.rest = rest;
  return read;
}

export function signatureOf(part: Fields): Signature | undefined {
  const value = textIn(part, 'thoughtSignature');
  return value === undefined || value === '' ? undefined : { value, dialect: GEMINI };
}

function readCall(part: Fields, call: Fields, place: string, ids: PartIds, refuse: Refuse): ToolCallPart {
  const name = textIn(call, 'name') ?? refuse(`${place}.functionCall.name`, 'must be a text');
  const { args } = call;
  if (args !== undefined && args !== null && !isFields(args)) {
    return refuse(`${place}.functionCall.args`, 'must be an object');
  }
  const read: Draft<ToolCallPart> = {
    type: 'tool-call',
    kind: 'function',
    id: ids.call(someText(call, 'id')),
    name,
    arguments: argumentsOf(args),
  };
  const signature = signatureOf(part);
  if (signature !== undefined) read.signature = signature;
  const rest = mergedRest(restOf(part, CALL), 'functionCall', restOf(call, CALL_INSIDE));
  if (rest !== undefined) read.rest = rest;
  return read;
}

function readInline(part: Fields, data: Fields, place: string, refuse: Refuse): ContentPart {
  const base64 = textIn(data, 'data') ?? refuse(`${place}.inlineData.data`, 'must be a text');
  const source: MediaSource = { kind: 'bytes', mediaType: someText(data, 'mimeType'), base64 };
  return withRest(mediaPart(source), mergedRest(restOf(part, INLINE), 'inlineData', restOf(data, INLINE_INSIDE)));
}

const WEB_FILM = /^https:\/\/(?:www\.|m\.)?(?:youtube\.com\/|youtu\.be\/)/;
const OWN_FILE = /^(?:gs:\/\/|https:\/\/generativelanguage\.googleapis\.com\/|files\/)/;

function readStored(part: Fields, data: Fields, place: string, refuse: Refuse): ContentPart {
  const uri = textIn(data, 'fileUri') ?? refuse(`${place}.fileData.fileUri`, 'must be a text');
  const said = someText(data, 'mimeType');
  const mediaType = said ?? (WEB_FILM.test(uri) ? 'video/mp4' : undefined);
  const typed = said === undefined ? {} : { mediaType: said };
  const source: MediaSource =
    OWN_FILE.test(uri) || !/^https?:\/\//.test(uri)
      ? { kind: 'stored', id: uri, dialect: GEMINI, ...typed }
      : { kind: 'url', url: uri, ...typed };
  const { type } = mediaPart({ kind: 'bytes', mediaType, base64: '' });
  const read = type === 'image' || type === 'audio' || type === 'video' ? { type, source } : { type: 'file', source };
  return withRest(read as ContentPart, mergedRest(restOf(part, STORED), 'fileData', restOf(data, STORED_INSIDE)));
}

/** What is left of the object inside a part goes back into that object. */
function mergedRest(
  rest: ReturnType<typeof restOf>,
  name: string,
  inside: ReturnType<typeof restOf>,
): ReturnType<typeof restOf> {
  if (inside === undefined) return rest;
  return { dialect: GEMINI, fields: { ...rest?.fields, [name]: inside.fields } };
}

function withRest(part: ContentPart, rest: ReturnType<typeof restOf>): ContentPart {
  return rest === undefined ? part : ({ ...part, rest } as ContentPart);
}

const TOOL_TYPES: Readonly<Record<string, HostedToolName>> = {
  GOOGLE_SEARCH_WEB: 'web-search',
  GOOGLE_SEARCH_IMAGE: 'web-search',
  URL_CONTEXT: 'web-fetch',
  FILE_SEARCH: 'file-search',
};

/** What Gemini's own tools were asked and what they answered. */
export function readHosted(part: Fields, ids: PartIds): HostedCallPart | HostedResultPart | undefined {
  const source = { dialect: GEMINI, fields: part } as const;
  const { executableCode: code, codeExecutionResult: ran, toolCall: call, toolResponse: response } = part;
  if (isFields(code)) {
    const { id: _, ...asked } = code;
    const id = ids.hosted(someText(code, 'id'));
    return {
      type: 'hosted-call',
      tool: 'code-execution',
      id,
      name: 'code_execution',
      arguments: argumentsOf(asked),
      source,
    };
  }
  if (isFields(ran)) {
    return { type: 'hosted-result', tool: 'code-execution', callId: ids.hostedResult(someText(ran, 'id')), source };
  }
  if (isFields(call)) {
    const name = someText(call, 'toolType') ?? 'tool';
    const id = ids.hosted(someText(call, 'id'));
    return { type: 'hosted-call', tool: toolOf(name), id, name, arguments: argumentsOf(call['args']), source };
  }
  if (isFields(response)) {
    const tool = toolOf(someText(response, 'toolType') ?? '');
    return { type: 'hosted-result', tool, callId: ids.hostedResult(someText(response, 'id')), source };
  }
  return undefined;
}

function toolOf(type: string): HostedToolName {
  return TOOL_TYPES[type] ?? 'other';
}

function someText(fields: Fields, name: string): string | undefined {
  const text = textIn(fields, name);
  return text === '' ? undefined : text;
}
