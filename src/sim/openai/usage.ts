import type { BadUsageForm, Shape } from '../dialect.ts';

/** Token counts of one answer, all choices together. */
export interface OpenAiUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  /** Reasoning included. */
  readonly completionTokens: number;
  readonly reasoningTokens: number;
}

/** What stands in the place of a count. `NaN` makes the JSON around it invalid, as it does with providers that write it. */
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

/** How a count is written: as it is, or as the distortion wants it. */
export function writerOf({ usage }: Shape): (honest: number) => string {
  return (usage === 'honest' || usage === 'none' ? undefined : BAD_COUNTS[usage]) ?? String;
}

/** OpenAI's `usage` object of a chat or completions answer as JSON; `undefined` when the answer is to have none. */
export function usageJson(usage: OpenAiUsage, shape: Shape): string | undefined {
  if (shape.usageText !== undefined) return shape.usageText;
  if (shape.usage === 'none') return undefined;
  if (shape.usage === 'no-object') return 'null';
  const write = writerOf(shape);
  const total = usage.promptTokens + usage.completionTokens;
  const apart = shape.usage === 'reasoning-apart' ? usage.reasoningTokens : 0;
  const cached = shape.usage === 'cached-above-prompt' ? usage.promptTokens + 7 : usage.cachedTokens;
  return (
    `{"prompt_tokens":${write(usage.promptTokens)},"completion_tokens":${write(usage.completionTokens - apart)}` +
    `,"total_tokens":${write(total)}` +
    `,"prompt_tokens_details":{"cached_tokens":${cached},"audio_tokens":0}` +
    `,"completion_tokens_details":{"reasoning_tokens":${usage.reasoningTokens},"audio_tokens":0` +
    `,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`
  );
}

/** OpenAI's `usage` object of an embeddings answer. */
export function embeddingUsageJson(promptTokens: number, shape: Shape): string | undefined {
  if (shape.usageText !== undefined) return shape.usageText;
  if (shape.usage === 'none') return undefined;
  if (shape.usage === 'no-object') return 'null';
  const write = writerOf(shape);
  return `{"prompt_tokens":${write(promptTokens)},"total_tokens":${write(promptTokens)}}`;
}

/** Where the chunks of one stream say what was used. */
export class StreamedUsage {
  readonly #usage: OpenAiUsage;
  readonly #shape: Shape;
  /** The usage of a chunk of its own; `undefined` when there is no such chunk. */
  readonly ownChunk: string | undefined;
  #made: number;

  constructor(usage: OpenAiUsage, shape: Shape, asked: boolean) {
    this.#usage = usage;
    this.#shape = shape;
    const apart = asked && shape.usagePlace !== 'finish' && shape.usagePlace !== 'every';
    this.ownChunk = apart ? usageJson(usage, shape) : undefined;
    this.#made = usage.reasoningTokens;
  }

  /** The chunk's last member, when `tokens` more were made. */
  ofChunk(tokens: number): string {
    this.#made += tokens;
    if (this.#shape.usagePlace !== 'every') return this.#toCome();
    return this.#member(usageJson({ ...this.#usage, completionTokens: this.#made }, this.#shape));
  }

  ofFinish(): string {
    const { usagePlace } = this.#shape;
    if (usagePlace === 'every') return this.ofChunk(0);
    return usagePlace === 'finish' ? this.#member(usageJson(this.#usage, this.#shape)) : this.#toCome();
  }

  /** When a usage chunk was asked for, every other chunk says that its usage is still to come. */
  #toCome(): string {
    return this.ownChunk === undefined ? '' : ',"usage":null';
  }

  #member(json: string | undefined): string {
    return json === undefined ? '' : `,"usage":${json}`;
  }
}
