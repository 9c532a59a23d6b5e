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
];
