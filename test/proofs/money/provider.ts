import { ask, askJson } from '../../../faults/harness/http-json.ts';
import { Program } from '../../../faults/harness/processes.ts';
import { comesTrue } from '../../../faults/harness/waiting.ts';
import type { BillLine, OnCancel } from '../../../src/sim/bill.ts';
import type { FaultRuleInput } from '../../../src/sim/faults/rules.ts';

const PAGE = 10_000;
const QUIET_MS = 10_000;

/** What the provider charges, in pico-USD a token, by its own price list. */
export interface ProviderPrice {
  readonly model: string;
  /** Milliseconds since the epoch: calls that begin then or later. */
  readonly from: number;
  readonly input: bigint;
  readonly cached: bigint;
  readonly output: bigint;
}

/** The simulated provider as a process of its own, which lives through everything and writes its own bill. */
export class Provider {
  readonly url: string;
  readonly #program: Program;
  /** The last call that was on a bill before the part that runs now. */
  #since = 0;

  private constructor(program: Program, url: string) {
    this.#program = program;
    this.url = url;
  }

  static async start(): Promise<Provider> {
    const { program, said } = await Program.start({
      name: 'leeward sim',
      args: ['bin/leeward.mjs', 'sim', '--port', '0'],
      ready: (line) => /^(http:\/\/.*)\/v1$/.exec(line)?.[1],
    });
    return new Provider(program, said);
  }

  async faults(rules: readonly FaultRuleInput[]): Promise<void> {
    await askJson(`${this.url}/sim/faults`, { body: rules });
  }

  /** Those in force, to be put in force again. */
  async rules(): Promise<FaultRuleInput[]> {
    const told = await askJson(`${this.url}/sim/faults`);
    return (told['rules'] as { rule: FaultRuleInput }[]).map(({ rule }) => rule);
  }

  async onCancel(what: OnCancel): Promise<void> {
    await askJson(`${this.url}/sim/billing`, { body: { on_cancel: what } });
  }

  async prices(list: readonly ProviderPrice[]): Promise<void> {
    const prices = list.map(({ model, from, input, cached, output }) => ({
      model,
      from,
      input_pico_usd: String(input),
      cached_input_pico_usd: String(cached),
      output_pico_usd: String(output),
    }));
    await askJson(`${this.url}/sim/billing`, { body: { prices } });
  }

  /** From here on `bill` has only what comes now. */
  async turnPage(): Promise<void> {
    await this.bill();
    // What is free has been asked for too, and is on no bill.
    this.#since += await this.asked();
  }

  /** The bill since the last turned page, once no call is under way any more. */
  async bill(): Promise<BillLine[]> {
    const counts = async () => (await askJson(`${this.url}/sim/counts`)) as { active: number; dropped: number };
    await comesTrue(async () => (await counts()).active === 0, QUIET_MS);
    const { active, dropped } = await counts();
    if (active > 0 || dropped > 0) throw new Error(`the provider has ${active} calls open and forgot ${dropped}`);
    return this.billNow();
  }

  /** What the gateway called those that were answered without a word of their usage. */
  async withoutUsage(): Promise<Set<string | undefined>> {
    const calls: { n: number; fault?: string; clientRequestId?: string }[] = [];
    for (let found = PAGE; found === PAGE; ) {
      const since = calls.at(-1)?.n ?? 0;
      const page = (await askJson(`${this.url}/sim/calls?since=${since}&limit=${PAGE}`))['calls'] as typeof calls;
      found = page.length;
      calls.push(...page);
    }
    return new Set(calls.filter(({ fault }) => fault === 'no-usage').map(({ clientRequestId }) => clientRequestId));
  }

  /** From the first call on, as an export has it. */
  async wholeBill(): Promise<BillLine[]> {
    await this.bill();
    return this.#billSince(0);
  }

  /** The same without waiting for calls that are under way. */
  billNow(): Promise<BillLine[]> {
    return this.#billSince(this.#since);
  }

  async #billSince(first: number): Promise<BillLine[]> {
    const lines: BillLine[] = [];
    for (let since = first; ; ) {
      const calls = (await askJson(`${this.url}/sim/calls?since=${since}&limit=${PAGE}`))['calls'] as { n: number }[];
      const { text } = await ask(`${this.url}/sim/bill?since=${since}&limit=${PAGE}`);
      lines.push(...text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as BillLine])));
      if (calls.length < PAGE) return lines;
      since = calls.at(-1)?.n ?? since;
    }
  }

  /** How many calls it was asked for since the page was turned, refused ones included. */
  async asked(): Promise<number> {
    const { calls } = (await askJson(`${this.url}/sim/counts`)) as { calls: number };
    return calls - this.#since;
  }

  async stop(): Promise<void> {
    await this.#program.stop(3_000);
  }
}

export function sumOfBill(lines: readonly BillLine[]): bigint {
  return lines.reduce((sum, line) => sum + BigInt(line.cost_nano_usd), 0n);
}
