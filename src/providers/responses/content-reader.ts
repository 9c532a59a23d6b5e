import type { Draft } from '../../kernel/draft.ts';
import type {
  AudioPart,
  ContentPart,
  FilePart,
  ImagePart,
  MediaSource,
  TextPart,
} from '../../protocol/chat/content.ts';
import { CACHE_MARKER_NAMES, readCacheMarker } from '../openai/cache-marker.ts';
import { readFileData, readMediaUrl } from '../openai/media.ts';
import { isObject, type Misfit, someText, type WireObject } from '../openai/wire.ts';
import { readAnnotations } from './annotations.ts';
import { ownRestOf, RESPONSES, restOf } from './wire.ts';

/**
 * The `content` of a message item, or the `output` of a tool: a text, or a list
 * of parts, of what is sent as of what is answered. Parts that are not known
 * are kept as they came.
 *
 * @param place the field's name, for what is wrong with it
 * @throws what `misfit` makes
 */
export function readContent(content: unknown, place: string, misfit: Misfit): ContentPart[] {
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw misfit(place, 'a string or an array of parts');
  return content.map((part, at) => readContentPart(part, `${place}[${at}]`, misfit));
}

/** @throws what `misfit` makes */
export function readContentPart(value: unknown, place: string, misfit: Misfit): ContentPart {
  if (!isObject(value)) throw misfit(place, 'an object');
  const { type } = value;
  const read = typeof type === 'string' && Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  const part = read?.(value, place, misfit);
  if (part === undefined) {
    return { type: 'other', name: typeof type === 'string' ? type : 'untyped', source: ownRestOf(value) };
  }
  const cache = readCacheMarker(value);
  return cache === undefined ? part : { ...part, cache };
}

type PartReader = (part: WireObject, place: string, misfit: Misfit) => ContentPart | undefined;

const READERS: Readonly<Record<string, PartReader>> = {
  input_text: readText,
  output_text: readText,
  text: readText,
  summary_text: readText,
  refusal: readRefusal,
  input_image: readImage,
  input_file: readFile,
  input_audio: readAudio,
  output_audio: readOutputAudio,
};

/** Tokens' probabilities are the answer's, and are read with it. */
const TEXT = new Set(['type', 'text', 'annotations', 'logprobs', ...CACHE_MARKER_NAMES]);

function readText(part: WireObject, place: string, misfit: Misfit): TextPart {
  const { text } = part;
  if (typeof text !== 'string') throw misfit(`${place}.text`, 'a string');
  const read: Draft<TextPart> = { type: 'text', text };
  const citations = readAnnotations(part['annotations']);
  if (citations.length > 0) read.citations = citations;
  return withMore(read, part, TEXT);
}

const REFUSAL = new Set(['type', 'refusal', ...CACHE_MARKER_NAMES]);

function readRefusal(part: WireObject, place: string, misfit: Misfit): ContentPart {
  const { refusal } = part;
  if (typeof refusal !== 'string') throw misfit(`${place}.refusal`, 'a string');
  return withMore({ type: 'refusal', text: refusal }, part, REFUSAL);
}

const IMAGE = new Set(['type', 'image_url', 'file_id', 'detail', ...CACHE_MARKER_NAMES]);

function readImage(part: WireObject, place: string, misfit: Misfit): ContentPart {
  const { image_url: url, file_id: id, detail } = part;
  const source: MediaSource | undefined = typeof url === 'string' ? readMediaUrl(url) : storedSource(someText(id));
  if (source === undefined) throw misfit(`${place}.image_url`, 'a string');
  const image: Draft<ImagePart> = { type: 'image', source };
  if (detail === 'low' || detail === 'high' || detail === 'auto' || detail === 'original') image.detail = detail;
  return withMore(image, part, IMAGE);
}

const FILE = new Set(['type', 'file_data', 'file_url', 'file_id', 'filename', ...CACHE_MARKER_NAMES]);

function readFile(part: WireObject, place: string, misfit: Misfit): ContentPart {
  const data = someText(part['file_data']);
  const url = someText(part['file_url']);
  const source =
    data !== undefined
      ? readFileData(data)
      : url !== undefined
        ? ({ kind: 'url', url } as const)
        : storedSource(someText(part['file_id']));
  if (source === undefined) throw misfit(`${place}.file_data`, 'a string');
  const file: Draft<FilePart> = { type: 'file', source };
  const name = someText(part['filename']);
  if (name !== undefined) file.name = name;
  return withMore(file, part, FILE);
}

function storedSource(id: string | undefined): MediaSource | undefined {
  return id === undefined ? undefined : { kind: 'stored', id, dialect: RESPONSES };
}

const AUDIO = new Set(['type', 'input_audio', ...CACHE_MARKER_NAMES]);

function readAudio(part: WireObject, place: string, misfit: Misfit): ContentPart {
  const { input_audio: sound } = part;
  const data = isObject(sound) ? sound['data'] : undefined;
  if (!isObject(sound) || typeof data !== 'string') throw misfit(`${place}.input_audio.data`, 'a string');
  const audio: Draft<AudioPart> = { type: 'audio', source: { kind: 'bytes', mediaType: undefined, base64: data } };
  const format = someText(sound['format']);
  if (format !== undefined) audio.format = format;
  return withMore(audio, part, AUDIO);
}

const OUTPUT_AUDIO = new Set(['type', 'data', 'transcript']);

function readOutputAudio(part: WireObject): ContentPart | undefined {
  const { data, transcript } = part;
  if (typeof data !== 'string') return undefined;
  const audio: Draft<AudioPart> = { type: 'audio', source: { kind: 'bytes', mediaType: undefined, base64: data } };
  if (typeof transcript === 'string') audio.transcript = transcript;
  return withMore(audio, part, OUTPUT_AUDIO);
}

function withMore<T extends ContentPart>(read: Draft<T>, part: WireObject, known: ReadonlySet<string>): T {
  const rest = restOf(part, known);
  if (rest !== undefined) read.rest = rest as T['rest'];
  return read as T;
}
