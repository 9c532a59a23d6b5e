/** One deliberate fault of the product, which a proof must notice. */
export interface Sabotage {
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The proofs that must turn red. */
  readonly caughtBy: readonly ('faults' | 'kill' | 'start')[];
}

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'fake-the-finish',
    file: 'edge/openai/stream-gate.ts',
    find: 'const complete = this.#facts.terminal || this.#allFinished();',
    replace: 'const complete = true;',
    caughtBy: ['faults'],
  },
  {
    name: 'leak-the-socket',
    file: 'exchange/attempt.ts',
    find: '    this.#close();\n    this.#upstream?.abort();\n  }',
    replace: '    this.#close();\n  }',
    caughtBy: ['faults'],
  },
  {
    name: 'skip-the-start',
    file: 'observability/gateway-events.ts',
    find: 'this.#parts.journal.append(record);',
    replace: '',
    caughtBy: ['kill'],
  },
  {
    name: 'start-after-the-socket',
    file: 'observability/gateway-events.ts',
    find: 'this.#parts.journal.append(record);',
    replace: 'setTimeout(() => this.#parts.journal.append(record), 20);',
    caughtBy: ['kill'],
  },
  {
    name: 'skip-the-end',
    file: 'observability/gateway-events.ts',
    find: 'try {\n      journal.append(record);',
    replace: 'try {',
    caughtBy: ['kill'],
  },
  {
    name: 'record-after-the-answer',
    file: 'observability/gateway-events.ts',
    find: 'try {\n      journal.append(record);',
    replace: 'try {\n      setTimeout(() => journal.append(record), 50);',
    caughtBy: ['kill'],
  },
  {
    name: 'drop-the-usage',
    file: 'exchange/attempt-records.ts',
    find: "{ usage, usageSource: 'provider' as const }",
    replace: '{}',
    caughtBy: ['kill'],
  },
  {
    name: 'forget-who-still-runs',
    file: 'store/journal/attempt-fold.ts',
    find: 'isBefore(oldest.at, readUpTo) ? oldest.at : readUpTo',
    replace: 'isBefore(oldest.at, readUpTo) ? readUpTo : readUpTo',
    caughtBy: ['kill'],
  },
  {
    name: 'forget-the-dead',
    file: 'store/journal/journal-replayer.ts',
    find: 'if (!isBefore(from, live)) return;',
    replace: 'if (live) return;',
    caughtBy: ['kill'],
  },
  {
    name: 'unknown-is-zero',
    file: 'store/journal/attempt-fold.ts',
    find: "return { outcome: 'interrupted',",
    replace: "return { usage: { inputTokens: 0, outputTokens: 0 }, outcome: 'interrupted',",
    caughtBy: ['kill'],
  },
];
