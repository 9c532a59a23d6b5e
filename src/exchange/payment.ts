import { type NanoUsd, nano, nanoRoundedUp, type PicoUsd, pico } from '../kernel/amounts.ts';
import { GatewayError } from '../kernel/errors.ts';
import { usdText } from '../kernel/usd-text.ts';
import type { ChargePolicy, Hold, Purse } from '../money/hold.ts';
import type { ChargeLine, Settlement } from '../money/ledger.ts';
import { worstRates } from '../money/price-sheet.ts';
import type { PriceSheet } from '../protocol/price-sheet.ts';
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
  /** Whose call it is: some have agreed prices of their own. */
  readonly organisation?: string;
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
  readonly sheet: PriceSheet;
  readonly fixed: PicoUsd;
  readonly perOutputToken: PicoUsd;
  /** Output tokens of one answer, at most. */
  readonly outputMax: number;
}

/** What the customer pays for one attempt. */
export interface Charge {
  /** Unknown is `undefined`: nobody knows the price, and no cap depends on it. */
  readonly amount: NanoUsd | undefined;
  readonly source: UsageSource | undefined;
  /** With it, the call costs more than was set aside. */
  readonly overrun: boolean;
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
  #attemptsMax = 1;
  /** A target may be tried again, so that the dearest may be paid for as often as the call is tried. */
  #repeats = false;
  #lines: ChargeLine[] = [];
  #charged = 0n;
  #unbooked = 0;
  #settled = false;
  #settling: PromiseWithResolvers<Settlement | undefined> | undefined;

  constructor(parts: PaymentParts, measure: RequestMeasure) {
    this.#parts = parts;
    this.#measure = measure;
  }

  /** What is set aside; `undefined` before, and where no cap counts. */
  get held(): NanoUsd | undefined {
    return this.capped ? this.#hold?.amount : undefined;
  }

  /** Whether some level has a cap. */
  get capped(): boolean {
    return this.#parts.purse?.capped === true;
  }

  /** The hold is less than what the call could cost: its answer is bounded by the money. */
  get tight(): boolean {
    return this.#outputTokens !== undefined;
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
    this.#attemptsMax = plan.attemptsMax;
    this.#repeats = plan.policies.backoff !== undefined;
    const paid = this.#bound(plan, this.#measure.inputTokensMax);
    const all = this.#total(undefined);
    if (await this.#take(all, all, maxCost)) return paid;
    this.#bound(plan, await this.#countedTokensMax());
    await this.#takeOrThrow(this.#total(undefined), this.#total(OUTPUT_TOKENS_MIN), maxCost);
    return paid;
  }

  /** The bound of bytes is short of money: a count of tokens is nearer to the truth, where there is one. */
  async #countedTokensMax(): Promise<number> {
    const { inputTokensMax, otherTokensMax, text } = this.#measure;
    const counts = await this.#parts.tokens.exactly([text()]);
    if (counts === undefined) return inputTokensMax;
    const [counted = 0] = counts;
    const tokensMax = Math.ceil((counted * COUNT_MARGIN_TENTHS) / 10) + COUNT_MARGIN_TOKENS + otherTokensMax;
    return Math.min(tokensMax, inputTokensMax);
  }

  /** What a target may put out for each answer, whatever the client asked for; `undefined`: nothing has to be bounded. */
  outputTokensFor(target: PlannedTarget): number | undefined {
    const cost = this.#costOf(target);
    const { output } = this.#parts;
    if (cost === undefined || output === undefined || cost.perOutputToken === 0n) return undefined;
    const bound = this.#outputOf(cost, this.#outputTokens);
    // Where the catalogue knows the model's own limit, the provider keeps to it.
    const limit = target.provider.limitsOf(target.model)?.maxOutputTokens;
    return output.asked === undefined && limit !== undefined && bound >= limit ? undefined : bound;
  }

  /** The prices that the hold was reckoned by: whatever changes meanwhile, an attempt is priced by them. */
  sheetFor(target: PlannedTarget): PriceSheet | undefined {
    return this.#costOf(target)?.sheet;
  }

  /** A bound that the client did not ask for, and is to hear of. */
  clampedTo(target: PlannedTarget): number | undefined {
    const bound = this.outputTokensFor(target);
    return bound === this.#parts.output?.asked ? undefined : bound;
  }

  /**
   * What the customer pays for an attempt. Where a capped call's cost cannot be
   * told, it is the most that it can have been.
   */
  charge({ cost, source }: Metered, target: PlannedTarget, last: boolean): Charge {
    if (!last && this.#parts.policy === 'winner_only') return { amount: nano(0n), source, overrun: false };
    if (!this.capped) return { amount: cost, source, overrun: false };
    const amount = cost ?? this.mostFor(target) ?? this.held;
    this.#charged += amount ?? 0n;
    const { held } = this;
    const overrun = held !== undefined && this.#charged > held;
    return { amount, source: cost === undefined ? 'reserved' : source, overrun };
  }

  /** The most that one attempt at a target can cost; `undefined` where nothing was bounded. */
  mostFor(target: PlannedTarget): NanoUsd | undefined {
    const cost = this.#costOf(target);
    return cost && this.#mostOf(cost, this.#outputTokens);
  }

  #costOf({ provider, model }: PlannedTarget): TargetCost | undefined {
    return this.#costs.find(({ target }) => target.provider === provider && target.model === model);
  }

  /** An attempt was made whose line will follow. */
  expectLine(): void {
    this.#unbooked++;
  }

