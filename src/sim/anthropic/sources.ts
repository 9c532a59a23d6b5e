import { isObject, type JsonObject } from '../json-object.ts';
import { missing, wrong } from './errors.ts';
import { Fields } from './fields.ts';
import { base64Bytes, sniffedImage } from './media.ts';

const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const;

function tagged<Tag extends string>(source: JsonObject, path: string, tags: readonly Tag[]): [Tag, Fields] {
  const tag = new Fields(source, path).tag(tags);
  return [tag, new Fields(source, `${path}.${tag}`).mayHave('type')];
}

/** @throws a refusal of a picture that the provider could not look at */
export function readImageSource(source: JsonObject, path: string): void {
  const [kind, fields] = tagged(source, path, ['base64', 'url', 'file'] as const);
  if (kind === 'base64') {
    const said = fields.oneOf('media_type', IMAGE_TYPES);
    if (said === undefined) throw missing(fields.path('media_type'));
    const seen = sniffedImage(readBase64(fields));
    if (seen !== undefined && seen !== said) {
      throw wrong(
        fields.path('data'),
        `The image was specified using the ${said} media type, but the image appears to be a ${seen} image`,
      );
    }
  } else {
    readElsewhere(kind, fields);
  }
  fields.end();
}

/** @returns the document's text, empty when it is a file. @throws a refusal */
export function readDocumentSource(source: JsonObject, path: string): string {
  const [kind, fields] = tagged(source, path, ['base64', 'text', 'content', 'url', 'file'] as const);
  let text = '';
  switch (kind) {
    case 'base64':
      if (fields.oneOf('media_type', ['application/pdf'] as const) === undefined)
        throw missing(fields.path('media_type'));
      if (readBase64(fields).subarray(0, 5).toString('latin1') !== '%PDF-') {
        throw wrong(fields.path('data'), 'The PDF specified was not valid.');
      }
      break;
    case 'text':
      if (fields.oneOf('media_type', ['text/plain'] as const) === undefined) throw missing(fields.path('media_type'));
      text = fields.requiredString('data');
      break;
    case 'content':
      text = contentText(fields.raw('content'), fields.path('content'));
      break;
    default:
      readElsewhere(kind, fields);
  }
  fields.end();
  return text;
}

function readBase64(fields: Fields): Buffer {
  const bytes = base64Bytes(fields.requiredString('data'));
  if (bytes === undefined) throw wrong(fields.path('data'), 'Invalid base64 data');
  return bytes;
}

function readElsewhere(kind: 'url' | 'file', fields: Fields): void {
  if (kind === 'file') {
    fields.requiredString('file_id');
    return;
  }
  const url = fields.requiredString('url');
  if (!/^https?:\/\//.test(url)) throw wrong(fields.path('url'), 'Only HTTP and HTTPS URLs are supported');
}

function contentText(content: unknown, path: string): string {
  if (typeof content === 'string') return content;
  if (content === undefined) throw missing(path);
  if (!Array.isArray(content)) throw wrong(path, 'Input should be a valid list');
  return content
    .map((item: unknown, index) => {
      if (!isObject(item)) throw wrong(`${path}.${index}`, 'Input should be a valid dictionary');
      const fields = new Fields(item, `${path}.${index}`);
      const kind = fields.tag(['text', 'image'] as const);
      return kind === 'text' ? fields.requiredString('text') : '';
    })
    .join('\n');
}
