import type { Sabotage } from './list.ts';

/** Faults of the Messages dialect and of the lanes from and to it. */
export const MESSAGES_SABOTAGES: readonly Sabotage[] = [
  {
    name: 'finish-any-message',
    file: 'edge/sse-gate.ts',
    find: 'return this.draft.terminal;',
    replace: 'return true;',
    caughtBy: ['faults'],
  },
  {
    name: 'read-no-message-usage',
    file: 'edge/anthropic/stream-gate.ts',
    find: 'if (read !== undefined) this.draft.usage = read;',
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'count-the-placeholder',
    file: 'edge/anthropic/stream-gate.ts',
    find: 'const { output_tokens: _, ...known } = usage;',
    replace: 'const known = usage;',
    caughtBy: ['faults'],
  },
  {
    name: 'count-the-placeholder-in-translation',
    file: 'providers/anthropic/stream-reader.ts',
    find: 'this.#count(usage, counted);',
    replace: 'this.#count(usage);',
    caughtBy: ['faults'],
  },
  {
    name: 'message-pings-are-progress',
    file: 'edge/anthropic/stream-gate.ts',
    find: "if (data !== undefined && !SAY_NOTHING.has(fields?.['type'])) this.draft.dataEvents++;",
    replace: 'if (data !== undefined) this.draft.dataEvents++;',
    caughtBy: ['faults'],
  },
  {
    name: 'an-error-in-200-is-a-message',
    file: 'edge/anthropic/answer.ts',
    find: "if (fields['type'] === 'error') return { error: errorInside(fields['error']) };",
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'say-502-to-anthropic-clients',
    file: 'edge/anthropic/errors.ts',
    find: 'return told(error).status;',
    replace: 'return error.status;',
    caughtBy: ['faults'],
  },
  {
    name: 'relay-html-as-a-message-error',
    file: 'providers/anthropic/judge.ts',
    find: 'relay: quoted !== undefined,',
    replace: 'relay: true,',
    caughtBy: ['faults'],
  },
  {
    name: 'end-every-translated-stream',
    file: 'exchange/translated-gate.ts',
    find: 'const complete = this.#facts.terminal && this.#facts.error === undefined;',
    replace: 'const complete = true;',
    caughtBy: ['faults'],
  },
];
