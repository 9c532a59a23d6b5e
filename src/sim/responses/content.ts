import { isObject, type JsonObject } from '../json-object.ts';
import { missing, wrongType } from '../openai/fields.ts';
import { refusal, StrictFields } from './fields.ts';

/** What can be read of an item's content. */
export interface Content {
  /** Texts and refusals, joined. */
  readonly text: string;
  /** Parts that are not text: pictures, files, sounds. */
  readonly otherParts: number;
}

export type ContentPart =
  | 'input_text'
  | 'input_image'
  | 'input_file'
  | 'input_audio'
  | 'output_text'
  | 'refusal'
  | 'reasoning_text'
  | 'summary_text';

export const INPUT_PARTS = ['input_text', 'input_image', 'input_file', 'input_audio'] as const;
export const OUTPUT_PARTS = ['output_text', 'refusal'] as const;

/** A text, or a list of parts of these types. @throws OpenAiRefusal */
export function readContent(content: unknown, path: string, parts: readonly ContentPart[]): Content {
  if (typeof content === 'string') return { text: content, otherParts: 0 };
  if (!Array.isArray(content)) throw wrongType(path, 'one of an array of objects or string', content);
  const texts: string[] = [];
  let otherParts = 0;
  content.forEach((part: unknown, index) => {
    if (!isObject(part)) throw wrongType(`${path}[${index}]`, 'an object', part);
    const text = readPart(part, `${path}[${index}]`, parts);
    if (text === undefined) otherParts++;
    else texts.push(text);
  });
  return { text: texts.join('\n'), otherParts };
}

/** @returns the text of a part that has one */
function readPart(part: JsonObject, path: string, parts: readonly ContentPart[]): string | undefined {
  const fields = new StrictFields(part, path);
  const type = fields.requiredOneOf('type', parts);
  const text = readFields(type, fields.mayHave('prompt_cache_breakpoint'));
  fields.end();
  return text;
}

function readFields(type: ContentPart, fields: StrictFields): string | undefined {
  switch (type) {
    case 'refusal':
      return fields.requiredString('refusal');
    case 'output_text':
      fields.mayHave('annotations', 'logprobs', 'parsed');
      return fields.requiredString('text');
    case 'input_image':
      fields.oneOf('detail', ['low', 'high', 'auto', 'original'] as const);
      oneSource(fields, ['image_url', 'file_id']);
      refuseNoUrl(fields, 'image_url');
      return undefined;
    case 'input_file':
      fields.mayHave('filename', 'detail');
      oneSource(fields, ['file_data', 'file_url', 'file_id']);
      return undefined;
    case 'input_audio': {
      const audio = new StrictFields(fields.requiredObject('input_audio'), fields.path('input_audio'));
      audio.requiredString('data');
      audio.requiredOneOf('format', ['mp3', 'wav'] as const);
      audio.end();
      return undefined;
    }
    default:
      return fields.requiredString('text');
  }
}

function oneSource(fields: StrictFields, names: readonly string[]): void {
  const given = names.filter((name) => fields.string(name) !== undefined);
  if (given.length === 1) return;
  const [first = ''] = names;
  if (given.length === 0) throw missing(fields.path(first));
  const quoted = given.map((name) => `'${name}'`).join(' and ');
  throw refusal(
    `Mutually exclusive parameters: ${quoted}. Ensure you are only providing one of them.`,
    fields.path(first),
    'mutually_exclusive_parameters',
  );
}

const URL_FORM = /^(https?:\/\/|data:image\/[a-z+.-]+;base64,)/i;

function refuseNoUrl(fields: StrictFields, name: string): void {
  const url = fields.string(name);
  if (url === undefined || URL_FORM.test(url)) return;
  const param = fields.path(name);
  throw refusal(
    `Invalid '${param}'. Expected a valid URL, but got a value with an invalid format.`,
    param,
    'invalid_value',
  );
}
