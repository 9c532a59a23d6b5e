import type { TokenClass } from './price-sheet.ts';
import type { Usage } from './usage.ts';

/** How many tokens of each class, no token in two of them. Classes without a token are absent. */
export type TokenParts = (readonly [TokenClass, number])[];

/**
 * The tokens of a usage, split so that each is priced once.
 *
 * A part that claims more than the whole is cut down to it, so that the sum is
 * always what the provider says in all. Where a provider tells that some input
 * was cached and some was sound, but not how much was both, as little as
 * possible is taken to be both.
 */
export function tokenParts(usage: Usage): TokenParts {
  const parts: TokenParts = [];
  splitInput(usage, parts);
  splitOutput(usage, parts);
  return parts;
}

function splitInput(usage: Usage, parts: TokenParts): void {
  const all = usage.inputTokens ?? 0;
  const cached = atMost(usage.cachedInputTokens, all);
  const written = atMost(usage.cacheWriteTokens, all - cached);
  const written1h = atMost(usage.cacheWrite1hTokens, written);
  put(parts, 'cacheWrite', written - written1h);
  put(parts, 'cacheWrite1h', written1h);
  if (hasMedia(usage)) splitMedia(usage, { all, cached, written }, parts);
  else {
    put(parts, 'cachedInput', cached);
    put(parts, 'input', all - cached - written);
  }
}

const MEDIA = [
  ['inputVideoTokens', 'cachedVideoTokens', 'inputVideo', 'cachedVideo'],
  ['inputImageTokens', 'cachedImageTokens', 'inputImage', 'cachedImage'],
  ['inputAudioTokens', 'cachedAudioTokens', 'inputAudio', 'cachedAudio'],
] as const;

function hasMedia({ inputAudioTokens, inputImageTokens, inputVideoTokens }: Usage): boolean {
  return inputAudioTokens !== undefined || inputImageTokens !== undefined || inputVideoTokens !== undefined;
}

function splitMedia(
  usage: Usage,
  { all, cached, written }: { all: number; cached: number; written: number },
  parts: TokenParts,
): void {
  let media = 0;
  let cachedText = cached;
  const kinds = MEDIA.map(([total, ofCache, freshClass, cachedClass]) => {
    const tokens = atMost(usage[total], all - media);
    const fromCache = atMost(usage[ofCache], Math.min(tokens, cachedText));
    media += tokens;
    cachedText -= fromCache;
    return { freshClass, cachedClass, fresh: tokens - fromCache, fromCache };
  });
  let text = all - written - cachedText - media;
  for (const kind of kinds) {
    // More than there was: some of it must have been read from the cache, or been written to it.
    const both = Math.min(Math.max(-text, 0), kind.fresh);
    const alsoCached = Math.min(both, cachedText);
    text += both;
    cachedText -= alsoCached;
    put(parts, kind.freshClass, kind.fresh - both);
    put(parts, kind.cachedClass, kind.fromCache + alsoCached);
  }
  put(parts, 'cachedInput', cachedText);
  put(parts, 'input', text);
}

const OUTPUTS = [
  ['outputAudioTokens', 'outputAudio'],
  ['outputImageTokens', 'outputImage'],
  ['outputVideoTokens', 'outputVideo'],
  ['citationTokens', 'citation'],
  ['reasoningTokens', 'reasoning'],
] as const;

function splitOutput(usage: Usage, parts: TokenParts): void {
  let left = usage.outputTokens ?? 0;
  for (const [field, name] of OUTPUTS) {
    const tokens = atMost(usage[field], left);
    put(parts, name, tokens);
    left -= tokens;
  }
  put(parts, 'output', left);
}

function atMost(tokens: number | undefined, max: number): number {
  return tokens === undefined || max <= 0 ? 0 : Math.min(tokens, max);
}

function put(parts: TokenParts, name: TokenClass, tokens: number): void {
  if (tokens > 0) parts.push([name, tokens]);
}
