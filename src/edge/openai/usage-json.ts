import type { Usage } from '../../protocol/usage.ts';

type Counts = Record<string, number>;

/**
 * Usage as clients of this dialect read it: all input in `prompt_tokens`, all
 * output in `completion_tokens`, and the parts of both that are known. What is
 * not known is left out, and the total with it.
 */
export function usageJson(usage: Usage): Record<string, unknown> {
  const { inputTokens: input, outputTokens: output } = usage;
  const ins = known([
    ['cached_tokens', usage.cachedInputTokens],
    ['cache_write_tokens', usage.cacheWriteTokens],
    ['audio_tokens', usage.inputAudioTokens],
    ['image_tokens', usage.inputImageTokens],
    ['video_tokens', usage.inputVideoTokens],
  ]);
  const outs = known([
    ['reasoning_tokens', usage.reasoningTokens],
    ['audio_tokens', usage.outputAudioTokens],
    ['image_tokens', usage.outputImageTokens],
    ['video_tokens', usage.outputVideoTokens],
  ]);
  return {
    ...known([
      ['prompt_tokens', input],
      ['completion_tokens', output],
      ['total_tokens', input === undefined || output === undefined ? undefined : input + output],
    ]),
    ...(Object.keys(ins).length === 0 ? {} : { prompt_tokens_details: ins }),
    ...(Object.keys(outs).length === 0 ? {} : { completion_tokens_details: outs }),
  };
}

function known(counts: readonly (readonly [string, number | undefined])[]): Counts {
  const told: Counts = {};
  for (const [name, count] of counts) if (count !== undefined) told[name] = count;
  return told;
}
