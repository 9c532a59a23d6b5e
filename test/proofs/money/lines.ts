import type { BillLine } from '../../../src/sim/bill.ts';
import type { Checks } from '../parts/checks.ts';

/** One attempt as the ledger has it. Amounts are nano-USD; unknown is `undefined`. */
export interface Line {
  /** `<call id>-<attempt>`, which is also what upstream was told. */
  readonly id: string;
  readonly callId: string;
  readonly attempt: number;
  readonly key: string;
  readonly model: string;
  readonly outcome: string | undefined;
  readonly inputTokens: number | undefined;
  readonly cachedTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly source: string | undefined;
  readonly cost: bigint | undefined;
  readonly charge: bigint | undefined;
  readonly hold: bigint | undefined;
  readonly overrun: boolean;
}

interface Money {
  readonly nano_usd: string;
}

interface AttemptJson {
  readonly attempt: number;
  readonly model: string;
  readonly outcome: string | null;
  readonly usage: {
    readonly input_tokens: number | null;
    readonly cached_input_tokens: number | null;
    readonly output_tokens: number | null;
  } | null;
  readonly usage_source: string | null;
  readonly cost: Money | null;
  readonly charge?: Money | null;
  readonly hold?: Money | null;
  readonly overrun?: boolean | null;
}

/** A call as the administrative API tells it. */
export interface CallJson {
  readonly id: string;
  readonly key: string;
  readonly attempts: readonly AttemptJson[];
}

export function linesOf(call: CallJson): Line[] {
  return call.attempts.map((attempt) => ({
    id: `${call.id}-${attempt.attempt}`,
    callId: call.id,
    attempt: attempt.attempt,
    key: call.key,
    model: attempt.model,
    outcome: attempt.outcome ?? undefined,
    inputTokens: attempt.usage?.input_tokens ?? undefined,
    cachedTokens: attempt.usage?.cached_input_tokens ?? undefined,
    outputTokens: attempt.usage?.output_tokens ?? undefined,
    source: attempt.usage_source ?? undefined,
    cost: amount(attempt.cost),
    charge: amount(attempt.charge),
    hold: amount(attempt.hold),
    overrun: attempt.overrun === true,
  }));
}

export function amount(money: Money | null | undefined): bigint | undefined {
  return money == null ? undefined : BigInt(money.nano_usd);
}

/** Each call on the provider's bill has exactly one line, and no line is twice there. */
export function checkOneLineEach(
  bill: readonly BillLine[],
  lines: readonly Line[],
  checks: Checks,
  name: string,
): void {
  const known = new Map(lines.map((line) => [line.id, line]));
  checks.that(`${name}: there is a bill to compare with`, bill.length > 0, `${bill.length} lines`);
  checks.none(
    `${name}: each attempt that upstream began to bill has its line`,
    bill.filter(({ client_request_id: id }) => !known.has(id ?? '')).map(({ client_request_id: id }) => `${id}`),
    `${bill.length} on the bill, ${lines.length} lines`,
  );
  checks.none(`${name}: no attempt has two lines`, repeated(lines.map(({ id }) => id)));
  checks.none(`${name}: upstream saw no attempt twice`, repeated(bill.map((line) => line.client_request_id ?? '')));
}

/** What a line costs is what the provider bills for it, to the nano-dollar. */
export function costProblems(bill: readonly BillLine[], lines: readonly Line[]): string[] {
  const known = new Map(lines.map((line) => [line.id, line]));
  return bill.flatMap((billed) => {
    const line = known.get(billed.client_request_id ?? '');
    if (line?.cost === BigInt(billed.cost_nano_usd)) return [];
    return [`${line?.id} (${line?.outcome}, ${line?.source}) costs ${line?.cost}, billed ${billed.cost_nano_usd}`];
  });
}

export function repeated(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.size === seen.add(id).size).map((id) => `${id} again`);
}
