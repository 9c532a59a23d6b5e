import type { TokenLogprob } from '../../protocol/chat/answer.ts';
import { readLogprobs } from '../openai/logprobs.ts';
import { isObject, type WireObject } from '../openai/wire.ts';

/** The probabilities of a text's tokens, here beside the text; an empty list where none are told. */
export function readTokens(value: unknown): readonly TokenLogprob[] {
  // Deltas of a stream leave out whatever of the alternatives is not asked for.
  return readLogprobs({ content: value })?.content ?? [];
}

/** Those of all texts of the items of an answer, in their order. */
export function tokensOf(output: readonly unknown[]): TokenLogprob[] {
  return output.filter(isObject).flatMap(({ content }) => contentTokens(content));
}

function contentTokens(content: unknown): readonly TokenLogprob[] {
  return Array.isArray(content)
    ? content.filter(isObject).flatMap((part: WireObject) => readTokens(part['logprobs']))
    : [];
}
