import type { JsonObject } from '../json-object.ts';
import type { TokenCounter } from '../tokenizer.ts';
import { GeminiRefusal, invalid } from './errors.ts';
import { Fields } from './fields.ts';
import { type ModalityTokens, mediaTokens, modalityOf, refuseBrokenImage, sumOfTokens } from './media.ts';

/** One part of a content, checked. */
export interface Part {
  readonly kind: 'text' | 'thought' | 'media' | 'call' | 'response' | 'other';
  /** As it came. */
  readonly object: JsonObject;
  /** What can be read of it. */
  readonly text: string;
  /** What it costs to read, by modality. */
  readonly tokens: ModalityTokens;
  readonly signature?: string;
  /** Of a call or of a response to one. */
  readonly name?: string;
  readonly id?: string;
  /** Of a response: whether it is an error, and how many files came with it. */
  readonly failed?: boolean;
  readonly files?: number;
}

const DATA = [
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
] as const;
const BESIDE = [
  'videoMetadata',
  'mediaResolution',
  'mediaProcessing',
  'partMetadata',
  'speechMetadata',
  'audioTranscription',
] as const;

/** @throws GeminiRefusal */
export function readPart(fields: Fields, counter: TokenCounter): Part {
  const data = fields.mayHave(...BESIDE).onlyOne(DATA);
  const thought = fields.boolean('thought') === true;
  fields.bytes('thoughtSignature');
  const signature = fields.string('thoughtSignature');
  if (data === undefined) {
    throw invalid(fields.path('data'), "required oneof field 'data' must have one initialized field");
  }
  const read = readData(data, fields, counter);
  fields.end();
  const kind = read.kind === 'text' && thought ? 'thought' : read.kind;
  return { ...read, kind, object: fields.source, ...(signature === undefined ? {} : { signature }) };
}

type ReadData = Omit<Part, 'object' | 'signature'>;

function readData(data: (typeof DATA)[number], fields: Fields, counter: TokenCounter): ReadData {
  switch (data) {
    case 'text': {
      const text = fields.string('text') ?? '';
      return { kind: 'text', text, tokens: { TEXT: counter.count(text) } };
    }
    case 'inlineData':
      return readBlob(required(fields, data, 'Blob'), counter);
    case 'fileData':
      return readFile(required(fields, data, 'FileData'));
    case 'functionCall':
      return readCall(required(fields, data, 'FunctionCall'), counter);
    case 'functionResponse':
      return readResponse(required(fields, data, 'FunctionResponse'), counter);
    default: {
      const text = JSON.stringify(fields.object(data, 'Part'));
      return { kind: 'other', text: '', tokens: { TEXT: counter.count(text) } };
    }
  }
}

/** An object that is known to be there. */
function required(fields: Fields, name: string, message: string): Fields {
  return fields.nested(name, message) ?? new Fields({}, fields.path(name));
}

function readBlob(blob: Fields, counter: TokenCounter): ReadData {
  const mimeType = blob.mayHave('displayName').string('mimeType');
  const bytes = blob.bytes('data');
  blob.end();
  if (mimeType === undefined || mimeType === '') throw invalid(blob.path('mimeType'), 'mime_type must not be empty');
  if (bytes === undefined || bytes.length === 0) throw invalid(blob.path('data'), 'data must not be empty');
  const modality = modalityOf(mimeType);
  if (modality === 'TEXT') {
    const text = bytes.toString();
    return { kind: 'media', text, tokens: { TEXT: counter.count(text) } };
  }
  refuseBrokenImage(mimeType, bytes);
  return { kind: 'media', text: '', tokens: { [modality]: mediaTokens(modality, bytes) } };
}

function readFile(file: Fields): ReadData {
  const uri = file.mayHave('displayName').string('fileUri');
  const mimeType = file.string('mimeType') ?? 'image/*';
  file.end();
  if (uri === undefined || uri === '') throw invalid(file.path('fileUri'), 'file_uri must not be empty');
  if (!/^(https?|gs):\/\//.test(uri)) throw new GeminiRefusal(400, 'Invalid or unsupported file uri.');
  const modality = modalityOf(mimeType);
  const seen = modality === 'TEXT' ? 'DOCUMENT' : modality;
  return { kind: 'media', text: '', tokens: { [modality]: mediaTokens(seen) } };
}

function readCall(call: Fields, counter: TokenCounter): ReadData {
  const name = requiredName(call);
  const id = call.string('id');
  const args = call.object('args', 'Struct') ?? {};
  call.end();
  const tokens = { TEXT: counter.count(name) + counter.count(JSON.stringify(args)) };
  return { kind: 'call', text: '', tokens, name, ...(id === undefined ? {} : { id }) };
}

function readResponse(response: Fields, counter: TokenCounter): ReadData {
  const name = requiredName(response);
  const id = response.mayHave('scheduling', 'willContinue').string('id');
  const object = response.object('response', 'Struct') ?? {};
  const files = response.objects('parts', 'FunctionResponsePart');
  response.end();
  const said = { TEXT: counter.count(name) + counter.count(JSON.stringify(object)) };
  const tokens = sumOfTokens([said, ...files.map((file) => readResponseFile(file, counter).tokens)]);
  const failed = object['error'] !== undefined;
  const text = spoken(failed ? object['error'] : (object['output'] ?? object['result'] ?? object['content'] ?? object));
  return { kind: 'response', text, tokens, name, failed, files: files.length, ...(id === undefined ? {} : { id }) };
}

/** A file that came with a response. */
function readResponseFile(file: Fields, counter: TokenCounter): ReadData {
  const data = file.onlyOne(['inlineData', 'fileData']);
  if (data === undefined) {
    throw invalid(file.path('data'), "required oneof field 'data' must have one initialized field");
  }
  const read =
    data === 'inlineData'
      ? readBlob(required(file, data, 'Blob'), counter)
      : readFile(required(file, data, 'FileData'));
  file.end();
  return read;
}

function spoken(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function requiredName(fields: Fields): string {
  const name = fields.string('name');
  if (name !== undefined && name !== '') return name;
  throw invalid(fields.path('name'), 'Name cannot be empty.');
}
