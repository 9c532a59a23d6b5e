import { type NanoUsd, nano, nanoRoundedUp, type PicoUsd, pico } from '../kernel/amounts.ts';
import { GatewayError } from '../kernel/errors.ts';
import { usdText } from '../kernel/usd-text.ts';
import type { ChargePolicy, Hold, Purse } from '../money/hold.ts';
import type { ChargeLine, Settlement } from '../money/ledger.ts';
import { worstRates } from '../money/price-sheet.ts';
import type { UsageSource } from '../protocol/usage.ts';
import type { Plan, PlannedTarget } from '../routing/target.ts';
import type { RequestMeasure } from './dialect.ts';
import type { Metered } from './meter.ts';
import type { TokenCounter } from './token-counter.ts';

/** A call that cannot be paid this many output tokens is refused and not clamped. */
const OUTPUT_TOKENS_MIN = 16;
/** The bound on output where neither client nor catalogue has one. */
const OUTPUT_TOKENS_UNKNOWN = 16_384;
/** A count of our own is not the provider's: its bound is a tenth more, and what templates add. */
const COUNT_MARGIN_TENTHS = 11;
const COUNT_MARGIN_TOKENS = 32;

export interface PaymentParts {
  readonly purse: Purse | undefined;
  /** What the client itself allows for this request. */
  readonly maxCost: NanoUsd | undefined;
  readonly policy: ChargePolicy;
  readonly tokens: TokenCounter;
  /** Absent: the operation has no output that is paid for. */
  readonly output: { readonly asked: number | undefined } | undefined;
}

/** What one target can cost, in pico-USD: a part that is fixed, and a part for each token of each answer's output. */
interface TargetCost {
  readonly target: PlannedTarget;
  readonly fixed: PicoUsd;
  readonly perOutputToken: PicoUsd;
  /** Output tokens of one answer, at most. */
  readonly outputMax: number;
}

/**
 * The money of one call: what it can cost at most over all targets that its
 * plan may reach, the hold on it, what each target may still say within the
 * hold, and the settlement by what was really used.
 */
export class Payment {
  readonly #parts: PaymentParts;
  readonly #measure: RequestMeasure;
  #hold: Hold | undefined;
  #costs: readonly TargetCost[] = [];
  #outputTokens: number | undefined;
  #lines: ChargeLine[] = [];
  #unbooked = 0;
  #settling: PromiseWithResolvers<Settlement | undefined> | undefined;

  constructor(parts: PaymentParts, measure: RequestMeasure) {
    this.#parts = parts;
    this.#measure = measure;
  }

  /** What is set aside; `undefined` before, and where only the client's own limit counts. */
  get held(): NanoUsd | undefined {
    return this.#hold?.amount;
  }

  /** Whether some level has a cap. */
  get capped(): boolean {
    return this.#parts.purse?.capped === true;
  }

  /** The output was bounded below what the client asked for. */
  get clampedTo(): number | undefined {
    const { asked } = this.#parts.output ?? {};
    return this.#outputTokens !== undefined && (asked === undefined || this.#outputTokens < asked)
      ? this.#outputTokens
      : undefined;
  }

  /**
   * Bounds the plan and takes the hold.
   *
   * @returns the plan without the targets that cannot be paid for
   * @throws `price_unknown`, `unsupported_parameter`, `budget_exceeded`, `budget_unavailable`
   */
  async begin(plan: Plan): Promise<Plan> {
    // Whoever settles meanwhile waits for the hold: one that came later would be nobody's.
    this.#unbooked++;
    try {
      return await this.#begin(plan);
    } finally {
      this.#unbooked--;
      this.#settleWhenComplete();
    }
  }

  async #begin(plan: Plan): Promise<Plan> {
    const { purse, maxCost } = this.#parts;
    if (purse?.capped !== true && maxCost === undefined) {
      this.#hold = await purse?.take(nano(0n), nano(0n));
      return plan;
    }
    const paid = this.#bound(plan, this.#measure.inputTokensMax);
    const all = this.#total(plan.attemptsMax, undefined);
    if (await this.#take(all, all, maxCost)) return paid;
    // The bound of bytes is short of money: a count of tokens is nearer to the truth.
    const [counted = 0] = await this.#parts.tokens.count([this.#measure.text()]);
    const tokensMax = Math.ceil((counted * COUNT_MARGIN_TENTHS) / 10) + COUNT_MARGIN_TOKENS;
    this.#bound(plan, Math.min(tokensMax, this.#measure.inputTokensMax));
    const wanted = this.#total(plan.attemptsMax, undefined);
    const least = this.#total(plan.attemptsMax, OUTPUT_TOKENS_MIN);
    await this.#takeOrThrow(wanted, least, maxCost);
    return paid;
  }

