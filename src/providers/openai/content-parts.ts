import type { Draft } from '../../kernel/draft.ts';
import type { AudioPart, ContentPart, FilePart, ImagePart, MediaSource } from '../../protocol/chat/content.ts';
import { CACHE_MARKER_NAMES, readCacheMarker } from './cache-marker.ts';
import { readFileData, readMediaUrl } from './media.ts';
import { isObject, type Misfit, ownRestOf, restOf, someText, type WireObject } from './wire.ts';

/**
 * What a message says: a text, or an array of parts. Parts that are not known
 * are kept as they came. An empty text says nothing, and is no part.
 *
 * @param place the field's name, for what is wrong with it
 * @throws what `misfit` makes
 */
export function readContent(content: unknown, place: string, misfit: Misfit): ContentPart[] {
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw misfit(place, 'a string or an array of parts');
  return content.map((part, at) => readPart(part, `${place}[${at}]`, misfit));
}

function readPart(part: unknown, place: string, misfit: Misfit): ContentPart {
  if (!isObject(part)) throw misfit(place, 'an object');
  const { type } = part;
  const read = typeof type === 'string' && Object.hasOwn(READERS, type) ? READERS[type as PartName] : undefined;
  if (read === undefined) {
    return { type: 'other', name: typeof type === 'string' ? type : 'untyped', source: ownRestOf(part) };
  }
  return read(part, place, misfit);
}

type PartReader = (part: WireObject, place: string, misfit: Misfit) => ContentPart;
type PartName = keyof typeof READERS;

const READERS = {
  text: readText,
  refusal: readRefusal,
  image_url: readImage,
  video_url: readVideo,
  input_audio: readAudio,
  file: readFile,
  thinking: readThinking,
} satisfies Record<string, PartReader>;

function readText(part: WireObject, place: string, misfit: Misfit): ContentPart {
  const { text } = part;
  if (typeof text !== 'string') throw misfit(`${place}.text`, 'a string');
  return kept({ type: 'text', text }, part, 'text');
}

function readRefusal(part: WireObject, place: string, misfit: Misfit): ContentPart {
  const { refusal } = part;
  if (typeof refusal !== 'string') throw misfit(`${place}.refusal`, 'a string');
  return kept({ type: 'refusal', text: refusal }, part, 'refusal');
}

/** Also where an answer has pictures beside its text, as OpenRouter's do. */
export function readImage(part: WireObject, place: string, misfit: Misfit): ContentPart {
  const { url, inner } = urlIn(part, 'image_url', `${place}.image_url`, misfit);
  const image: Draft<ImagePart> = { type: 'image', source: readMediaUrl(url) };
  const detail = inner['detail'];
  const known = detail === 'low' || detail === 'high' || detail === 'auto' || detail === 'original';
  if (known) image.detail = detail;
  return kept(image, part, 'image_url', restOf(inner, known ? URL_AND_DETAIL : URL_ALONE)?.fields);
}

const URL_AND_DETAIL = new Set(['url', 'detail']);
const URL_ALONE = new Set(['url']);

function readVideo(part: WireObject, place: string, misfit: Misfit): ContentPart {
  const { url, inner } = urlIn(part, 'video_url', `${place}.video_url`, misfit);
  return kept({ type: 'video', source: readMediaUrl(url) }, part, 'video_url', restOf(inner, URL_ALONE)?.fields);
}

/** Mistral's own form has the URL without an object around it. */
function urlIn(part: WireObject, name: string, place: string, misfit: Misfit): { url: string; inner: WireObject } {
  const value = part[name];
  if (typeof value === 'string') return { url: value, inner: {} };
  if (!isObject(value)) throw misfit(place, 'an object');
  const url = value['url'];
  if (typeof url !== 'string') throw misfit(`${place}.url`, 'a string');
  return { url, inner: value };
}

const AUDIO_NAMES = new Set(['data', 'format']);

function readAudio(part: WireObject, place: string, misfit: Misfit): ContentPart {
  const { input_audio: sound } = part;
  const data = isObject(sound) ? sound['data'] : sound;
  if (typeof data !== 'string') throw misfit(`${place}.input_audio.data`, 'a string');
  const audio: Draft<AudioPart> = {
    type: 'audio',
    source: { kind: 'bytes', mediaType: undefined, base64: data },
  };
  const format = isObject(sound) ? sound['format'] : undefined;
  if (typeof format === 'string') audio.format = format;
  return kept(audio, part, 'input_audio', isObject(sound) ? restOf(sound, AUDIO_NAMES)?.fields : undefined);
}

const FILE_NAMES = new Set(['file_data', 'file_id', 'filename']);

function readFile(part: WireObject, place: string, misfit: Misfit): ContentPart {
  const { file } = part;
  if (!isObject(file)) throw misfit(`${place}.file`, 'an object');
  const source = fileSource(file);
  if (source === undefined) throw misfit(`${place}.file.file_data`, 'a string');
  const read: Draft<FilePart> = { type: 'file', source };
  const name = file['filename'];
  if (typeof name === 'string') read.name = name;
  return kept(read, part, 'file', restOf(file, FILE_NAMES)?.fields);
}

function fileSource({ file_data: data, file_id: id }: WireObject): MediaSource | undefined {
  const text = someText(data);
  if (text !== undefined) return readFileData(text);
  const stored = someText(id);
  return stored === undefined ? undefined : { kind: 'stored', id: stored, dialect: 'openai-chat' };
}

const THINKING_NAMES = new Set(['type', 'thinking']);

/** Mistral's reasoning models put parts of text into a part of thoughts. */
function readThinking(part: WireObject, place: string, misfit: Misfit): ContentPart {
  const { thinking } = part;
  const inner = readContent(thinking, `${place}.thinking`, misfit);
  const text = inner.map((thought) => (thought.type === 'text' ? thought.text : '')).join('');
  const rest = restOf(part, THINKING_NAMES);
  return { type: 'reasoning', text, ...(rest === undefined ? {} : { rest }) };
}

/** Adds the marker of a part, and what of it is not known here. */
function kept<T extends ContentPart>(read: Draft<T>, part: WireObject, body: string, inner?: WireObject): ContentPart {
  const cache = readCacheMarker(part);
  if (cache !== undefined) read.cache = cache;
  let more: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(part)) {
    if (name === 'type' || name === body || value === undefined) continue;
    if (cache !== undefined && CACHE_MARKER_NAMES.includes(name)) continue;
    more ??= {};
    more[name] = value;
  }
  if (inner !== undefined) more = { ...more, [body]: inner };
  if (more !== undefined) read.rest = ownRestOf(more);
  return read as ContentPart;
}
