import type { RequestMeasure } from '../../exchange/dialect.ts';
import type { Draft } from '../../kernel/draft.ts';
import { isObject } from '../request-object.ts';
import { clientToolTokens, hostedTool } from './measured-tools.ts';
import { promptOf } from './prompt-text.ts';

/**
 * No model counts a picture as more. Anthropic's count some 4,800 at most
 * (platform.claude.com/docs, vision, as of 2026), but a request may be served by
 * another vendor's, and the dearest known is gpt-4o-mini with 48,169.
 */
const IMAGE_TOKENS_MAX = 50_000;
/** What a provider puts around messages that has no bytes in the request. */
const TEMPLATE_TOKENS = 64;
const MESSAGE_TOKENS = 8;

/** Blocks that are nothing but what stands in the request; what hides in a signature is longer there than as text. */
const PLAIN_BLOCKS: ReadonlySet<unknown> = new Set([
  'text',
  'thinking',
  'redacted_thinking',
  'tool_use',
  'server_tool_use',
  'mcp_tool_use',
  'search_result',
  'tool_reference',
]);
/** Blocks whose content is blocks again, no deeper than results hold documents that hold pictures. */
const NESTING_MAX = 8;

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Bounds of a Messages request. A token is at least one byte of UTF-8 in every
 * tokenizer, so that the body's bytes bound its text; a picture counts as the
 * dearest picture and not as its bytes, which are many times more. What is JSON
 * to the model as well (tools, schemas, calls) counts twice, because providers
 * write it anew, with spaces, line ends and escapes of their own.
 */
export function measureRequest(fields: JsonObject, body: Buffer): RequestMeasure {
  const parts = new Parts();
  const messages = Array.isArray(fields['messages']) ? (fields['messages'] as readonly unknown[]) : [];
  parts.addBlocks(fields['system'], 0);
  for (const message of messages) if (isObject(message)) parts.addBlocks(message['content'], 0);
  const tools = clientToolTokens(fields);
  const rewritten = rewrittenJson(fields, parts.inputs);
  const otherTokensMax = parts.tokensMax + TEMPLATE_TOKENS + MESSAGE_TOKENS * messages.length + tools.tokensMax;
  const measure: Draft<RequestMeasure> = {
    inputTokensMax: body.length - parts.pictureChars + Buffer.byteLength(rewritten) + otherTokensMax,
    otherTokensMax,
    choices: 1,
    text: () => (parts.pictureChars === 0 ? body.toString('utf8') : withoutPictures(fields)) + rewritten,
    prompt: () => promptOf(fields),
  };
  // What the provider holds of a conversation is as long as it is.
  const held = isObject(fields['thread']) && fields['thread']['type'] === 'continue' ? 'thread' : undefined;
  const unbounded = parts.unbounded ?? tools.unbounded ?? held;
  if (unbounded !== undefined) measure.unbounded = unbounded;
  const hosted = hostedTool(fields);
  if (hosted !== undefined) measure.hostedTool = hosted;
  const tier = tierOf(fields);
  if (tier !== undefined) measure.serviceTier = tier;
  return measure;
}

/** What blocks add to a request beyond their bytes, or take from it. */
class Parts {
  tokensMax = 0;
  pictureChars = 0;
  unbounded: string | undefined;
  readonly inputs: unknown[] = [];

  addBlocks(content: unknown, depth: number): void {
    if (!Array.isArray(content)) return;
    if (depth > NESTING_MAX) this.unbounded ??= 'content that is nested too deep';
    else for (const block of content) if (isObject(block)) this.#add(block, depth);
  }

  #add(block: JsonObject, depth: number): void {
    const { type, source, citations } = block;
    // What is to be cited is cut into pieces with marks around each, of which nobody says how many there are.
    if (isObject(citations) && citations['enabled'] === true) this.unbounded ??= `${nameOf(type)} (its citations)`;
    if ('input' in block) this.inputs.push(block['input']);
    if (type === 'image') this.#addPicture(isObject(source) ? source : {});
    else if (type === 'document') this.#addDocument(isObject(source) ? source : {}, depth);
    else if (type === 'tool_result') this.addBlocks(block['content'], depth + 1);
    // What searches found is sealed, and no server's tool says how long it was.
    else if (!PLAIN_BLOCKS.has(type)) this.unbounded ??= nameOf(type);
  }

  #addPicture({ type, data }: JsonObject): void {
    this.tokensMax += IMAGE_TOKENS_MAX;
    if (type === 'base64' && typeof data === 'string') this.pictureChars += data.length;
    else if (type !== 'url') this.unbounded ??= `image (${nameOf(type)})`;
  }

  #addDocument({ type, content }: JsonObject, depth: number): void {
    if (type === 'content') this.addBlocks(content, depth + 1);
    // A page of a document is read as a picture too, so that its bytes bound nothing.
    else if (type !== 'text') this.unbounded ??= 'document (its pages)';
  }
}

/** What the model reads as JSON, as compact JSON of ours: numbers such as 1e20 are longer than they came. */
function rewrittenJson({ tools, output_config: config, output_format: format }: JsonObject, inputs: unknown[]): string {
  const values = [tools, config, format, ...inputs].filter((value) => value !== undefined && value !== null);
  return values.map((value) => JSON.stringify(value)).join('');
}

function withoutPictures(fields: JsonObject): string {
  return JSON.stringify(fields, function (this: unknown, key, value: unknown) {
    const picture = key === 'data' && isObject(this) && /^image\//.test(String(this['media_type']));
    return picture ? '' : value;
  });
}

/**
 * The terms a request asks for: `auto` and `standard_only` are ordinary. Speed
 * and the country that the model runs in have prices of their own, as tiers do.
 */
function tierOf({ service_tier: tier, speed, inference_geo: geo }: JsonObject): string | undefined {
  if (speed === 'fast') return 'fast';
  if (geo === 'us') return 'geo_us';
  return typeof tier === 'string' ? tier : undefined;
}

function nameOf(type: unknown): string {
  return typeof type === 'string' ? type.slice(0, 64) : 'content of no known type';
}
