import type { RequestMeasure } from '../../exchange/dialect.ts';
import type { Draft } from '../../kernel/draft.ts';
import { IMAGE_TOKENS_MAX, MESSAGE_TOKENS, SOUND_TOKENS_MAX, TEMPLATE_TOKENS, TOOLS_TOKENS } from '../token-bounds.ts';
import { promptOf } from './prompt-text.ts';

const DATA_URL = /^data:/i;

/** Tools that run at the client: they cost what their text costs. */
const CLIENT_TOOLS = new Set(['function', 'custom']);
/** Fields that let the provider search and charge for it: OpenAI's, xAI's and OpenRouter's. */
const HOSTED_FIELDS = ['web_search_options', 'search_parameters', 'plugins'] as const;
/** Parts of a message that are nothing but their text, or what was said of it. */
const TEXT_PARTS = new Set(['text', 'refusal', 'thinking', 'reference']);

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Bounds of an OpenAI request. A token is at least one byte of UTF-8 in every
 * tokenizer, so that the body's bytes bound its text; a picture counts as the
 * dearest picture and not as its bytes, which are many times more. What is
 * JSON to the model as well (tools, schemas, calls) counts twice, because
 * providers write it anew, with spaces, line ends and escapes of their own.
 */
export function measureRequest(fields: JsonObject, body: Buffer): RequestMeasure {
  const parts = new Parts();
  const messages = Array.isArray(fields['messages']) ? (fields['messages'] as readonly unknown[]) : [];
  for (const message of messages) parts.addMessage(message);
  parts.addInput(fields['input']);
  const rewritten = rewrittenJson(fields, messages);
  const otherTokensMax = parts.tokensMax + TEMPLATE_TOKENS + MESSAGE_TOKENS * messages.length + toolsTokens(fields);
  const measure: Draft<RequestMeasure> = {
    inputTokensMax: body.length - parts.dataUrlChars + Buffer.byteLength(rewritten) + otherTokensMax,
    otherTokensMax,
    choices: Math.max(whole(fields['n']), whole(fields['best_of'])) * prompts(fields['prompt']),
    text: () => (parts.dataUrlChars === 0 ? body.toString('utf8') : withoutDataUrls(fields)) + rewritten,
    prompt: () => promptOf(fields),
  };
  if (parts.unbounded !== undefined) measure.unbounded = parts.unbounded;
  const hosted = hostedTool(fields);
  if (hosted !== undefined) measure.hostedTool = hosted;
  if (isObject(fields['prediction'])) {
    measure.predictedTokensMax = Buffer.byteLength(JSON.stringify(fields['prediction']));
  }
  if (typeof fields['service_tier'] === 'string') measure.serviceTier = fields['service_tier'];
  return measure;
}

/** What content parts add to a request beyond their bytes, or take from it. */
class Parts {
  tokensMax = 0;
  dataUrlChars = 0;
  unbounded: string | undefined;

  addMessage(message: unknown): void {
    const content = isObject(message) ? message['content'] : undefined;
    if (!Array.isArray(content)) return;
    for (const part of content) if (isObject(part)) this.#add(part);
  }

  /** Of embeddings: what is neither text nor tokens is a picture or a document. */
  addInput(input: unknown): void {
    const entries: readonly unknown[] = Array.isArray(input) ? input : [input];
    if (entries.some(isObject)) this.unbounded ??= 'input';
  }

  #add(part: JsonObject): void {
    const { type } = part;
    if (typeof type === 'string' ? TEXT_PARTS.has(type) : typeof part['text'] === 'string') return;
    if (type === 'image_url') {
      this.tokensMax += IMAGE_TOKENS_MAX;
      const address = isObject(part['image_url']) ? part['image_url']['url'] : part['image_url'];
      if (isDataUrl(address)) this.dataUrlChars += address.length;
    } else if (type === 'input_audio' && isObject(part['input_audio']) && !isAddress(part['input_audio']['data'])) {
      this.tokensMax += SOUND_TOKENS_MAX;
    } else {
      const inline = isObject(part['file']) ? part['file']['file_data'] : undefined;
      const name = String(type).slice(0, 64);
      // A page of a document may be read as a picture too, so that its bytes bound nothing.
      this.unbounded ??= typeof inline === 'string' ? `${name} (its pages)` : name;
    }
  }
}

/** What the model reads as JSON, as compact JSON of ours: numbers such as 1e20 are longer than they came. */
function rewrittenJson(
  { tools, functions, response_format: format }: JsonObject,
  messages: readonly unknown[],
): string {
  const calls = messages.flatMap((message) =>
    isObject(message) && message['tool_calls'] !== undefined ? [message['tool_calls']] : [],
  );
  const values = [tools, functions, format, ...calls].filter((value) => value !== undefined && value !== null);
  return values.map((value) => JSON.stringify(value)).join('');
}

function toolsTokens({ tools, functions }: JsonObject): number {
  return [tools, functions].some((list) => Array.isArray(list) && list.length > 0) ? TOOLS_TOKENS : 0;
}

function withoutDataUrls(fields: JsonObject): string {
  const isPicture = (key: string, value: unknown) => (key === 'url' || key === 'image_url') && isDataUrl(value);
  return JSON.stringify(fields, (key, value: unknown) => (isPicture(key, value) ? '' : value));
}

function hostedTool(fields: JsonObject): string | undefined {
  const field = HOSTED_FIELDS.find((name) => {
    const value = fields[name];
    return isObject(value) || (Array.isArray(value) && value.length > 0);
  });
  if (field !== undefined) return field;
  const { tools } = fields;
  if (!Array.isArray(tools)) return undefined;
  for (const tool of tools) {
    const type = isObject(tool) ? tool['type'] : undefined;
    if (typeof type === 'string' && !CLIENT_TOOLS.has(type)) return type.slice(0, 64);
  }
  return undefined;
}

/** The older text form takes several prompts at once, each of which is answered. A list of numbers is one, as token ids. */
function prompts(prompt: unknown): number {
  return Array.isArray(prompt) && prompt.some((entry) => typeof entry !== 'number') ? prompt.length : 1;
}

function whole(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 1 ? value : 1;
}

function isDataUrl(value: unknown): value is string {
  return typeof value === 'string' && DATA_URL.test(value);
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && /^\w+:\/\//.test(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
