import type { Sabotage } from './list.ts';

type Fault = Omit<Sabotage, 'caughtBy'>;

/** Faults of routing's policies and of how a call walks through its targets. */
const POLICIES: readonly Fault[] = [
  {
    name: 'retry-without-a-budget',
    file: 'routing/policies/retry-budget.ts',
    find: 'if (this.left(nowMs) < 1) {',
    replace: 'if (this.left(nowMs) < -1e12) {',
  },
  {
    name: 'eject-the-last-target',
    file: 'routing/walk.ts',
    find: "if (guessed !== undefined) return this.#go(guessed.target, passed, 'all are closed');",
    replace: "if (guessed !== undefined) return { kind: 'stop', error: throttled(passed, 1_000) };",
  },
  {
    name: 'let-clients-multiply-an-outage',
    file: 'routing/walk.ts',
    find: '      this.#spent = true;\n      return undefined;',
    replace: '      return undefined;',
  },
  {
    name: 'try-once-more-than-allowed',
    file: 'routing/walk.ts',
    find: 'if (this.#tried.length < attemptsMax - this.#keptForDegrading(others)) {',
    replace: 'if (this.#tried.length <= attemptsMax - this.#keptForDegrading(others)) {',
  },
  {
    name: 'take-any-run-for-an-outage',
    file: 'routing/policies/circuit-breaker.ts',
    find: 'if (this.#run >= this.#policy.consecutiveMax && (lasts || this.#run >= this.#accidentalRunMax())) {',
    replace: 'if (this.#run >= 3) {',
  },
  {
    name: 'call-nobody-slow',
    file: 'routing/policies/slow-breaker.ts',
    find: 'const slow = elapsedMs > boundMs;',
    replace: 'const slow = false;',
  },
  {
    name: 'never-learn-the-limit',
    file: 'routing/policies/concurrency-limit.ts',
    find: 'if (gradient < 1) this.#searching = false;',
    replace: '',
  },
  {
    name: 'keep-a-slot-for-ever',
    file: 'routing/policies/concurrency-limit.ts',
    find: '    this.#inFlight--;',
    replace: '    if (this.#inFlight % 7 !== 0) this.#inFlight--;',
  },
  {
    name: 'hedge-everything',
    file: 'routing/policies/hedge-budget.ts',
    find: 'if (this.#saved < 1 - 1e-9) return false;',
    replace: '',
  },
  {
    name: 'wait-in-step',
    file: 'routing/policies/backoff.ts',
    find: 'return random.float() * Math.min(',
    replace: 'return Math.min(',
  },
  {
    name: 'draw-by-chance',
    file: 'routing/weighted-order.ts',
    find: 'let point = random.float() * total;',
    replace: 'let point = Math.random() * total;',
  },
];

/** Faults of how a call ends, and of its money. */
const ENDS: readonly Fault[] = [
  {
    name: 'forget-a-timer',
    file: 'exchange/exchange.ts',
    find: '    this.#over = true;\n    this.#deadline?.cancel();',
    replace: '    this.#over = true;',
  },
  {
    name: 'end-twice',
    file: 'exchange/exchange.ts',
    find: 'if (this.#detached === undefined) this.#client.end(bytes);',
    replace: 'if (this.#detached === undefined) for (const _ of [1, 2]) this.#client.end(bytes);',
  },
  {
    name: 'ignore-the-deadline',
    file: 'exchange/exchange.ts',
    find: '() => this.#onDeadline(plan.totalMs)',
    replace: '() => undefined',
  },
  {
    name: 'send-without-a-hold',
    file: 'money/cashier.ts',
    find: 'if (accounts.length === 0) return undefined;',
    replace: 'return undefined;',
  },
  {
    name: 'settle-once-more',
    file: 'exchange/payment.ts',
    find: 'else hold.settle(this.#lines).then(settling.resolve, settling.reject);',
    replace:
      'else hold.settle(this.#lines).then(() => hold.settle(this.#lines)).then(settling.resolve, settling.reject);',
  },
  {
    name: 'grant-what-others-hold',
    file: 'money/memory-ledger.ts',
    find: 'const free = limit - account.settled - account.held;',
    replace: 'const free = limit - account.settled;',
  },
  {
    name: 'call-a-torn-stream-whole',
    file: 'edge/openai/stream-gate.ts',
    find: 'const complete = terminal || this.#allFinished();',
    replace: 'const complete = true;',
  },
  {
    name: 'leave-the-stream-open',
    file: 'exchange/attempt.ts',
    find: '    this.#close();\n    this.#upstream?.abort();\n  }',
    replace: '    this.#close();\n  }',
  },
];

/** One for each thing that a simulation checks at every step or that a scenario has a figure for. */
export const WEATHER_SABOTAGES: readonly Sabotage[] = [...POLICIES, ...ENDS].map((fault) => ({
  ...fault,
  caughtBy: ['simulate'],
}));