  /** What to put into the request as a bound on its output; `undefined`: what the client set will do. */
  outputTokensFor(target: PlannedTarget): number | undefined {
    if (this.#outputTokens !== undefined) return this.#outputTokens;
    const cost = this.#costs.find(
      (candidate) => candidate.target.provider === target.provider && candidate.target.model === target.model,
    );
    const { output } = this.#parts;
    if (cost === undefined || output === undefined || output.asked !== undefined || cost.perOutputToken === 0n)
      return undefined;
    // Where the catalogue knows the model's own limit, the provider keeps to it.
    return target.provider.limitsOf(target.model)?.maxOutputTokens === undefined ? cost.outputMax : undefined;
  }

  /** What the customer pays for an attempt: all that was set aside, where a capped call's cost cannot be told. */
  chargeFor(
    { cost, source }: Metered,
    last: boolean,
  ): { amount: NanoUsd | undefined; source: UsageSource | undefined } {
    if (!last && this.#parts.policy === 'winner_only') return { amount: nano(0n), source };
    if (cost !== undefined || !this.capped) return { amount: cost, source };
    return { amount: this.held, source: 'reserved' };
  }

  isOverrun(charge: NanoUsd | undefined): boolean {
    const { held } = this;
    if (held === undefined || charge === undefined || !this.capped) return false;
    return this.#lines.reduce((sum, { amount }) => sum + amount, 0n) + charge > held;
  }

  /** An attempt was made whose line will follow. */
  expectLine(): void {
    this.#unbooked++;
  }

  addLine(line: ChargeLine): void {
    this.#lines.push(line);
    this.#unbooked--;
    this.#settleWhenComplete();
  }

  /** Settles once each attempt has its line. Asked again, it answers with the same settlement. */
  settle(): Promise<Settlement | undefined> {
    this.#settling ??= Promise.withResolvers();
    this.#settleWhenComplete();
    return this.#settling.promise;
  }

  #settleWhenComplete(): void {
    const settling = this.#settling;
    if (settling === undefined || this.#unbooked > 0) return;
    const hold = this.#hold;
    this.#hold = undefined;
    if (hold === undefined) settling.resolve(undefined);
    else hold.settle(this.#lines).then(settling.resolve, settling.reject);
  }

  /** @throws when no target of the plan has a price and a bound */
  #bound(plan: Plan, inputTokensMax: number): Plan {
    const { unbounded, hostedTool, serviceTier } = this.#measure;
    if (hostedTool !== undefined) throw unboundedField(hostedTool);
    const costs: TargetCost[] = [];
    for (const target of plan.targets) {
      const limits = target.provider.limitsOf(target.model);
      const window = limits?.contextWindow;
      if (unbounded !== undefined && window === undefined) throw unboundedField(unbounded);
      const inputMax = unbounded === undefined ? Math.min(inputTokensMax, window ?? inputTokensMax) : (window ?? 0);
      const call = { inputTokensMax: inputMax, ...(serviceTier === undefined ? {} : { serviceTier }) };
      const sheet = target.provider.sheetOf(target.model);
      const rates = sheet && worstRates(sheet, call);
      if (rates === undefined) continue;
      costs.push({
        target,
        fixed: rates.input,
        perOutputToken: rates.perOutputToken,
        outputMax: this.#outputMax(limits?.maxOutputTokens),
      });
    }
    if (costs.length === 0) throw priceUnknown(plan);
    this.#costs = costs;
    return costs.length === plan.targets.length ? plan : { ...plan, targets: costs.map(({ target }) => target) };
  }

  #outputMax(limit: number | undefined): number {
    const { output } = this.#parts;
    if (output === undefined) return 0;
    return output.asked ?? limit ?? OUTPUT_TOKENS_UNKNOWN;
  }

