import type { PicoUsd } from '../kernel/amounts.ts';

/** Kinds of tokens that a provider may price apart. One without a price costs what its nearest relative costs. */
export const TOKEN_CLASSES = [
  'input',
  'cachedInput',
  'cacheWrite',
  'cacheWrite1h',
  'inputAudio',
  'cachedAudio',
  'inputImage',
  'cachedImage',
  'inputVideo',
  'cachedVideo',
  'output',
  'reasoning',
  'outputAudio',
  'outputImage',
  'outputVideo',
  'citation',
] as const;
export type TokenClass = (typeof TOKEN_CLASSES)[number];

/** What something costs: so many pico-USD for `per` units, exactly. */
export interface Rate {
  readonly picoUsd: PicoUsd;
  /** 1 for a price that is a whole number of pico-USD a unit, else more. */
  readonly per: bigint;
  /** In ascending order; the last one whose size of the input is exceeded holds for the whole call. */
  readonly tiers: readonly { readonly aboveInputTokens: number; readonly picoUsd: PicoUsd }[];
}

export type TokenRates = Readonly<Partial<Record<TokenClass, Rate>>>;

/** How a service tier or a batch departs from the ordinary prices of tokens. */
export interface Terms {
  /** Times this; absent: the ordinary prices. */
  readonly times?: { readonly numerator: bigint; readonly denominator: bigint };
  /** Prices of its own, which are not multiplied. */
  readonly tokens?: TokenRates;
  /** Kinds of tokens that cost what they ordinarily cost. */
  readonly ordinary?: readonly TokenClass[];
}

/** Everything that a model charges for. What it does not name is unknown, not free. */
export interface Prices {
  readonly tokens: TokenRates;
  /** Kinds of tokens that are sold at a price which is not known: no relative's price holds for them. */
  readonly unknown?: readonly TokenClass[];
  /** By quantity, as `images:1024x1024:high`. */
  readonly quantities?: Readonly<Record<string, Rate>>;
  /** For each request, whatever else it uses. */
  readonly perRequest?: Rate;
  /** By name: `flex`, `priority`, `batch`. */
  readonly terms?: Readonly<Record<string, Terms>>;
}

/** The prices of a model at one target, as they are at one moment. */
export interface PriceSheet extends Prices {
  /** Names the prices, as records of attempts carry it. */
  readonly version: string;
}
