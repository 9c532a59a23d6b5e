import { isObject } from '../request-object.ts';
import { IMAGE_TOKENS_MAX, SOUND_TOKENS_MAX } from '../token-bounds.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Parts of content that are nothing but their text. */
const TEXT_PARTS: ReadonlySet<unknown> = new Set([
  'input_text',
  'output_text',
  'summary_text',
  'reasoning_text',
  'refusal',
  'text',
]);

/** What the model called, which it reads again as JSON. */
const CALLS: ReadonlySet<unknown> = new Set([
  'function_call',
  'custom_tool_call',
  'mcp_call',
  'mcp_approval_request',
  'mcp_list_tools',
  'tool_search_call',
  'tool_search_output',
  'local_shell_call',
  'shell_call',
  'apply_patch_call',
  'computer_call',
  'code_interpreter_call',
]);

/** Items that are nothing but what stands in the request; what hides in encrypted thoughts is longer there than as text. */
const PLAIN: ReadonlySet<unknown> = new Set([
  'message',
  'reasoning',
  'function_call_output',
  'custom_tool_call_output',
  'mcp_approval_response',
  'local_shell_call_output',
  'shell_call_output',
  'apply_patch_call_output',
  ...CALLS,
]);

/** What the items of an input add to a request beyond their bytes, or take from it. */
export class MeasuredItems {
  tokensMax = 0;
  pictureChars = 0;
  /** The first one of which nobody can say how long it is for the model. */
  unbounded: string | undefined;
  readonly calls: unknown[] = [];

  add(item: unknown): void {
    if (!isObject(item)) return;
    const { type = 'message', content, output } = item;
    if (CALLS.has(type)) this.calls.push(item);
    if (type === 'computer_call_output') this.#addPart(isObject(output) ? { ...output, type: 'input_image' } : {});
    else if (!PLAIN.has(type)) this.unbounded ??= nameOf(type);
    this.#addParts(content);
    this.#addParts(output);
  }

  #addParts(parts: unknown): void {
    if (!Array.isArray(parts)) return;
    for (const part of parts) if (isObject(part)) this.#addPart(part);
  }

  #addPart(part: Fields): void {
    const { type } = part;
    if (TEXT_PARTS.has(type) || (type === undefined && typeof part['stdout'] === 'string')) return;
    if (type === 'input_image') this.#addPicture(part['image_url']);
    else if (type === 'input_audio' && isObject(part['input_audio'])) this.tokensMax += SOUND_TOKENS_MAX;
    // A page of a document may be read as a picture too, so that its bytes bound nothing.
    else this.unbounded ??= typeof part['file_data'] === 'string' ? `${nameOf(type)} (its pages)` : nameOf(type);
  }

  #addPicture(address: unknown): void {
    if (typeof address !== 'string') {
      this.unbounded ??= 'input_image (file_id)';
      return;
    }
    this.tokensMax += IMAGE_TOKENS_MAX;
    if (address.startsWith('data:')) this.pictureChars += address.length;
  }
}

function nameOf(type: unknown): string {
  return typeof type === 'string' ? type.slice(0, 64) : 'content of no known type';
}
