import type { AudioPart, ContentPart, MediaSource } from '../../protocol/chat/content.ts';
import type { Fields } from '../fields.ts';
import { GEMINI } from './wire.ts';

type Kind = 'image' | 'audio' | 'video' | 'file';

/** Which part a medium of a type is; what is none of the three is a document. */
export function kindOfMedia(mediaType: string | undefined): Kind {
  const family = mediaType?.split('/')[0]?.toLowerCase();
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'file';
}

/** A part for what lies at `source`, by its media type. */
export function mediaPart(source: MediaSource & { readonly mediaType?: string | undefined }): ContentPart {
  const type = kindOfMedia(source.mediaType);
  if (type !== 'audio') return { type, source };
  const format = formatOf(source.mediaType ?? '');
  return format === undefined ? { type, source } : { type, source, format };
}

/** Sound by the names that OpenAI has for its formats. */
const FORMATS: readonly (readonly [RegExp, string])[] = [
  [/^audio\/(?:x-)?wav(?:e)?$/, 'wav'],
  [/^audio\/(?:mp3|mpeg)$/, 'mp3'],
  [/^audio\/(?:x-)?flac$/, 'flac'],
  [/^audio\/(?:opus|ogg)$/, 'opus'],
  [/^audio\/aac$/, 'aac'],
  [/^audio\/(?:l16|pcm)$/, 'pcm16'],
];

function formatOf(mediaType: string): string | undefined {
  const bare = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  return FORMATS.find(([form]) => form.test(bare))?.[1];
}

const SOUND_TYPES: Readonly<Record<string, string>> = {
  wav: 'audio/wav',
  mp3: 'audio/mp3',
  flac: 'audio/flac',
  opus: 'audio/ogg',
  ogg: 'audio/ogg',
  aac: 'audio/aac',
  m4a: 'audio/m4a',
  pcm16: 'audio/L16;rate=24000',
};

/** The media type of a sound whose client names only a format. */
export function soundType({ source, format }: AudioPart): string | undefined {
  const said = source.kind === 'parts' ? undefined : source.mediaType;
  return said ?? (format === undefined ? undefined : (SOUND_TYPES[format] ?? `audio/${format}`));
}

/** The beginnings of pictures and documents in base64: some clients do not say what they send. */
const MAGIC: readonly (readonly [string, string])[] = [
  ['/9j/', 'image/jpeg'],
  ['iVBORw0KGgo', 'image/png'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi', 'application/pdf'],
];

const ENDINGS: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  xml: 'text/xml',
  json: 'application/json',
  wav: 'audio/wav',
  mp3: 'audio/mp3',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  aac: 'audio/aac',
  mp4: 'video/mp4',
  mpeg: 'video/mpeg',
  mov: 'video/mov',
  webm: 'video/webm',
};

/** What a file's name or an address says of its type. */
export function typeOfName(name: string | undefined): string | undefined {
  const path = name?.split(/[?#]/)[0]?.toLowerCase();
  const ending = path === undefined ? undefined : /\.([a-z0-9]{2,5})$/.exec(path)?.[1];
  return ending === undefined ? undefined : ENDINGS[ending];
}

/** What is sent where neither the client nor the thing itself says what it is. */
const USUAL: Readonly<Record<Kind, string>> = {
  image: 'image/jpeg',
  audio: 'audio/wav',
  video: 'video/mp4',
  file: 'application/pdf',
};

/** Facts of the part whose source is written. */
export interface MediaFacts {
  readonly kind: Kind;
  /** Known from elsewhere than the source. */
  readonly mediaType?: string | undefined;
  readonly name?: string | undefined;
  /** Whether the model fetches what lies at any address. */
  readonly fetches: boolean;
}

/** @returns a part's `inlineData` or `fileData`, or the words for why there can be neither */
export function writeMedia(source: MediaSource, facts: MediaFacts): Fields | string {
  switch (source.kind) {
    case 'bytes':
      return { inlineData: { mimeType: typeOfBytes(source, facts), data: source.base64 } };
    case 'text': {
      const data = Buffer.from(source.text, 'utf8').toString('base64');
      return { inlineData: { mimeType: plainType(source.mediaType) ?? 'text/plain', data } };
    }
    case 'stored':
      if (source.dialect !== GEMINI) return 'a file that lies at another provider cannot be read here';
      return {
        fileData: { ...(source.mediaType === undefined ? {} : { mimeType: source.mediaType }), fileUri: source.id },
      };
    case 'url':
      return atAddress(source, facts);
    case 'parts':
      return 'it must be bytes, an address or a file that this provider keeps';
  }
}

const OWN_ADDRESS = /^(?:gs:\/\/|https:\/\/generativelanguage\.googleapis\.com\/)/;
const FILM_ADDRESS = /^https:\/\/(?:www\.|m\.)?(?:youtube\.com\/|youtu\.be\/)/;

function atAddress(source: Extract<MediaSource, { kind: 'url' }>, facts: MediaFacts): Fields | string {
  const { url } = source;
  const film = FILM_ADDRESS.test(url);
  if (!film && !OWN_ADDRESS.test(url) && !facts.fetches) return 'this model reads nothing at an address';
  const known = source.mediaType ?? facts.mediaType ?? typeOfName(url) ?? typeOfName(facts.name);
  // A film's address has no type of its own.
  const mimeType = known ?? (film ? undefined : USUAL[facts.kind]);
  return { fileData: { ...(mimeType === undefined ? {} : { mimeType }), fileUri: url } };
}

function typeOfBytes(source: Extract<MediaSource, { kind: 'bytes' }>, facts: MediaFacts): string {
  return (
    plainType(source.mediaType) ??
    plainType(facts.mediaType) ??
    MAGIC.find(([beginning]) => source.base64.startsWith(beginning))?.[1] ??
    typeOfName(facts.name) ??
    USUAL[facts.kind]
  );
}

function plainType(said: string | undefined): string | undefined {
  const type = said?.trim();
  if (type === undefined || type === '' || type.toLowerCase() === 'application/octet-stream') return undefined;
  return type.toLowerCase() === 'image/jpg' ? 'image/jpeg' : type;
}
