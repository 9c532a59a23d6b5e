import type { PromptPart } from '../prompt-cache.ts';
import type { TokenCounter } from '../tokenizer.ts';
import type { ChatMessage, ChatRequest } from './chat-request.ts';

/** Every message is wrapped in three tokens, and three more open the answer. @see https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_ANSWER = 3;
const TOKENS_PER_NAME = 1;
/** What OpenAI charges for a picture in low detail; every part that is not text counts as one. */
const TOKENS_PER_OTHER_PART = 85;

export interface CountedPrompt {
  readonly tokens: number;
  readonly parts: readonly PromptPart[];
}

/**
 * Prompt tokens by OpenAI's published formula: for each message 3 + its role +
 * its text (+ its name and 1), and 3 for the answer. Tools, tool calls and a
 * wanted schema count as the tokens of their compact JSON, since OpenAI does
 * not publish how it writes them.
 */
export function countPrompt(request: ChatRequest, counter: TokenCounter): CountedPrompt {
  const parts: PromptPart[] = [];
  if (request.tools.length > 0) parts.push(jsonPart(request.tools, counter));
  if (request.format.kind === 'json-schema') parts.push(jsonPart(request.format.schema, counter));
  for (const message of request.messages) parts.push(messagePart(message, counter));
  let tokens = TOKENS_PER_ANSWER;
  for (const part of parts) tokens += part.tokens;
  return { tokens, parts };
}

function jsonPart(value: unknown, counter: TokenCounter): PromptPart {
  const text = JSON.stringify(value);
  return { text, tokens: counter.count(text) };
}

function messagePart(message: ChatMessage, counter: TokenCounter): PromptPart {
  let tokens = TOKENS_PER_MESSAGE + counter.count(message.role) + counter.count(message.text);
  if (message.name !== undefined) tokens += counter.count(message.name) + TOKENS_PER_NAME;
  if (message.toolCalls.length > 0) tokens += counter.count(JSON.stringify(message.toolCalls));
  tokens += message.otherParts * TOKENS_PER_OTHER_PART;
  return { text: message.text, tokens };
}
