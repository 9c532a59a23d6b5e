import type { Rest } from '../../protocol/chat/content.ts';
import type { Usage } from '../../protocol/usage.ts';
import { type Fields, isFields } from '../../providers/fields.ts';
import { ownRest } from '../../providers/gemini/wire.ts';

/** The counts inside what a whole answer of this dialect kept. */
export function usageRest(rest: Rest | undefined): Rest | undefined {
  const usage = ownRest(rest)?.['usageMetadata'];
  return rest !== undefined && isFields(usage) ? { dialect: rest.dialect, fields: usage } : undefined;
}

type Detail = { readonly modality: string; readonly tokenCount: number };

/**
 * `usageMetadata`. What its own dialect said stays as it was said.
 *
 * Here thoughts come on top of what the candidates say, and each modality is
 * told beside their sum. What is not known is left out, and the total with it.
 */
export function writeUsage(usage: Usage | undefined, rest: Rest | undefined): Fields | undefined {
  const own = ownRest(rest);
  if (own !== undefined) return own;
  if (usage === undefined) return undefined;
  const { inputTokens: input, outputTokens: output, reasoningTokens: thoughts } = usage;
  const candidates = output === undefined ? undefined : Math.max(0, output - (thoughts ?? 0));
  const total = input === undefined || output === undefined ? undefined : input + output;
  return known({
    promptTokenCount: input,
    cachedContentTokenCount: usage.cachedInputTokens,
    candidatesTokenCount: candidates,
    thoughtsTokenCount: thoughts,
    totalTokenCount: total,
    promptTokensDetails: details(input, [
      ['AUDIO', usage.inputAudioTokens],
      ['IMAGE', usage.inputImageTokens],
      ['VIDEO', usage.inputVideoTokens],
    ]),
    cacheTokensDetails: details(usage.cachedInputTokens, [
      ['AUDIO', usage.cachedAudioTokens],
      ['IMAGE', usage.cachedImageTokens],
      ['VIDEO', usage.cachedVideoTokens],
    ]),
    candidatesTokensDetails: details(candidates, [
      ['AUDIO', usage.outputAudioTokens],
      ['IMAGE', usage.outputImageTokens],
      ['VIDEO', usage.outputVideoTokens],
    ]),
  });
}

/** Each modality that is known, and text as what is left; no list where there is nothing but text. */
function details(
  sum: number | undefined,
  parts: readonly (readonly [modality: string, tokens: number | undefined])[],
): readonly Detail[] | undefined {
  const told = parts.flatMap(([modality, tokens]) =>
    tokens === undefined || tokens === 0 ? [] : [{ modality, tokenCount: tokens }],
  );
  if (told.length === 0) return undefined;
  const text = (sum ?? 0) - told.reduce((total, { tokenCount }) => total + tokenCount, 0);
  return text > 0 ? [{ modality: 'TEXT', tokenCount: text }, ...told] : told;
}

function known(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
