import type { Random } from '../../kernel/random.ts';
import { plainWords } from '../prose/prose.ts';
import type { Piece } from '../tokenizer.ts';

/** A token that could have stood there. */
export interface Candidate {
  readonly text: string;
  readonly logprob: number;
}

/** The piece and `top - 1` less likely ones, most likely first. */
export function candidates(piece: Piece, top: number, random: Random): Candidate[] {
  let logprob = rounded(-random.float() * 0.4);
  const list = [{ text: piece.text, logprob }];
  while (list.length < top) {
    logprob = rounded(logprob - 0.5 - random.float() * 2);
    list.push({ text: ` ${plainWords(random, 1)}`, logprob });
  }
  return list;
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function entry({ text, logprob }: Candidate): string {
  return `"token":${JSON.stringify(text)},"logprob":${logprob},"bytes":[${[...Buffer.from(text)].join(',')}]`;
}

/** The element of `logprobs.content` for one piece, with its `top` alternatives. */
export function chatLogprob(piece: Piece, top: number, random: Random): string {
  const list = candidates(piece, top, random);
  const [chosen] = list;
  if (chosen === undefined) return '';
  const alternatives = list.slice(0, top).map((candidate) => `{${entry(candidate)}}`);
  return `{${entry(chosen)},"top_logprobs":[${alternatives.join(',')}]}`;
}

/** The `logprobs` object of legacy completions over some pieces; `offset` is where the first one stands in the text. */
export function legacyLogprobs(pieces: readonly Piece[], top: number, random: Random, offset: number): string {
  const tokens: string[] = [];
  const logprobs: number[] = [];
  const tops: Record<string, number>[] = [];
  const offsets: number[] = [];
  let at = offset;
  for (const piece of pieces) {
    const list = candidates(piece, top, random);
    tokens.push(piece.text);
    logprobs.push(list[0]?.logprob ?? 0);
    tops.push(Object.fromEntries(list.slice(0, top).map(({ text, logprob }) => [text, logprob])));
    offsets.push(at);
    at += piece.text.length;
  }
  return JSON.stringify({
    tokens,
    token_logprobs: logprobs,
    top_logprobs: top > 0 ? tops : null,
    text_offset: offsets,
  });
}
