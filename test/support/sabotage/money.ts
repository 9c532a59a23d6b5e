import type { Sabotage } from './list.ts';

/** A fault that one part of proof:money has to notice. */
export interface MoneySabotage extends Sabotage {
  readonly part: string;
  /** Words of the check that has to fail: another one would be red for a reason of its own. */
  readonly check: string;
  /** Where it can be seen; absent: on the embedded one. */
  readonly store?: 'embedded' | 'server';
}

type Fault = Omit<MoneySabotage, 'caughtBy'>;

const HOLDS: readonly Fault[] = [
  {
    name: 'take-no-hold',
    part: 'M1',
    check: 'exactly 100 calls went upstream',
    file: 'money/cashier.ts',
    find: 'if (accounts.length === 0) return undefined;',
    replace: 'return undefined;',
  },
  {
    name: 'serve-what-was-refused',
    part: 'M1',
    check: 'exactly 100 calls went upstream',
    file: 'money/cashier.ts',
    find: "if ('refused' in verdict) throw budgetExceeded(verdict.refused, least);",
    replace: "if ('refused' in verdict) return { amount: wanted, settle: (lines) => this.#settle(payer, lines) };",
  },
  {
    name: 'look-at-what-is-settled-alone',
    part: 'M1',
    check: 'overshoot 0',
    file: 'store/migrations/0002-ledger.ts',
    find: 'free := limits[p] - settled_now[p] - held_now[p];',
    replace: 'free := limits[p] - settled_now[p];',
  },
  {
    name: 'grant-without-a-look',
    part: 'M1',
    check: 'overshoot 0',
    file: 'store/migrations/0007-usual-orders.ts',
    find: 'where (moved.pays and moved.cap - moved.settled - moved.held < 0',
    replace: 'where (moved.pays and moved.settled < 0',
  },
  {
    name: 'leave-a-level-out',
    part: 'M3',
    check: 'what each level has settled',
    file: 'store/ledger/usual-orders.ts',
    find: 'const sorted = [...moves].sort(([one], [other]) => (one < other ? -1 : 1));',
    replace: 'const sorted = [...moves].sort(([one], [other]) => (one < other ? -1 : 1)).slice(1);',
  },
  {
    name: 'charge-no-more-than-was-held',
    part: 'M1',
    check: 'over by the exact excess',
    file: 'store/migrations/0002-ledger.ts',
    find: 'if line_amounts[l] < 0 then',
    replace: 'line_amounts[l] := least(line_amounts[l], known.amount);\n        if line_amounts[l] < 0 then',
  },
  {
    name: 'hold-on-one-level',
    part: 'M3',
    check: 'what each level has settled',
    file: 'money/cashier.ts',
    find: 'const accounts = this.#parts.accountsOf(payer);',
    replace: 'const accounts = this.#parts.accountsOf(payer).slice(0, 1);',
  },
  {
    name: 'clamp-in-words-alone',
    part: 'M1',
    check: 'no more are made',
    file: 'exchange/attempt-runs.ts',
    find: 'outputTokensMax: leastOf(this.#books.payment?.outputTokensFor(target), step.shape?.outputTokensMax),',
    replace: 'outputTokensMax: undefined,',
  },
  {
    name: 'unpriced-is-free',
    part: 'M14',
    check: 'without a price, it goes nowhere',
    file: 'exchange/payment.ts',
    find: 'if (sheet === undefined || rates === undefined) continue;',
    replace: 'if (sheet === undefined || rates === undefined) return plan;',
  },
];

const DURABILITY: readonly Fault[] = [
  {
    name: 'answer-before-the-commit',
    part: 'M5',
    check: 'no call goes upstream',
    file: 'store/ledger/grouped-ledger.ts',
    find: "this.#enqueue({ kind: 'take', order, ...this.#waiting(order.holdId), resolve, reject });",
    replace:
      "this.#enqueue({ kind: 'take', order, ...this.#waiting(order.holdId), resolve, reject });\n      resolve({ granted: order.wanted, remaining: undefined });",
  },
  {
    name: 'go-on-without-the-ledger',
    part: 'M5',
    check: 'no call goes upstream',
    store: 'server',
    file: 'money/cashier.ts',
    find: 'if (capped || !isUnavailable(thrown)) throw thrown;',
    replace: 'if (!isUnavailable(thrown)) throw thrown;',
  },
  {
    name: 'skip-the-fsync',
    part: 'M5',
    check: 'no call goes upstream',
    file: 'store/pglite/durable-fs.ts',
    find: 'return fsyncResult(() => {',
    replace: 'return fsyncResult(() => {\n        if (stream !== undefined) return;',
  },
  {
    name: 'forget-the-holds-of-the-dead',
    part: 'M4',
    check: 'no hold is open whose call',
    file: 'compose/treasury.ts',
    find: '    this.#recovery.start();\n',
    replace: '',
  },
  {
    name: 'write-no-checkpoint',
    part: 'M4',
    check: 'as far as its last checkpoint',
    file: 'exchange/attempt-books.ts',
    find: 'if (attempt === undefined) return;',
    replace: 'if (sheet !== attempt) return;',
  },
  {
    name: 'keep-holds-for-ever',
    part: 'M4',
    check: 'after its deadline no hold is left',
    store: 'server',
    file: 'compose/hold-recovery.ts',
    find: 'if (clock.now() <= hold.resolveBy + UNKNOWN_MS_MAX) {',
    replace: 'if (hold.resolveBy > 0) {',
  },
  {
    name: 'book-again-what-comes-again',
    part: 'M10',
    check: 'each booking is taken',
    file: 'store/migrations/0002-ledger.ts',
    find: 'if booked.id is not null then',
    replace: 'if false then',
  },
  {
    name: 'release-only-what-was-charged',
    part: 'M13',
    check: 'every balance adds up',
    file: 'store/migrations/0007-usual-orders.ts',
    find: 'held = accounts.held + asked.held',
    replace: 'held = accounts.held + greatest(asked.held, -asked.settled)',
  },
  {
    name: 'charge-without-a-transfer',
    part: 'M13',
    check: 'every balance adds up',
    file: 'store/migrations/0007-usual-orders.ts',
    find: 'as line (call, organisation, path, at, attempt, provider, model, amount, source);',
    replace: 'as line (call, organisation, path, at, attempt, provider, model, amount, source) where line.attempt > 1;',
  },
];

