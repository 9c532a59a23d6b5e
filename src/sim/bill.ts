import { z } from 'zod';
import { GatewayError } from '../kernel/errors.ts';
import type { CallRecord } from './counts.ts';
import type { SimModel, SimPrices } from './models.ts';

/** What becomes of an answer whose client left: a provider stops, or makes and bills it to its end. */
export const ON_CANCEL = ['stop', 'run-on'] as const;
export type OnCancel = (typeof ON_CANCEL)[number];

/** One call as the provider bills it. Amounts are nano-USD in decimal digits, tokens those really made. */
export interface BillLine {
  readonly n: number;
  readonly provider: 'sim';
  readonly model: string;
  readonly prompt_tokens: number;
  /** Of the prompt, those read before. */
  readonly cached_tokens: number;
  /** Of the prompt, those written to the cache because the caller said so. They cost what any other does. */
  readonly cache_write_tokens?: number;
  /** Reasoning included. */
  readonly completion_tokens: number;
  readonly reasoning_tokens: number;
  readonly cost_nano_usd: string;
  /** The provider's own name of the call, as its `x-request-id` or `request-id` says it. */
  readonly request_id: string;
  /** The `x-client-request-id` that came along. */
  readonly client_request_id?: string;
  /** ISO 8601, UTC. */
  readonly started_at: string;
  readonly completed_at?: string;
  readonly outcome?: CallRecord['outcome'];
  /** False while the answer is under way: then the line can still grow. */
  readonly billed: boolean;
}

/** A price that holds for calls which begin at `from` or later, until the next one. */
export interface PriceChange extends SimPrices {
  readonly model: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
}

const pico = z
  .string()
  .regex(/^[0-9]{1,18}$/)
  .transform((digits) => BigInt(digits));

const billingSchema = z.strictObject({
  on_cancel: z.enum(ON_CANCEL).optional(),
  prices: z
    .array(
      z.strictObject({
        model: z.string(),
        /** Milliseconds since the epoch. */
        from: z.int().min(0),
        input_pico_usd: pico,
        cached_input_pico_usd: pico,
        output_pico_usd: pico,
      }),
    )
    .max(1_000)
    .optional(),
});

const PICO_PER_NANO = 1_000n;

/**
 * What the provider charges, kept apart from everything the gateway computes:
 * its own price list, its own arithmetic, rounded up to the nano-dollar once
 * for each call.
 */
export class SimBilling {
  readonly #models: ReadonlyMap<string, SimModel>;
  #changes: readonly PriceChange[] = [];
  #onCancel: OnCancel = 'stop';

  constructor(models: ReadonlyMap<string, SimModel>) {
    this.#models = models;
  }

  /** What a call with this query does when its client leaves. */
  onCancel(query: string): OnCancel {
    const asked = new URLSearchParams(query).get('on_cancel');
    return ON_CANCEL.find((one) => one === asked) ?? this.#onCancel;
  }

  /** @throws `invalid_request` that names what is wrong; nothing is changed then */
  set(settings: unknown): void {
    const parsed = billingSchema.safeParse(settings);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
      throw new GatewayError('invalid_request', { message: `The billing is not valid. ${problems.join('; ')}` });
    }
    const { on_cancel: onCancel, prices } = parsed.data;
    if (onCancel !== undefined) this.#onCancel = onCancel;
    if (prices === undefined) return;
    this.#changes = prices
      .map(({ model, from, input_pico_usd, cached_input_pico_usd, output_pico_usd }) => ({
        model,
        from,
        inputPicoUsd: input_pico_usd,
        cachedInputPicoUsd: cached_input_pico_usd,
        outputPicoUsd: output_pico_usd,
      }))
      .sort((one, other) => one.from - other.from);
  }

  settings(): unknown {
    return {
      on_cancel: this.#onCancel,
      prices: this.#changes.map((change) => ({
        model: change.model,
        from: change.from,
        input_pico_usd: String(change.inputPicoUsd),
        cached_input_pico_usd: String(change.cachedInputPicoUsd),
        output_pico_usd: String(change.outputPicoUsd),
      })),
    };
  }

  reset(): void {
    this.#changes = [];
    this.#onCancel = 'stop';
  }

  /** @returns undefined for a call that was refused before anything of it was read: nobody pays for that */
  line(call: CallRecord): BillLine | undefined {
    if (!call.read) return undefined;
    const model = call.model ?? '';
    return {
      n: call.n,
      provider: 'sim',
      model,
      prompt_tokens: call.promptTokens,
      cached_tokens: call.cachedTokens,
      ...(call.cacheWriteTokens === undefined ? {} : { cache_write_tokens: call.cacheWriteTokens }),
      completion_tokens: call.completionTokens,
      reasoning_tokens: call.reasoningTokens,
      cost_nano_usd: String(this.#amount(call, model)),
      request_id: call.requestId,
      ...(call.clientRequestId === undefined ? {} : { client_request_id: call.clientRequestId }),
      started_at: new Date(call.startedAt).toISOString(),
      ...(call.completedAt === undefined ? {} : { completed_at: new Date(call.completedAt).toISOString() }),
      ...(call.outcome === undefined ? {} : { outcome: call.outcome }),
      billed: call.outcome !== undefined,
    };
  }

  #amount(call: CallRecord, model: string): bigint {
    const prices = this.#pricesOf(model, call.startedAt);
    if (prices === undefined) return 0n;
    const total =
      BigInt(call.promptTokens - call.cachedTokens) * prices.inputPicoUsd +
      BigInt(call.cachedTokens) * prices.cachedInputPicoUsd +
      BigInt(call.completionTokens) * prices.outputPicoUsd;
    return (total + PICO_PER_NANO - 1n) / PICO_PER_NANO;
  }

  #pricesOf(model: string, at: number): SimPrices | undefined {
    const changed = this.#changes.findLast((change) => change.model === model && change.from <= at);
    return changed ?? this.#models.get(model)?.prices;
  }
}
