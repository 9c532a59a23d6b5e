import type { Sabotage } from './list.ts';

type Fault = Omit<Sabotage, 'caughtBy'>;

/** Faults of how a call walks through its targets. */
const WALK: readonly Fault[] = [
  {
    name: 'skip-the-retry-budget',
    file: 'routing/walk.ts',
    find: 'const allowed = this.#parts.weather.mayRetry() && (this.#origin?.mayRetry() ?? true);',
    replace: 'const allowed = true;',
  },
  {
    name: 'never-pass-over',
    file: 'routing/walk.ts',
    find: '        passed.push({ target, closure });\n        continue;',
    replace: '        passed.push({ target, closure });',
  },
  {
    name: 'refuse-the-last-target',
    file: 'routing/walk.ts',
    find: 'const guessed = leastBad(passed);',
    replace: 'const guessed = leastBad([]);',
  },
  {
    name: 'ignore-retry-after',
    file: 'routing/walk.ts',
    find: 'const asked = (retryAfterMs ?? 0) * (1 + random.float() * WAIT_JITTER);',
    replace: 'const asked = 0;',
  },
  {
    name: 'retry-for-ever',
    file: 'routing/walk.ts',
    find: 'if (this.#tried.length < attemptsMax - this.#keptForDegrading(others)) {',
    replace: 'if (this.#tried.length < attemptsMax + 20) {',
  },
  {
    name: 'wait-before-the-next-target',
    file: 'routing/walk.ts',
    find: 'if (this.#mayRetry()) return this.#go(open, passed, why);',
    replace: 'if (this.#mayRetry()) return this.#go(open, passed, why, { waitMs: 2_000 });',
  },
  {
    name: 'ask-everybody',
    file: 'routing/walk.ts',
    find: "if (others === undefined && error.retry === 'never') return { kind: 'stop' };",
    replace: '',
  },
  {
    name: 'know-no-alternatives',
    file: 'routing/walk.ts',
    find: 'return others === undefined || others.length === 0 ? undefined : others;',
    replace: 'return undefined;',
  },
  {
    name: 'hedge-beyond-the-share',
    file: 'routing/walk.ts',
    find: '!this.#parts.weather.hedges(route, policies.hedge).take()',
    replace: 'false',
  },
  {
    name: 'overfill-the-last-target',
    file: 'routing/walk.ts',
    find: '!closure.asked && !closure.firm',
    replace: '!closure.asked',
  },
];

/** Faults of what is made of a target's answers. */
const JUDGED: readonly Fault[] = [
  {
    name: 'forget-the-cool-down',
    file: 'routing/target-state.ts',
    find: 'if (coolDown === undefined) return;',
    replace: 'return;',
  },
  {
    name: 'forget-who-was-refused',
    file: 'routing/target-state.ts',
    find: "if (this.credential.close('credential', why, nowMs)) this.#tellClosed(nowMs);",
    replace: '',
  },
  {
    name: 'use-the-last-request',
    file: 'routing/target-state.ts',
    find: ' ?? this.#scarce(nowMs)',
    replace: '',
  },
  {
    name: 'blame-the-target-for-a-mistake',
    file: 'exchange/passage-end.ts',
    find: "    default:\n      return { kind: 'neutral' };",
    replace: "    default:\n      return { kind: 'failed' };",
  },
  {
    name: 'blame-the-target-for-its-client',
    file: 'exchange/passage-end.ts',
    find: "if (result.kind === 'failed' && result.impatient === true) return { kind: 'neutral' };",
    replace: '',
  },
];

/** Faults of what becomes of the call. */
const CALLS: readonly Fault[] = [
  {
    name: 'leak-the-loser',
    file: 'exchange/attempt-runs.ts',
    find: '    run.attempt?.giveUp();\n    // Of an answer',
    replace: '    // Of an answer',
  },
  {
    name: 'bill-no-loser',
    file: 'exchange/attempt-books.ts',
    find: 'billable: run.attempt?.billable === true,',
    replace: "billable: ending.outcome !== 'cancelled' && run.attempt?.billable === true,",
  },
  {
    name: 'miss-the-aim',
    file: 'exchange/exchange.ts',
    find: 'this.#after(policies.firstTokenMs, () => this.#onSlow(run, walk));',
    replace: '',
  },
  {
    name: 'degrade-in-silence',
    file: 'exchange/answer-headers.ts',
    find: "if (facts.degraded !== undefined) headers.push('x-leeward-degraded', headerText(facts.degraded));",
    replace: '',
  },
  {
    name: 'let-clients-add-theirs',
    file: 'exchange/answer-headers.ts',
    find: "if (spent) headers.push('x-should-retry', 'false');",
    replace: '',
  },
  {
    name: 'keep-every-message',
    file: 'edge/openai/request.ts',
    find: 'if (target.keepMessages === undefined || messages === undefined)',
    replace: 'if (target.keepMessages === undefined || messages !== undefined)',
  },
  {
    name: 'let-a-stream-fall-silent',
    file: 'exchange/client-answer.ts',
    find: '    this.#pings.start();\n',
    replace: '',
  },
  {
    name: 'shed-nobody',
    file: 'edge/http/load-shed.ts',
    find: 'inFlightShare: 0.7 };',
    replace: 'inFlightShare: 7 };',
  },
];

/** One for each promise of the rows about providers that fail, throttle and slow down. */
export const WEATHER_ROW_SABOTAGES: readonly Sabotage[] = [...WALK, ...JUDGED, ...CALLS].map((fault) => ({
  ...fault,
  caughtBy: ['faults'],
}));
