import { refusal, StrictFields } from './fields.ts';
import type { Item } from './items.ts';
import { strictProblem } from './strict-schema.ts';

export type Format =
  | { readonly kind: 'text' }
  | { readonly kind: 'json-object' }
  | { readonly kind: 'json-schema'; readonly schema: unknown; readonly name: string };

const VERBOSITIES = ['low', 'medium', 'high'] as const;

/** What `text` asks for. @throws OpenAiRefusal */
export function readFormat(fields: StrictFields, items: readonly Item[]): { format: Format; verbosity: string } {
  const object = fields.object('text');
  if (object === undefined) return { format: { kind: 'text' }, verbosity: 'medium' };
  const text = new StrictFields(object, 'text');
  const verbosity = text.oneOf('verbosity', VERBOSITIES) ?? 'medium';
  const formatObject = text.object('format');
  text.end();
  if (formatObject === undefined) return { format: { kind: 'text' }, verbosity };
  const format = new StrictFields(formatObject, 'text.format');
  const type = format.requiredOneOf('type', ['json_object', 'json_schema', 'text'] as const);
  if (type === 'json_schema') return { format: readSchema(format), verbosity };
  format.end();
  if (type === 'text') return { format: { kind: 'text' }, verbosity };
  if (!items.some((item) => /json/i.test(item.text))) {
    const message =
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.";
    throw refusal(message, 'input');
  }
  return { format: { kind: 'json-object' }, verbosity };
}

function readSchema(format: StrictFields): Format {
  const name = format.requiredString('name');
  const schema = format.requiredObject('schema');
  const strict = format.boolean('strict');
  format.string('description');
  format.end();
  const problem = strict === true ? strictProblem(schema) : undefined;
  if (problem !== undefined) {
    const message = `Invalid schema for response_format '${name}': ${problem}`;
    throw refusal(message, 'text.format.schema', 'invalid_json_schema');
  }
  return { kind: 'json-schema', schema, name };
}
