import type { RequestMeasure } from '../../exchange/dialect.ts';
import type { Draft } from '../../kernel/draft.ts';
import { isObject } from '../request-object.ts';
import { clientToolTokens, hostedTool } from './measured-tools.ts';
import { promptOf } from './prompt-text.ts';

/**
 * No model counts a picture as more. Gemini's count 258 a tile and 1,120 at
 * high resolution (ai.google.dev/gemini-api/docs/image-understanding, as of
 * 2026), but a request may be served by another vendor's, and the dearest known
 * is gpt-4o-mini with 48,169.
 */
const IMAGE_TOKENS_MAX = 50_000;
/** What a provider puts around messages that has no bytes in the request. */
const TEMPLATE_TOKENS = 64;
const CONTENT_TOKENS = 8;
/** A function's response holds files beside its JSON. */
const NESTING_MAX = 4;

type JsonObject = Readonly<Record<string, unknown>>;

/** Parts that are nothing but what stands in the request, and what may stand beside any part. */
const PLAIN: ReadonlySet<string> = new Set([
  'text',
  'thought',
  'thoughtSignature',
  'functionCall',
  'executableCode',
  'codeExecutionResult',
  'partMetadata',
  'mediaResolution',
  'videoMetadata',
]);

/**
 * Bounds of a `generateContent` request, by its names in camel case. A token is
 * at least one byte of UTF-8 in every tokenizer, so that the body's bytes bound
 * its text; a picture counts as the dearest picture and not as its bytes. What
 * is JSON to the model as well (tools, schemas, calls and their responses)
 * counts twice, because providers write it anew.
 */
export function measureRequest(fields: JsonObject, body: Buffer): RequestMeasure {
  const parts = new Parts();
  const contents = Array.isArray(fields['contents']) ? (fields['contents'] as readonly unknown[]) : [];
  for (const content of [fields['systemInstruction'], ...contents])
    if (isObject(content)) parts.add(content['parts'], 0);
  const rewritten = rewrittenJson(fields, parts.json);
  const otherTokensMax =
    parts.tokensMax + TEMPLATE_TOKENS + CONTENT_TOKENS * (contents.length + 1) + clientToolTokens(fields);
  const measure: Draft<RequestMeasure> = {
    inputTokensMax: body.length - parts.pictureChars + Buffer.byteLength(rewritten) + otherTokensMax,
    otherTokensMax,
    choices: choicesOf(fields),
    text: () => (parts.pictureChars === 0 ? body.toString('utf8') : withoutPictures(fields)) + rewritten,
    prompt: () => promptOf(fields),
  };
  // What lies at the provider is as long as it is.
  const cached = typeof fields['cachedContent'] === 'string' ? 'cachedContent' : undefined;
  const unbounded = parts.unbounded ?? cached;
  if (unbounded !== undefined) measure.unbounded = unbounded;
  const hosted = hostedTool(fields);
  if (hosted !== undefined) measure.hostedTool = hosted;
  const tier = fields['serviceTier'];
  if (typeof tier === 'string') measure.serviceTier = tier;
  return measure;
}

function choicesOf({ generationConfig: config }: JsonObject): number {
  const asked = isObject(config) ? Number(config['candidateCount'] ?? 1) : 1;
  return Number.isSafeInteger(asked) && asked > 1 ? asked : 1;
}

/** What parts add to a request beyond their bytes, or take from it. */
class Parts {
  tokensMax = 0;
  pictureChars = 0;
  unbounded: string | undefined;
  readonly json: unknown[] = [];

  add(parts: unknown, depth: number): void {
    if (!Array.isArray(parts)) return;
    if (depth > NESTING_MAX) this.unbounded ??= 'parts that are nested too deep';
    else for (const part of parts) if (isObject(part)) this.#addPart(part, depth);
  }

  #addPart(part: JsonObject, depth: number): void {
    for (const [name, value] of Object.entries(part)) {
      if (name === 'inlineData') this.#addBlob(isObject(value) ? value : {});
      else if (name === 'functionResponse') this.#addResponse(isObject(value) ? value : {}, depth);
      else if (!PLAIN.has(name) && value !== null) this.unbounded ??= name.slice(0, 64);
    }
    const call = part['functionCall'];
    if (isObject(call)) this.json.push(call['args']);
  }

  #addResponse({ response, parts }: JsonObject, depth: number): void {
    this.json.push(response);
    this.add(parts, depth + 1);
  }

  #addBlob({ mimeType, data }: JsonObject): void {
    if (typeof mimeType === 'string' && mimeType.startsWith('image/')) {
      this.tokensMax += IMAGE_TOKENS_MAX;
      if (typeof data === 'string') this.pictureChars += data.length;
    } else if (typeof mimeType !== 'string' || !mimeType.startsWith('text/')) {
      // A page of a document is a picture too, and sound and film count by the second, so that bytes bound nothing.
      this.unbounded ??= `inlineData (${typeof mimeType === 'string' ? mimeType.slice(0, 48) : 'of no known type'})`;
    }
  }
}

/** What the model reads as JSON, as compact JSON of ours: numbers such as 1e20 are longer than they came. */
function rewrittenJson({ tools, generationConfig: config }: JsonObject, parts: unknown[]): string {
  const schemas = isObject(config) ? [config['responseSchema'], config['responseJsonSchema']] : [];
  const values = [tools, ...schemas, ...parts].filter((value) => value !== undefined && value !== null);
  return values.map((value) => JSON.stringify(value)).join('');
}

function withoutPictures(fields: JsonObject): string {
  return JSON.stringify(fields, function (this: unknown, key, value: unknown) {
    return key === 'data' && isObject(this) && /^image\//.test(String(this['mimeType'])) ? '' : value;
  });
}
