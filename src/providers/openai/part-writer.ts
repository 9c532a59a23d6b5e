import type { AudioPart, ContentPart, FilePart, SearchResultPart } from '../../protocol/chat/content.ts';
import { type CallWriting, markCache, unsayable } from './call-losses.ts';
import { mediaUrl } from './media.ts';
import { type WireObject, withRest } from './wire.ts';

/**
 * Parts as the `content` of a message: a plain text as a text, as clients of
 * all kinds write it; everything else as parts.
 *
 * @param placeOf the client's name for the n-th part
 * @throws `unsupported_parameter` for a part that has no word here
 */
export function contentJson(
  parts: readonly ContentPart[],
  placeOf: (part: number) => string,
  writing: CallWriting,
): string | readonly WireObject[] {
  const written = parts.flatMap((part, at) => partJson(part, placeOf(at), writing));
  const [only] = written;
  if (only === undefined) return '';
  const plain = written.length === 1 && only['type'] === 'text' && Object.keys(only).length === 2;
  return plain ? (only['text'] as string) : written;
}

/** One part of what a user or an instruction says. Documents that are made of parts come out as several. */
export function partJson(part: ContentPart, place: string, writing: CallWriting): WireObject[] {
  const written = bareParts(part, place, writing);
  const last = written.at(-1);
  if (last === undefined) return written;
  markCache(last, part.cache, place, writing);
  withRest(last, part.rest);
  return written;
}

function bareParts(part: ContentPart, place: string, writing: CallWriting): Record<string, unknown>[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }];
    case 'refusal':
      return [{ type: 'refusal', refusal: part.text }];
    case 'image': {
      const url = mediaUrl(part.source) ?? stored(place);
      return [{ type: 'image_url', image_url: { url, ...(part.detail === undefined ? {} : { detail: part.detail }) } }];
    }
    case 'video':
      return [{ type: 'video_url', video_url: { url: mediaUrl(part.source) ?? stored(place) } }];
    case 'audio':
      return [{ type: 'input_audio', input_audio: soundJson(part, place) }];
    case 'file':
      return fileJson(part, place, writing);
    case 'search-result':
      return searchResultJson(part, place, writing);
    case 'other':
      if (part.source.dialect === 'openai-chat') return [{ ...part.source.fields }];
      throw unsayable(place, `it knows no part of the type ${JSON.stringify(part.name)}`);
    case 'reasoning':
    case 'redacted-reasoning':
      return [];
    default:
      throw unsayable(place, `a ${part.type} has no place there`);
  }
}

function stored(place: string): never {
  throw unsayable(place, 'it lies at another provider');
}

function soundJson({ source, format }: AudioPart, place: string): WireObject {
  if (source.kind !== 'bytes') throw unsayable(place, 'it takes sound by its bytes alone');
  const type = format ?? source.mediaType?.split('/').at(-1);
  return { data: source.base64, ...(type === undefined ? {} : { format: type }) };
}

function fileJson(part: FilePart, place: string, writing: CallWriting): Record<string, unknown>[] {
  const { source, name, context } = part;
  if (source.kind === 'text') return [textJson([...headLines(name, context), source.text])];
  if (source.kind === 'parts') {
    const head = headLines(name, context);
    const inside = source.parts.flatMap((inner, at) => partJson(inner, `${place}.source.content[${at}]`, writing));
    return [...(head.length === 0 ? [] : [textJson(head)]), ...inside];
  }
  const file = { ...dataOf(source, place), ...(name === undefined ? {} : { filename: name }) };
  const about = context === undefined ? [] : [textJson([context])];
  return [...about, { type: 'file', file }];
}

function dataOf(source: FilePart['source'], place: string): WireObject {
  if (source.kind === 'stored' && source.dialect === 'openai-chat') return { file_id: source.id };
  if (source.kind === 'url') return { file_data: source.url };
  if (source.kind !== 'bytes') return stored(place);
  return { file_data: source.mediaType === undefined ? source.base64 : mediaUrl(source) };
}

function headLines(title: string | undefined, context: string | undefined): string[] {
  return [...(title === undefined ? [] : [`Document: ${title}`]), ...(context === undefined ? [] : [context])];
}

function textJson(lines: readonly string[]): Record<string, unknown> {
  return { type: 'text', text: lines.join('\n') };
}

function searchResultJson(part: SearchResultPart, place: string, writing: CallWriting): Record<string, unknown>[] {
  const written = textJson([`Search result: ${part.title}`, `Source: ${part.source}`]);
  for (const [at, inner] of part.parts.entries()) {
    const innerPlace = `${place}.content[${at}]`;
    if (inner.type !== 'text') throw unsayable(innerPlace, 'a search result is text there');
    written['text'] += `\n${inner.text}`;
    markCache(written, inner.cache, innerPlace, writing);
  }
  return [written];
}