  /** @param outputTokens per answer, for all targets alike; absent: the most of each */
  #total(attemptsMax: number, outputTokens: number | undefined): NanoUsd {
    const choices = BigInt(this.#measure.choices);
    const amounts = this.#costs.map(({ fixed, perOutputToken, outputMax }) => {
      const tokens = BigInt(Math.min(outputMax, outputTokens ?? outputMax));
      return nanoRoundedUp(pico(fixed + perOutputToken * tokens * choices));
    });
    return this.#together(amounts, attemptsMax);
  }

  /** One target pays, or each that may be tried. */
  #together(amounts: readonly NanoUsd[], attemptsMax: number): NanoUsd {
    const dearest = [...amounts].sort((one, other) => (one < other ? 1 : -1));
    const charged = this.#parts.policy === 'winner_only' ? 1 : attemptsMax;
    return nano(dearest.slice(0, charged).reduce((sum, amount) => sum + amount, 0n));
  }

  /** @returns false when the money is short; then nothing is held */
  async #take(wanted: NanoUsd, least: NanoUsd, maxCost: NanoUsd | undefined): Promise<boolean> {
    if (maxCost !== undefined && wanted > maxCost) return false;
    try {
      this.#hold = await this.#parts.purse?.take(wanted, least);
      return true;
    } catch (thrown) {
      if (thrown instanceof GatewayError && thrown.code === 'budget_exceeded') return false;
      throw thrown;
    }
  }

  async #takeOrThrow(wanted: NanoUsd, least: NanoUsd, maxCost: NanoUsd | undefined): Promise<void> {
    if (maxCost !== undefined && least > maxCost) throw aboveMaxCost(least, maxCost);
    const most = maxCost !== undefined && wanted > maxCost ? maxCost : wanted;
    this.#hold = await this.#parts.purse?.take(most, least);
    const granted = this.#hold?.amount ?? most;
    if (granted < wanted) this.#outputTokens = this.#affordable(granted);
  }

  /** The most output tokens of one answer, for all targets alike, that an amount pays for. */
  #affordable(granted: NanoUsd): number {
    const choices = BigInt(this.#measure.choices);
    const money = granted * 1_000n;
    if (this.#parts.policy === 'all_attempts') {
      const fixed = this.#costs.reduce((sum, cost) => sum + cost.fixed, 0n);
      const rate = this.#costs.reduce((sum, cost) => sum + cost.perOutputToken * choices, 0n);
      return tokensFor(money - fixed - BigInt(this.#costs.length) * 1_000n, rate);
    }
    return Math.min(
      ...this.#costs.map(({ fixed, perOutputToken, outputMax }) =>
        Math.min(outputMax, tokensFor(money - fixed, perOutputToken * choices)),
      ),
    );
  }
}

function tokensFor(money: bigint, rate: bigint): number {
  if (rate === 0n) return Number.MAX_SAFE_INTEGER;
  return Math.max(OUTPUT_TOKENS_MIN, Number(money / rate));
}

function priceUnknown(plan: Plan): GatewayError {
  const names = plan.targets.map(({ provider, model }) => `${provider.name}/${model}`).join(', ');
  return new GatewayError('price_unknown', {
    message: `This key has a cap, and the price of ${names} is not known, so that nobody could say whether the cap holds. Give the model a price in the configuration (providers.<name>.models.<model>.price), or use another one.`,
    param: 'model',
  });
}

function unboundedField(field: string): GatewayError {
  return new GatewayError('unsupported_parameter', {
    message: `This key has a cap, and what '${field}' costs has no bound before it is used. Leave it out, or use a key without a cap.`,
    param: field,
  });
}

function aboveMaxCost(least: NanoUsd, maxCost: NanoUsd): GatewayError {
  return new GatewayError('budget_exceeded', {
    message: `This call can cost $${usdText(least)} even at its shortest, and x-leeward-max-cost allows $${usdText(maxCost)}.`,
    param: 'x-leeward-max-cost',
    details: {
      scope: 'request',
      spent_usd: '0',
      held_usd: '0',
      limit_usd: usdText(maxCost),
      needed_usd: usdText(least),
      resets_at: null,
    },
  });
}
