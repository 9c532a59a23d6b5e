import type { PromptText } from '../../exchange/dialect.ts';

/** @see https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken (read 2026-11-21) */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_ANSWER = 3;
const TOKENS_PER_NAME = 1;
/** A picture in low detail. Whoever sends larger ones gets a count that is too low, and it is marked as an estimate. */
const TOKENS_PER_OTHER_PART = 85;

/**
 * What a provider would count as input, by OpenAI's published formula: for each
 * message 3, its role and its text, and 3 for the answer. Tools and schemas are
 * counted as the JSON of what they say, because nobody publishes how they are written.
 */
export function promptOf(fields: Readonly<Record<string, unknown>>): PromptText {
  const { messages } = fields;
  if (!Array.isArray(messages)) return plainInput(fields['prompt'] ?? fields['input']);
  const texts: string[] = [];
  let otherTokens = TOKENS_PER_ANSWER;
  const { tools, response_format: format } = fields;
  if (Array.isArray(tools) && tools.length > 0) texts.push(JSON.stringify(tools.map(toolJson)));
  if (isObject(format) && isObject(format['json_schema']))
    texts.push(JSON.stringify(format['json_schema']['schema'] ?? {}));
  for (const message of messages) {
    if (!isObject(message)) continue;
    otherTokens += TOKENS_PER_MESSAGE + addMessage(message, texts);
  }
  return { texts, otherTokens };
}

/** @returns the tokens of what is not text */
function addMessage({ role, name, content, tool_calls: calls }: Record<string, unknown>, texts: string[]): number {
  let tokens = 0;
  if (typeof role === 'string') texts.push(role);
  if (typeof name === 'string') {
    texts.push(name);
    tokens += TOKENS_PER_NAME;
  }
  if (typeof content === 'string') texts.push(content);
  if (Array.isArray(calls) && calls.length > 0) texts.push(JSON.stringify(calls));
  if (!Array.isArray(content)) return tokens;
  const said: string[] = [];
  for (const part of content) {
    const text = isObject(part) ? (part['text'] ?? part['refusal']) : undefined;
    if (typeof text === 'string') said.push(text);
    else tokens += TOKENS_PER_OTHER_PART;
  }
  texts.push(said.join('\n'));
  return tokens;
}

/** What a function says of itself, without the words around it that are the same for each. */
function toolJson(tool: unknown): unknown {
  const described = isObject(tool) ? tool['function'] : undefined;
  if (!isObject(described)) return tool;
  const { name, description, parameters } = described;
  return { name, description: description ?? '', parameters: parameters ?? undefined };
}

/** The older text form and embeddings: texts, or tokens that the client made itself. */
function plainInput(input: unknown): PromptText {
  if (typeof input === 'string') return { texts: [input], otherTokens: 0 };
  if (!Array.isArray(input)) return { texts: [], otherTokens: 0 };
  const texts: string[] = [];
  let otherTokens = 0;
  for (const entry of input) {
    if (typeof entry === 'string') texts.push(entry);
    else otherTokens += Array.isArray(entry) ? entry.length : 1;
  }
  return { texts, otherTokens };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
