import type { Sabotage } from './list.ts';

/** Faults of the translated lane that only many streams at once, or a clock, can show. */
export const LANE_SABOTAGES: readonly Sabotage[] = [
  {
    name: 'swallow-a-translated-delta',
    file: 'exchange/translated-gate.ts',
    find: 'const bytes = this.#writer.write(event);',
    replace:
      "if (event.type === 'text-delta' && Math.random() < 0.001) continue;\n        const bytes = this.#writer.write(event);",
    caughtBy: ['bench'],
  },
  {
    name: 'sleep-per-translated-event',
    file: 'exchange/translated-gate.ts',
    find: 'push(chunk: Buffer): Buffer | undefined {',
    replace:
      'push(chunk: Buffer): Buffer | undefined {\n    for (const end = performance.now() + 0.045; performance.now() < end; );',
    caughtBy: ['bench'],
  },
  {
    name: 'sleep-per-translated-call',
    file: 'exchange/translated-lane.ts',
    find: 'const found = lossesOf(fields);',
    replace: 'for (const end = performance.now() + 1; performance.now() < end; );\n    const found = lossesOf(fields);',
    caughtBy: ['bench'],
  },
];
