import type { PromptText } from '../../exchange/dialect.ts';
import { isObject } from '../request-object.ts';

type Fields = Readonly<Record<string, unknown>>;

/** As for the messages of Chat Completions. @see https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken (read 2026-11-21) */
const TOKENS_PER_ITEM = 3;
const TOKENS_PER_ANSWER = 3;
/** A picture in low detail. Whoever sends larger ones gets a count that is too low, and it is marked as an estimate. */
const TOKENS_PER_OTHER_PART = 85;
/** A page of a document is its text and a picture of it; how many there are, its bytes do not say. */
const TOKENS_PER_FILE = 3_000;

/** Members of an item that the model reads as they are. */
const SAID = ['role', 'name', 'arguments', 'input', 'output', 'code'] as const;

/**
 * What a provider would count as input, as well as can be told from outside: the
 * texts, and a few tokens around each item. Tools and schemas are counted as the
 * JSON of what they say, because nobody publishes how they are written.
 */
export function promptOf(fields: Fields): PromptText {
  const prompt = new Prompt();
  const { instructions, input, tools, text } = fields;
  if (Array.isArray(tools) && tools.length > 0) prompt.texts.push(JSON.stringify(tools.map(toolJson)));
  const format = isObject(text) ? text['format'] : undefined;
  if (isObject(format) && format['schema'] !== undefined) prompt.texts.push(JSON.stringify(format['schema']));
  if (typeof instructions === 'string') prompt.addMessage('system', instructions);
  if (typeof input === 'string') prompt.addMessage('user', input);
  for (const item of Array.isArray(input) ? input : []) if (isObject(item)) prompt.addItem(item);
  return { texts: prompt.texts, otherTokens: prompt.otherTokens };
}

class Prompt {
  readonly texts: string[] = [];
  otherTokens = TOKENS_PER_ANSWER;

  addMessage(role: string, text: string): void {
    this.otherTokens += TOKENS_PER_ITEM;
    this.texts.push(role, text);
  }

  addItem(item: Fields): void {
    this.otherTokens += TOKENS_PER_ITEM;
    for (const member of SAID) {
      const value = item[member];
      if (typeof value === 'string') this.texts.push(value);
    }
    if (typeof item['content'] === 'string') this.texts.push(item['content']);
    this.#addParts(item['content']);
    this.#addParts(item['output']);
    this.#addParts(item['summary']);
  }

  #addParts(parts: unknown): void {
    if (!Array.isArray(parts)) return;
    const said: string[] = [];
    for (const part of parts) {
      if (!isObject(part)) continue;
      const text = part['text'] ?? part['refusal'] ?? part['stdout'];
      if (typeof text === 'string') said.push(text);
      else this.otherTokens += part['type'] === 'input_file' ? TOKENS_PER_FILE : TOKENS_PER_OTHER_PART;
    }
    if (said.length > 0) this.texts.push(said.join('\n'));
  }
}

/** What a function says of itself, without the words around it that are the same for each. */
function toolJson(tool: unknown): unknown {
  if (!isObject(tool) || tool['type'] !== 'function') return tool;
  const { name, description, parameters } = tool;
  return { name, description: description ?? '', parameters: parameters ?? undefined };
}