const USE: readonly Fault[] = [
  {
    name: 'forget-what-a-client-read',
    part: 'M6',
    check: 'estimates are within',
    file: 'exchange/exchange.ts',
    find: 'const facts = run?.attempt?.facts ?? {};',
    replace: "const facts = error.code === 'client_closed' ? {} : (run?.attempt?.facts ?? {});",
  },
  {
    name: 'release-when-a-client-leaves',
    part: 'M6',
    check: 'the account has settled the charges',
    file: 'exchange/payment.ts',
    find: 'else hold.settle(this.#lines)',
    replace: "else hold.settle(this.#lines.filter(({ usageSource }) => usageSource === 'provider'))",
  },
  {
    name: 'hang-up-on-what-is-billed-anyway',
    part: 'M6',
    check: 'what runs on is drained',
    file: 'exchange/exchange.ts',
    find: 'if (this.#detach()) return;',
    replace: '',
  },
  {
    name: 'zero-is-nothing-said',
    part: 'M7',
    check: 'costs what it costs by hand',
    file: 'exchange/meter.ts',
    find: "if (inputTokens === undefined) return 'no credible count of input tokens';",
    replace: "if (!inputTokens) return 'no credible count of input tokens';",
  },
  {
    name: 'believe-any-count',
    part: 'M7',
    check: 'costs what it costs by hand',
    file: 'exchange/meter.ts',
    find: 'const TOKENS_PLAUSIBLE_MAX = 50_000_000;',
    replace: 'const TOKENS_PLAUSIBLE_MAX = 1e15;',
  },
  {
    name: 'thoughts-come-for-nothing',
    part: 'M7',
    check: 'gemini: each shape costs what it costs by hand',
    file: 'providers/gemini/usage.ts',
    find: 'sumOfKnown(said, thoughts);',
    replace: 'said;',
  },
  {
    name: 'tools-read-for-nothing',
    part: 'M7',
    check: 'gemini: each shape costs what it costs by hand',
    file: 'providers/gemini/usage.ts',
    find: 'const input = sumOfKnown(prompt, tools);',
    replace: 'const input = prompt;',
  },
  {
    name: 'write-to-the-cache-for-nothing-more',
    part: 'M7',
    check: 'responses: each shape costs what it costs by hand',
    file: 'providers/openai/usage.ts',
    find: "putPart(usage, 'cacheWriteTokens', firstCount(ins['cache_write_tokens']));",
    replace: '',
  },
  {
    name: 'keep-a-cache-for-minutes-alone',
    part: 'M7',
    check: 'messages: each shape costs what it costs by hand',
    file: 'providers/anthropic/usage.ts',
    find: "putPart(usage, 'cacheWrite1hTokens', written1h);",
    replace: '',
  },
  {
    name: 'forget-the-use-of-what-is-translated',
    part: 'M7',
    check: 'responses: each shape costs what it costs by hand',
    file: 'exchange/translated-lane.ts',
    find: '...(usage === undefined ? {} : { usage }),',
    replace: '',
  },
  {
    name: 'charge-every-attempt',
    part: 'M8',
    check: 'only the last attempt is charged',
    file: 'exchange/attempt-books.ts',
    find: 'const charged = ending.last ||',
    replace: 'const charged = ending !== undefined ||',
  },
  {
    name: 'one-name-for-all-attempts',
    part: 'M8',
    check: 'upstream saw no attempt twice',
    file: 'exchange/upstream-headers.ts',
    find: 'attempt}`,',
    replace: '1}`,',
  },
  {
    name: 'every-calendar-is-utc',
    part: 'M11',
    check: 'each window has its own call',
    file: 'money/windows.ts',
    find: 'return date.toZonedDateTime(timeZone).epochMilliseconds;',
    replace: "return date.toZonedDateTime(timeZone === '' ? timeZone : 'UTC').epochMilliseconds;",
  },
  {
    name: 'price-by-the-prices-of-now',
    part: 'M12',
    check: 'keeps the old price',
    file: 'exchange/exchange.ts',
    find: 'this.#runs.end(run, facts, ending, then);',
    replace:
      'this.#runs.end(Object.assign(run, { sheet: this.#parts.plan(this.call).targets[0]?.provider.sheetOf(run.target.model) }), facts, ending, then);',
  },
  {
    name: 'a-route-that-nobody-meters',
    part: 'M14',
    check: 'the other routes reach no provider',
    file: 'edge/http/model-call.ts',
    find: 'metering: dialect.operation,',
    replace: "metering: 'none',",
  },
];

/** What proof:money has to notice, each in its own part. */
export const MONEY_SABOTAGES: readonly MoneySabotage[] = [...HOLDS, ...DURABILITY, ...USE].map((fault) => ({
  ...fault,
  caughtBy: ['money'],
}));
