import type { PromptPart } from '../prompt-cache.ts';
import type { TokenCounter } from '../tokenizer.ts';
import type { Item } from './items.ts';
import type { Prompt } from './request.ts';

const TOKENS_PER_ITEM = 3;
const TOKENS_PER_ANSWER = 3;
/** What OpenAI charges for a picture in low detail; every part that is not text counts as one. */
const TOKENS_PER_OTHER_PART = 85;

export interface CountedPrompt {
  readonly tokens: number;
  readonly parts: readonly PromptPart[];
}

/**
 * The tokens of a prompt, counted as for chat completions: for each item 3 + its
 * role or type + its text, and 3 for the answer. Tools and a wanted schema count
 * as their compact JSON, thoughts that come back as what was thought.
 */
export function countPrompt(prompt: Prompt, counter: TokenCounter): CountedPrompt {
  const { tools, format, instructions, conversation } = prompt;
  const parts: PromptPart[] = [];
  if (tools.given.length > 0) parts.push(textPart(JSON.stringify(tools.given), counter));
  if (format.kind === 'json-schema') parts.push(textPart(JSON.stringify(format.schema), counter));
  if (instructions !== undefined) parts.push(textPart(instructions, counter));
  for (const item of conversation.items) parts.push(itemPart(item, counter));
  for (const thought of conversation.opened) parts.push(textPart(thought, counter));
  return { tokens: parts.reduce((sum, part) => sum + part.tokens, TOKENS_PER_ANSWER), parts };
}

function textPart(text: string, counter: TokenCounter): PromptPart {
  return { text, tokens: TOKENS_PER_ITEM + counter.count(text) };
}

function itemPart({ type, role, text, otherParts }: Item, counter: TokenCounter): PromptPart {
  const head = role ?? type;
  const tokens = TOKENS_PER_ITEM + counter.count(head) + counter.count(text) + otherParts * TOKENS_PER_OTHER_PART;
  return { text: `${head}:${text}`, tokens };
}