  /** What was expected will not come, because there was nothing to charge for. */
  expectNoLine(): void {
    this.#unbooked--;
    this.#settleWhenComplete();
  }

  addLine(line: ChargeLine): void {
    this.#lines.push(line);
    this.#unbooked--;
    this.#settleWhenComplete();
  }

  /** A line will not come: the hold stays, and counts, until the next start reads from the journal what it was for. */
  leaveOpen(): void {
    this.#hold = undefined;
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
    if (settling === undefined || this.#settled || this.#unbooked > 0) return;
    this.#settled = true;
    const hold = this.#hold;
    if (hold === undefined) settling.resolve(undefined);
    else hold.settle(this.#lines).then(settling.resolve, settling.reject);
  }

  /** @throws when no target of the plan has a price and a bound */
  #bound(plan: Plan, inputTokensMax: number): Plan {
    const { unbounded, hostedTool, serviceTier } = this.#measure;
    if (hostedTool !== undefined) throw unboundedField(hostedTool, this.capped);
    const costs: TargetCost[] = [];
    for (const target of plan.targets) {
      const limits = target.provider.limitsOf(target.model);
      const window = limits?.contextWindow;
      if (unbounded !== undefined && window === undefined) throw unboundedField(unbounded, this.capped);
      const inputMax = unbounded === undefined ? Math.min(inputTokensMax, window ?? inputTokensMax) : (window ?? 0);
      const tier = tierAt(target, serviceTier);
      const call = {
        inputTokensMax: inputMax,
        output: this.#parts.output !== undefined,
        ...(tier === undefined ? {} : { serviceTier: tier }),
      };
      const sheet = target.provider.sheetOf(target.model, this.#parts.organisation);
      const rates = sheet && worstRates(sheet, call);
      if (sheet === undefined || rates === undefined) continue;
      const predicted = BigInt(this.#measure.predictedTokensMax ?? 0);
      costs.push({
        target,
        sheet,
        fixed: pico(rates.input + predicted * rates.perOutputToken),
        perOutputToken: rates.perOutputToken,
        outputMax: this.#outputMax(limits?.maxOutputTokens),
      });
    }
    if (costs.length === 0) throw priceUnknown(plan, this.capped);
    this.#costs = costs;
    return costs.length === plan.targets.length ? plan : { ...plan, targets: costs.map(({ target }) => target) };
  }

  #outputMax(limit: number | undefined): number {
    const { output } = this.#parts;
    if (output === undefined) return 0;
    return output.asked ?? limit ?? OUTPUT_TOKENS_UNKNOWN;
  }

  /** Output tokens of one answer of a target, where none may have more than `outputTokens`. */
  #outputOf({ outputMax }: TargetCost, outputTokens: number | undefined): number {
    return Math.min(outputMax, outputTokens ?? outputMax);
  }

  #mostOf(cost: TargetCost, outputTokens: number | undefined): NanoUsd {
    const tokens = BigInt(this.#outputOf(cost, outputTokens)) * BigInt(this.#measure.choices);
    return nanoRoundedUp(pico(cost.fixed + cost.perOutputToken * tokens));
  }

  /**
   * What the call can cost: one target pays, or each as often as it may be tried.
   *
   * @param outputTokens per answer, for all targets alike; absent: the most of each
   */
  #total(outputTokens: number | undefined): NanoUsd {
    const amounts = this.#costs.map((cost) => this.#mostOf(cost, outputTokens));
    const dearest = amounts.sort((one, other) => (one < other ? 1 : one > other ? -1 : 0));
    const charged = this.#parts.policy === 'winner_only' ? 1 : this.#attemptsMax;
    if (this.#repeats) return nano((dearest[0] ?? 0n) * BigInt(charged));
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

  /** The most output tokens of one answer, for all targets alike, that an amount pays for; it pays for the least. */
  #affordable(granted: NanoUsd): number {
    let paid = OUTPUT_TOKENS_MIN;
    let unpaid = Math.max(paid, ...this.#costs.map(({ outputMax }) => outputMax)) + 1;
    while (unpaid - paid > 1) {
      const middle = Math.floor((paid + unpaid) / 2);
      if (this.#total(middle) <= granted) paid = middle;
      else unpaid = middle;
    }
    return paid;
  }
}

/** A tier of one vendor's means nothing to another: what a translation makes of it, or leaves out, is the provider's to choose. */
function tierAt({ translatedInto }: PlannedTarget, asked: string | undefined): string | undefined {
  return asked === undefined || translatedInto === undefined ? asked : 'auto';
}

function limitOf(capped: boolean): string {
  return capped ? 'This key has a cap' : 'This request has a limit (x-leeward-max-cost)';
}

/** A limit holds, and nobody could say whether any target of the plan keeps to it. */
export function priceUnknown(plan: Plan, capped: boolean): GatewayError {
  const names = plan.targets.map(({ provider, model }) => `${provider.name}/${model}`).join(', ');
  return new GatewayError('price_unknown', {
    message: `${limitOf(capped)}, and the price of ${names} is not known, so that nobody could say whether it holds. Give the model a price in the configuration (providers.<name>.prices), or use another one.`,
    param: 'model',
  });
}

function unboundedField(field: string, capped: boolean): GatewayError {
  return new GatewayError('unsupported_parameter', {
    message: `${limitOf(capped)}, and what '${field}' costs has no bound before it is used. Leave it out, or ${capped ? 'use a key without a cap' : 'set no limit'}.`,
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
