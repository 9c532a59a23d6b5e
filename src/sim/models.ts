import type { Latency } from './latency.ts';

/** What one token costs, in pico-USD (10^-12 US dollars). 1 USD per million tokens is 1,000,000. */
export interface SimPrices {
  readonly inputPicoUsd: bigint;
  readonly cachedInputPicoUsd: bigint;
  readonly outputPicoUsd: bigint;
}

interface ModelFacts {
  /** As it stands on the wire; the gateway addresses it as `sim/<id>`. */
  readonly id: string;
  readonly contextTokensMax: number;
  readonly prices: SimPrices;
  readonly latency: Latency;
}

export interface SimChatModel extends ModelFacts {
  readonly kind: 'chat';
  /** The most one answer may hold, hidden reasoning included. */
  readonly outputTokensMax: number;
  /** How long an answer is when nothing limits it. */
  readonly answerTokens: { readonly min: number; readonly max: number };
  /** Hidden tokens thought before the first visible one. Absent: the model does not reason unless it is asked to. */
  readonly reasoningTokens?: { readonly min: number; readonly max: number };
  /** An old model, which refuses whoever asks it to think; Gemini alone has such words. */
  readonly thinks?: false;
}

export interface SimEmbeddingModel extends ModelFacts {
  readonly kind: 'embedding';
  readonly dimensions: number;
}

export type SimModel = SimChatModel | SimEmbeddingModel;

const small: SimChatModel = {
  id: 'sim-small',
  kind: 'chat',
  contextTokensMax: 128_000,
  outputTokensMax: 16_384,
  answerTokens: { min: 40, max: 68 },
  prices: { inputPicoUsd: 150_000n, cachedInputPicoUsd: 75_000n, outputPicoUsd: 600_000n },
  latency: {
    firstToken: { kind: 'lognormal', medianMs: 5, sigma: 0.25 },
    perToken: { kind: 'lognormal', medianMs: 1, sigma: 0.3 },
  },
};

/** The models the simulated provider offers unless it is given others. */
export const SIM_MODELS: readonly SimModel[] = [
  small,
  {
    ...small,
    id: 'sim-large',
    contextTokensMax: 200_000,
    outputTokensMax: 32_768,
    answerTokens: { min: 60, max: 110 },
    prices: { inputPicoUsd: 2_500_000n, cachedInputPicoUsd: 1_250_000n, outputPicoUsd: 10_000_000n },
    latency: {
      firstToken: { kind: 'lognormal', medianMs: 25, sigma: 0.35 },
      perToken: { kind: 'lognormal', medianMs: 3, sigma: 0.3 },
    },
  },
  {
    ...small,
    id: 'sim-reasoner',
    contextTokensMax: 200_000,
    outputTokensMax: 65_536,
    reasoningTokens: { min: 64, max: 256 },
    prices: { inputPicoUsd: 1_100_000n, cachedInputPicoUsd: 550_000n, outputPicoUsd: 4_400_000n },
    latency: {
      firstToken: { kind: 'lognormal', medianMs: 10, sigma: 0.3 },
      perToken: { kind: 'lognormal', medianMs: 1, sigma: 0.3 },
    },
  },
  {
    ...small,
    id: 'sim-slow',
    latency: {
      firstToken: { kind: 'lognormal', medianMs: 1_500, sigma: 0.3 },
      perToken: { kind: 'lognormal', medianMs: 60, sigma: 0.3 },
    },
  },
  {
    id: 'sim-embed',
    kind: 'embedding',
    contextTokensMax: 8_192,
    dimensions: 1_536,
    prices: { inputPicoUsd: 20_000n, cachedInputPicoUsd: 20_000n, outputPicoUsd: 0n },
    latency: { firstToken: { kind: 'lognormal', medianMs: 3, sigma: 0.25 }, perToken: { kind: 'constant', ms: 0 } },
  },
];
