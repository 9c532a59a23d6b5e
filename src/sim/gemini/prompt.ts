import type { PromptPart } from '../prompt-cache.ts';
import type { TokenCounter } from '../tokenizer.ts';
import { type ModalityTokens, sumOfTokens, totalTokens } from './media.ts';
import type { Part } from './parts.ts';
import type { Prompt } from './request.ts';

/** What a content costs beside its parts. */
const TOKENS_PER_CONTENT = 1;

/** A prompt counted: by modality, and part by part in the order in which it is read. */
export interface CountedPrompt {
  readonly tokens: ModalityTokens;
  readonly total: number;
  readonly parts: readonly PromptPart[];
}

/** Tools and a wanted schema count as the tokens of their compact JSON, since Google does not publish how it writes them. */
export function countPrompt(prompt: Prompt, counter: TokenCounter): CountedPrompt {
  const counted: { text: string; tokens: ModalityTokens }[] = [];
  const json = (value: unknown) => {
    const text = JSON.stringify(value);
    counted.push({ text, tokens: { TEXT: counter.count(text) } });
  };
  if (prompt.tools.given.length > 0) json(prompt.tools.given);
  if (prompt.schema !== undefined) json(prompt.schema);
  if (prompt.system.length > 0) counted.push(countContent('system', prompt.system));
  for (const { role, parts } of prompt.contents) counted.push(countContent(role, parts));
  const tokens = sumOfTokens(counted.map((one) => one.tokens));
  const parts = counted.map((one) => ({ text: one.text, tokens: totalTokens(one.tokens) }));
  return { tokens, total: totalTokens(tokens), parts };
}

function countContent(role: string, parts: readonly Part[]): { text: string; tokens: ModalityTokens } {
  return {
    text: `${role}:${JSON.stringify(parts.map(({ object }) => object))}`,
    tokens: sumOfTokens([{ TEXT: TOKENS_PER_CONTENT }, ...parts.map(({ tokens }) => tokens)]),
  };
}
