import type { PromptText } from '../../exchange/dialect.ts';
import { isObject } from '../request-object.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** As Anthropic's own counts of short conversations come out. */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_ANSWER = 3;
/** A picture of a megapixel and more is scaled down to this (platform.claude.com/docs, vision, as of 2026). */
const TOKENS_PER_PICTURE = 1_600;
/** A page of a document is its text and a picture of it; how many there are, its bytes do not say. */
const TOKENS_PER_DOCUMENT = 3_000;
/** Of an element whose type is not known. */
const TOKENS_PER_OTHER_BLOCK = 85;

/**
 * What a provider would count as input, as well as can be told from outside: the
 * texts, and a few tokens around each message. Tools and schemas are counted
 * as the JSON of what they say, because nobody publishes how they are written.
 */
export function promptOf(fields: JsonObject): PromptText {
  const prompt = new Prompt();
  const { system, tools, messages, output_config: config } = fields;
  if (Array.isArray(tools) && tools.length > 0) prompt.texts.push(JSON.stringify(tools.map(toolJson)));
  const format = isObject(config) ? config['format'] : undefined;
  if (isObject(format) && format['schema'] !== undefined) prompt.texts.push(JSON.stringify(format['schema']));
  if (system !== undefined) prompt.addContent(system);
  for (const message of Array.isArray(messages) ? messages : []) {
    if (!isObject(message)) continue;
    prompt.otherTokens += TOKENS_PER_MESSAGE;
    if (typeof message['role'] === 'string') prompt.texts.push(message['role']);
    prompt.addContent(message['content']);
  }
  return { texts: prompt.texts, otherTokens: prompt.otherTokens };
}

class Prompt {
  readonly texts: string[] = [];
  otherTokens = TOKENS_PER_ANSWER;

  addContent(content: unknown): void {
    if (typeof content === 'string') this.texts.push(content);
    if (!Array.isArray(content)) return;
    const said: string[] = [];
    for (const block of content) if (isObject(block)) this.#add(block, said);
    if (said.length > 0) this.texts.push(said.join('\n'));
  }

  #add(block: JsonObject, said: string[]): void {
    const { type, text, thinking, name, input, content, source } = block;
    switch (type) {
      case 'text':
        if (typeof text === 'string') said.push(text);
        return;
      case 'thinking':
        if (typeof thinking === 'string') said.push(thinking);
        return;
      case 'tool_use':
      case 'server_tool_use':
      case 'mcp_tool_use':
        said.push(`${typeof name === 'string' ? name : ''}${JSON.stringify(input ?? {})}`);
        return;
      case 'tool_result':
      case 'search_result':
        this.addContent(content);
        return;
      case 'image':
        this.otherTokens += TOKENS_PER_PICTURE;
        return;
      case 'document':
        this.#addDocument(isObject(source) ? source : {});
        return;
      default:
        this.otherTokens += TOKENS_PER_OTHER_BLOCK;
    }
  }

  #addDocument({ type, data, content }: JsonObject): void {
    if (type === 'text' && typeof data === 'string') this.texts.push(data);
    else if (type === 'content') this.addContent(content);
    else this.otherTokens += TOKENS_PER_DOCUMENT;
  }
}

/** What a tool says of itself to the model. */
function toolJson(tool: unknown): unknown {
  if (!isObject(tool) || tool['input_schema'] === undefined) return tool;
  const { name, description, input_schema: schema } = tool;
  return { name, description: description ?? '', parameters: schema };
}
