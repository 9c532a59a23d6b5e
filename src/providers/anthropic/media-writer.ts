import type { FilePart, ImagePart, MediaSource } from '../../protocol/chat/content.ts';
import type { Fields } from '../fields.ts';
import { MESSAGES } from './wire.ts';

/** The beginnings of pictures and documents in base64: some clients do not say what they send. */
const MAGIC: readonly (readonly [string, string])[] = [
  ['/9j/', 'image/jpeg'],
  ['iVBORw0KGgo', 'image/png'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi', 'application/pdf'],
];

function mediaTypeOf(source: { readonly mediaType: string | undefined; readonly base64: string }): string | undefined {
  const said = source.mediaType?.split(';')[0]?.trim().toLowerCase();
  if (said !== undefined && said !== '' && said !== 'application/octet-stream') {
    return said === 'image/jpg' ? 'image/jpeg' : said;
  }
  return MAGIC.find(([beginning]) => source.base64.startsWith(beginning))?.[1];
}

/** Text formats that have a name of their own are read as the plain text that they are. */
const TEXT_TYPE = /^text\/|^application\/(?:json|xml|yaml|x-yaml|javascript|sql)$/;

/** @returns the `source` of an image block, or the words for why there can be none */
export function writeImageSource({ source }: ImagePart): Fields | string {
  switch (source.kind) {
    case 'bytes':
      return { type: 'base64', media_type: mediaTypeOf(source) ?? 'image/png', data: source.base64 };
    case 'url':
      return { type: 'url', url: source.url };
    case 'stored':
      return storedSource(source);
    default:
      return 'an image must be bytes, an address or a file that this provider keeps';
  }
}

/**
 * @param writeParts how the parts of a document of parts are written
 * @returns the `source` of a document block, or the words for why there can be none
 */
export function writeDocumentSource(
  { source, name }: FilePart,
  writeParts: (parts: Extract<MediaSource, { kind: 'parts' }>['parts']) => readonly Fields[],
): Fields | string {
  switch (source.kind) {
    case 'bytes': {
      const type = mediaTypeOf(source) ?? (name?.toLowerCase().endsWith('.pdf') ? 'application/pdf' : undefined);
      if (type === 'application/pdf') return { type: 'base64', media_type: type, data: source.base64 };
      if (type === undefined || !TEXT_TYPE.test(type)) {
        return `documents are PDF or text here, this one is ${type ?? 'of no type that is said'}`;
      }
      return { type: 'text', media_type: 'text/plain', data: Buffer.from(source.base64, 'base64').toString('utf8') };
    }
    case 'url':
      return { type: 'url', url: source.url };
    case 'text':
      return { type: 'text', media_type: 'text/plain', data: source.text };
    case 'parts':
      return { type: 'content', content: writeParts(source.parts) };
    case 'stored':
      return storedSource(source);
  }
}

function storedSource(source: Extract<MediaSource, { kind: 'stored' }>): Fields | string {
  return source.dialect === MESSAGES
    ? { type: 'file', file_id: source.id }
    : 'a file that lies at another provider cannot be read here';
}
