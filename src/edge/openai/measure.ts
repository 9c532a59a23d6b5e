import type { RequestMeasure } from '../../exchange/dialect.ts';
import type { Draft } from '../../kernel/draft.ts';
import { promptOf } from './prompt-text.ts';

/**
 * No model counts a picture as more: the dearest known is gpt-4o-mini, whose
 * 2,833 + 8 × 5,667 tokens for the largest one at high detail are 48,169
 * (platform.openai.com, images and vision, as of 2026).
 */
const IMAGE_TOKENS_MAX = 50_000;
/** What a provider puts around messages and tools that has no bytes in the request. */
const TEMPLATE_TOKENS = 64;
const MESSAGE_TOKENS = 8;
const DATA_URL = /^data:/i;

/** Tools that run at the client: they cost what their text costs. */
const CLIENT_TOOLS = new Set(['function', 'custom']);

/**
 * Bounds of an OpenAI request. A token is at least one byte of UTF-8 in every
 * tokenizer, so that the body's bytes bound its text; a picture counts as the
 * dearest picture and not as its bytes, which are many times more.
 */
export function measureRequest(fields: Readonly<Record<string, unknown>>, body: Buffer): RequestMeasure {
  const parts = new Parts();
  const { messages } = fields;
  if (Array.isArray(messages)) for (const message of messages) parts.addMessage(message);
  const templateTokens = TEMPLATE_TOKENS + MESSAGE_TOKENS * (Array.isArray(messages) ? messages.length : 0);
  const measure: Draft<RequestMeasure> = {
    inputTokensMax: body.length - parts.dataUrlChars + parts.images * IMAGE_TOKENS_MAX + templateTokens,
    choices: Math.max(whole(fields['n']), whole(fields['best_of'])) * prompts(fields['prompt']),
    text: () => body.toString('utf8'),
    prompt: () => promptOf(fields),
  };
  if (parts.unbounded !== undefined) measure.unbounded = parts.unbounded;
  const hosted = hostedTool(fields);
  if (hosted !== undefined) measure.hostedTool = hosted;
  if (typeof fields['service_tier'] === 'string') measure.serviceTier = fields['service_tier'];
  return measure;
}

/** What content parts add to a request beyond their bytes, or take from it. */
class Parts {
  images = 0;
  dataUrlChars = 0;
  unbounded: string | undefined;

  addMessage(message: unknown): void {
    const content = isObject(message) ? message['content'] : undefined;
    if (!Array.isArray(content)) return;
    for (const part of content) if (isObject(part)) this.#add(part);
  }

  #add(part: Record<string, unknown>): void {
    const { type } = part;
    if (type === 'image_url') {
      this.images++;
      const address = isObject(part['image_url']) ? part['image_url']['url'] : part['image_url'];
      if (typeof address === 'string' && DATA_URL.test(address)) this.dataUrlChars += address.length;
    } else if (type === 'file' || type === 'video_url' || type === 'document_url') {
      const inline = isObject(part['file']) ? part['file']['file_data'] : undefined;
      // A page of a document may be read as a picture too, so that its bytes bound nothing.
      this.unbounded ??= typeof inline === 'string' ? `${type} (its pages)` : type;
    }
  }
}

function hostedTool({ tools, web_search_options: search }: Readonly<Record<string, unknown>>): string | undefined {
  if (isObject(search)) return 'web_search_options';
  if (!Array.isArray(tools)) return undefined;
  for (const tool of tools) {
    const type = isObject(tool) ? tool['type'] : undefined;
    if (typeof type === 'string' && !CLIENT_TOOLS.has(type)) return type.slice(0, 64);
  }
  return undefined;
}

/** The older text form takes several prompts at once, each of which is answered. A list of numbers is one, as token ids. */
function prompts(prompt: unknown): number {
  return Array.isArray(prompt) && typeof prompt[0] !== 'number' ? Math.max(1, prompt.length) : 1;
}

function whole(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 1 ? value : 1;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
