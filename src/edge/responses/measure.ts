import type { RequestMeasure } from '../../exchange/dialect.ts';
import type { Draft } from '../../kernel/draft.ts';
import { isObject } from '../request-object.ts';
import { MESSAGE_TOKENS, TEMPLATE_TOKENS } from '../token-bounds.ts';
import { MeasuredItems } from './measured-items.ts';
import { clientToolTokens, hostedTool } from './measured-tools.ts';
import { promptOf } from './prompt-text.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Turns that the request names and does not hold, as long as they are. */
const KEPT_ELSEWHERE = ['previous_response_id', 'conversation', 'prompt'] as const;

/**
 * Bounds of a Responses request. A token is at least one byte of UTF-8 in every
 * tokenizer, so that the body's bytes bound its text; a picture counts as the
 * dearest picture and not as its bytes, which are many times more. What is JSON
 * to the model as well (tools, schemas, calls) counts twice, because providers
 * write it anew, with spaces, line ends and escapes of their own.
 */
export function measureRequest(fields: Fields, body: Buffer): RequestMeasure {
  const items = new MeasuredItems();
  const input: readonly unknown[] = Array.isArray(fields['input']) ? fields['input'] : [];
  for (const item of input) items.add(item);
  const rewritten = rewrittenJson(fields, items.calls);
  const otherTokensMax =
    items.tokensMax + TEMPLATE_TOKENS + MESSAGE_TOKENS * (input.length + 1) + clientToolTokens(fields);
  const measure: Draft<RequestMeasure> = {
    inputTokensMax: body.length - items.pictureChars + Buffer.byteLength(rewritten) + otherTokensMax,
    otherTokensMax,
    choices: 1,
    text: () => (items.pictureChars === 0 ? body.toString('utf8') : withoutPictures(fields)) + rewritten,
    prompt: () => promptOf(fields),
  };
  const unbounded =
    items.unbounded ?? KEPT_ELSEWHERE.find((name) => fields[name] !== undefined && fields[name] !== null);
  if (unbounded !== undefined) measure.unbounded = unbounded;
  const hosted = hostedTool(fields);
  if (hosted !== undefined) measure.hostedTool = hosted;
  if (typeof fields['service_tier'] === 'string') measure.serviceTier = fields['service_tier'];
  return measure;
}

/** What the model reads as JSON, as compact JSON of ours: numbers such as 1e20 are longer than they came. */
function rewrittenJson({ tools, text }: Fields, calls: readonly unknown[]): string {
  const format = isObject(text) ? text['format'] : undefined;
  const values = [tools, format, ...calls].filter((value) => value !== undefined && value !== null);
  return values.map((value) => JSON.stringify(value)).join('');
}

function withoutPictures(fields: Fields): string {
  return JSON.stringify(fields, (key, value: unknown) =>
    key === 'image_url' && typeof value === 'string' && value.startsWith('data:') ? '' : value,
  );
}
