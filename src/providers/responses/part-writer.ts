import type { ContentPart, FilePart, ImagePart, MediaSource, SearchResultPart } from '../../protocol/chat/content.ts';
import { mediaUrl } from '../openai/media.ts';
import type { WireObject } from '../openai/wire.ts';
import { type CallWriting, markCache, unsayable } from './call-losses.ts';
import { ITEM } from './item-reader.ts';
import { ownFields, RESPONSES } from './wire.ts';

type Written = Record<string, unknown>;

/**
 * Parts of what a user, an instruction or a tool says as a `content` or an
 * `output`: a plain text as a text, everything else as parts.
 *
 * @param placeOf the client's name for the n-th part
 * @throws `unsupported_parameter` for a part that has no word here
 */
export function contentJson(
  parts: readonly ContentPart[],
  placeOf: (part: number) => string,
  writing: CallWriting,
): string | readonly Written[] {
  const written = parts.flatMap((part, at) => partJson(part, placeOf(at), writing));
  const [only] = written;
  if (only === undefined) return '';
  const plain = written.length === 1 && only['type'] === 'input_text' && Object.keys(only).length === 2;
  return plain ? (only['text'] as string) : written;
}

function partJson(part: ContentPart, place: string, writing: CallWriting): Written[] {
  const written = bareParts(part, place, writing);
  const last = written.at(-1);
  if (last !== undefined) markCache(last, part.cache, place, writing);
  return written;
}

function bareParts(part: ContentPart, place: string, writing: CallWriting): Written[] {
  switch (part.type) {
    case 'text':
      return [{ ...partRest(part), ...textJson([part.text]) }];
    case 'refusal':
      return [textJson([part.text])];
    case 'tool-reference':
      return [textJson([part.name])];
    case 'image':
      return [{ ...partRest(part), ...imageJson(part, place) }];
    case 'file':
      return fileJson(part, place, writing);
    case 'search-result':
      return [searchResultJson(part, place, writing)];
    case 'reasoning':
    case 'redacted-reasoning':
      return [];
    case 'audio':
      throw unsayable(place, 'it takes no sound');
    case 'video':
      throw unsayable(place, 'it takes no film');
    case 'other':
      if (part.source.dialect === RESPONSES) return [{ ...part.source.fields }];
      throw unsayable(place, `it knows no part of the type ${JSON.stringify(part.name)}`);
    default:
      throw unsayable(place, `a ${part.type} has no place there`);
  }
}

/** What only this dialect says of a part, without what it says of the message around it. */
export function partRest({ rest }: ContentPart): WireObject {
  const { [ITEM]: _, ...more } = ownFields(rest);
  return more;
}

function textJson(lines: readonly string[]): Written {
  return { type: 'input_text', text: lines.join('\n') };
}

function imageJson({ source, detail = 'auto' }: ImagePart, place: string): Written {
  const id = storedId(source);
  if (id !== undefined) return { type: 'input_image', file_id: id, detail };
  const url = mediaUrl(source);
  if (url === undefined) throw unsayable(place, 'it lies at another provider');
  return { type: 'input_image', image_url: url, detail };
}

/** Files lie at the vendor, whichever of its wires named them. */
function storedId(source: MediaSource): string | undefined {
  if (source.kind !== 'stored') return undefined;
  return source.dialect === RESPONSES || source.dialect === 'openai-chat' ? source.id : undefined;
}

function fileJson(part: FilePart, place: string, writing: CallWriting): Written[] {
  const { source, name, context } = part;
  const head = [...(name === undefined ? [] : [`Document: ${name}`]), ...(context === undefined ? [] : [context])];
  if (source.kind === 'text') return [textJson([...head, source.text])];
  if (source.kind === 'parts') {
    const inside = source.parts.flatMap((inner, at) => partJson(inner, `${place}.source.content[${at}]`, writing));
    return [...(head.length === 0 ? [] : [textJson(head)]), ...inside];
  }
  const about = context === undefined ? [] : [textJson([context])];
  return [...about, { ...partRest(part), type: 'input_file', ...fileSource(source, name, place) }];
}

function fileSource(source: MediaSource, name: string | undefined, place: string): WireObject {
  const id = storedId(source);
  if (id !== undefined) return { file_id: id };
  const named = name === undefined ? {} : { filename: name };
  if (source.kind === 'url') return { file_url: source.url, ...named };
  if (source.kind !== 'bytes') throw unsayable(place, 'it lies at another provider');
  const { mediaType = sniffed(source.base64), base64 } = source;
  const data = mediaType === undefined ? base64 : mediaUrl({ kind: 'bytes', mediaType, base64 });
  // The API demands a name for what comes as bytes.
  return { file_data: data, filename: name ?? `document${extensionOf(mediaType)}` };
}

/** Some clients do not say what they send; a PDF begins as every other one does. */
function sniffed(base64: string): string | undefined {
  return base64.startsWith('JVBERi') ? 'application/pdf' : undefined;
}

function extensionOf(mediaType: string | undefined): string {
  const [, subtype] = /^[\w-]+\/([\w-]{1,8})(?:;|$)/.exec(mediaType ?? '') ?? [];
  if (subtype === undefined) return '';
  return subtype === 'plain' ? '.txt' : `.${subtype}`;
}

function searchResultJson(part: SearchResultPart, place: string, writing: CallWriting): Written {
  const lines = [`Search result: ${part.title}`, `Source: ${part.source}`];
  for (const [at, inner] of part.parts.entries()) {
    if (inner.type !== 'text') throw unsayable(`${place}.content[${at}]`, 'a search result is text there');
    lines.push(inner.text);
  }
  const written = textJson(lines);
  for (const [at, { cache }] of part.parts.entries()) markCache(written, cache, `${place}.content[${at}]`, writing);
  return written;
}
