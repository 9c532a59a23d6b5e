import type { BadUsageForm, Shape } from '../dialect.ts';
import { MODALITIES, type ModalityTokens, totalTokens } from './media.ts';

/** What one answer used, all candidates together. */
export interface GeminiUsage {
  readonly prompt: ModalityTokens;
  readonly cachedTokens: number;
  /** What was written, thoughts left out. */
  readonly candidatesTokens: number;
  readonly thoughtsTokens: number;
  /** What tools of the provider's gave it to read. */
  readonly toolUseTokens: number;
}

/** What stands in the place of a count. `NaN` makes the JSON around it invalid. */
const BAD_COUNTS: Readonly<Partial<Record<BadUsageForm, (honest: number) => string>>> = {
  negative: () => '-5',
  nan: () => 'NaN',
  string: (honest) => `"${honest}"`,
  huge: () => '1e15',
  absurd: () => '1e18',
  fraction: (honest) => String(honest + 0.5),
  null: () => 'null',
  zero: () => '0',
};

/** `usageMetadata` as JSON; `undefined` when the answer is to have none. Counts of 0 are left out, as Google leaves them out. */
export function usageJson(usage: GeminiUsage, shape: Shape): string | undefined {
  if (shape.usageText !== undefined) return shape.usageText;
  if (shape.usage === 'none') return undefined;
  if (shape.usage === 'no-object') return 'null';
  const write = (shape.usage === 'honest' ? undefined : BAD_COUNTS[shape.usage]) ?? String;
  const prompt = totalTokens(usage.prompt);
  const { candidatesTokens, thoughtsTokens, toolUseTokens } = usage;
  // Thoughts are told apart from what was written: told with it, they would count twice.
  const written = candidatesTokens + (shape.usage === 'reasoning-apart' ? thoughtsTokens : 0);
  const cached = shape.usage === 'cached-above-prompt' ? prompt + 7 : usage.cachedTokens;
  const members = [
    `"promptTokenCount":${write(prompt)}`,
    ...(cached > 0 ? [`"cachedContentTokenCount":${cached}`] : []),
    ...(written > 0 ? [`"candidatesTokenCount":${write(written)}`] : []),
    `"totalTokenCount":${write(prompt + candidatesTokens + thoughtsTokens + toolUseTokens)}`,
    `"promptTokensDetails":${details(usage.prompt)}`,
    ...(cached > 0 ? [`"cacheTokensDetails":${details({ TEXT: cached })}`] : []),
    ...(written > 0 ? [`"candidatesTokensDetails":${details({ TEXT: written })}`] : []),
    ...(toolUseTokens > 0
      ? [
          `"toolUsePromptTokenCount":${toolUseTokens}`,
          `"toolUsePromptTokensDetails":${details({ TEXT: toolUseTokens })}`,
        ]
      : []),
    ...(thoughtsTokens > 0 ? [`"thoughtsTokenCount":${thoughtsTokens}`] : []),
  ];
  return `{${members.join(',')}}`;
}

export function details(tokens: ModalityTokens): string {
  const counts = MODALITIES.flatMap((modality) => {
    const tokenCount = tokens[modality];
    return tokenCount === undefined || tokenCount === 0 ? [] : [{ modality, tokenCount }];
  });
  return JSON.stringify(counts);
}
