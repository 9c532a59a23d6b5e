/**
 * What a provider says it used, split by what is priced apart. Counts are
 * tokens unless they say otherwise. Unknown is `undefined`, never 0: an absent
 * count is not a free one. "Of" means that the count is part of another one.
 */
export interface Usage {
  /** All input tokens, cached ones, written ones and those of sound and pictures included. */
  readonly inputTokens?: number;
  /** Of the input, those read from the provider's prompt cache. */
  readonly cachedInputTokens?: number;
  /** Of the input, those written to the provider's prompt cache, where it counts them. */
  readonly cacheWriteTokens?: number;
  /** Of those written, the ones that are kept for an hour instead of minutes. */
  readonly cacheWrite1hTokens?: number;
  /** All output tokens, reasoning included. */
  readonly outputTokens?: number;
  /** Of the output, those spent on hidden reasoning. */
  readonly reasoningTokens?: number;
  /** Of the input, those that are sound; of these, the ones read from the cache. */
  readonly inputAudioTokens?: number;
  readonly cachedAudioTokens?: number;
  /** Of the input, those that are pictures; of these, the ones read from the cache. */
  readonly inputImageTokens?: number;
  readonly cachedImageTokens?: number;
  /** Of the input, those that are moving pictures; of these, the ones read from the cache. */
  readonly inputVideoTokens?: number;
  readonly cachedVideoTokens?: number;
  /** Of the output, those that are sound, pictures, moving pictures. */
  readonly outputAudioTokens?: number;
  readonly outputImageTokens?: number;
  readonly outputVideoTokens?: number;
  /** Of the output, those that are passages of the sources an answer cites, where a provider bills them. */
  readonly citationTokens?: number;
  /** What is not counted in tokens. */
  readonly quantities?: Quantities;
  /** As the provider names it (`flex`, `priority`); absent for its ordinary one. */
  readonly serviceTier?: string;
  /** True where it was used as part of a batch. */
  readonly batch?: boolean;
  /** What the provider itself says that it charges, nano-USD in decimal digits. Kept for comparison; it prices nothing. */
  readonly providerCostNanoUsd?: string;
}

/**
 * What is sold by something else than the token. Some are told apart by keys
 * behind a colon: pictures by size and quality (`images:1024x1024:high`),
 * seconds of video by resolution (`video-seconds:1080p`). A price for
 * `images:1024x1024` holds for each quality that has none of its own.
 */
export const QUANTITIES = [
  'images',
  'input-images',
  'video-seconds',
  'speech-characters',
  'speech-seconds',
  'transcription-seconds',
  'conversation-seconds',
  'text-messages',
  'pages',
  'annotated-pages',
  'web-searches',
  'file-searches',
  'social-searches',
  'rerank-searches',
  'code-executions',
  'tool-calls',
  'requests',
] as const;

type Unkeyed = (typeof QUANTITIES)[number];
export type Quantity = Unkeyed | `${Unkeyed}:${string}`;
/** At most six decimals, because seconds are not whole. */
export type Quantities = Readonly<Partial<Record<Quantity, number>>>;

/** Who says so: the provider, our own count, or the hold we had taken. */
export type UsageSource = 'provider' | 'estimated' | 'reserved';

const COUNT_MAX = 1e12;

/** A token count as a provider may send it: a whole number from 0 to 10^12, or unknown. */
export function tokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= COUNT_MAX
    ? value
    : undefined;
}

/** Whether a text names a quantity: a word of the list, with up to three keys. */
export function isQuantity(text: string): text is Quantity {
  const colon = text.indexOf(':');
  const kind = colon < 0 ? text : text.slice(0, colon);
  return (
    (QUANTITIES as readonly string[]).includes(kind) &&
    (colon < 0 || /^(?::[\w.-]{1,32}){1,3}$/.test(text.slice(colon)))
  );
}

const ORDINARY_TIERS: ReadonlySet<string> = new Set([
  'default',
  'standard',
  'standard_only',
  'auto',
  'on_demand',
  'unspecified',
]);

/** The service tier that a provider or a client names; `undefined` for what means the ordinary one. */
export function specialTier(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const tier = value.toLowerCase().replaceAll('-', '_').slice(0, 64);
  return tier === '' || ORDINARY_TIERS.has(tier) ? undefined : tier;
}
