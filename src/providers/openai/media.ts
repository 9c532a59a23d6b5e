import type { MediaSource } from '../../protocol/chat/content.ts';

const BASE64_MARK = ';base64,';
/** Longer than any media type with its parameters. */
const HEAD_CHARS_MAX = 256;

/** What a URL of this wire names: the bytes themselves where it is a `data:` URL, else a place. */
export function readMediaUrl(url: string): MediaSource {
  if (!url.startsWith('data:')) return { kind: 'url', url };
  const mark = url.slice(0, HEAD_CHARS_MAX).indexOf(BASE64_MARK);
  if (mark < 0) return { kind: 'url', url };
  const mediaType = url.slice('data:'.length, mark);
  return {
    kind: 'bytes',
    mediaType: mediaType === '' ? undefined : mediaType,
    base64: url.slice(mark + BASE64_MARK.length),
  };
}

/** The URL of bytes or of a place; `undefined` for what has none. */
export function mediaUrl(source: MediaSource): string | undefined {
  if (source.kind === 'url') return source.url;
  return source.kind === 'bytes' ? `data:${source.mediaType ?? ''}${BASE64_MARK}${source.base64}` : undefined;
}

/** Bytes without a `data:` head, as some clients send files; else a place. */
export function readFileData(data: string): MediaSource {
  if (/^(?:data|https?|gs|s3):/i.test(data.slice(0, 8))) return readMediaUrl(data);
  return { kind: 'bytes', mediaType: undefined, base64: data };
}
