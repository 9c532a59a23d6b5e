import type { Sabotage } from './list.ts';

/** Faults of the Responses and Gemini dialects, and of the lanes from and to them. */
export const FOUR_DIALECT_SABOTAGES: readonly Sabotage[] = [
  {
    name: 'hold-no-response-end',
    file: 'edge/responses/stream-gate.ts',
    find: '    this.put(event);\n',
    replace:
      '    const { terminal } = this.draft;\n    this.draft.terminal = false;\n    this.put(event);\n    this.draft.terminal = terminal;\n',
    caughtBy: ['faults'],
  },
  {
    name: 'a-failed-response-is-a-success',
    file: 'edge/responses/stream-gate.ts',
    find: "this.draft.error ??= errorOf(fields['error']);",
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'a-failed-response-ends-well-in-translation',
    file: 'providers/responses/stream-reader.ts',
    find: "if (type === 'response.failed' || status === 'failed') return this.#endFailed(value, errorOf(value['error']));",
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'a-failed-response-is-an-answer',
    file: 'edge/responses/answer.ts',
    find: "if (response['status'] === 'failed' || (isObject(error) && output === undefined)) return { error: errorOf(error) };",
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'tell-a-response-stream-in-chat',
    file: 'edge/responses/errors.ts',
    find: "eventText({ type: 'error', code, message, param, sequence_number: sequence, error: told }) +",
    replace: "'data: '.concat(JSON.stringify({ error: told }), '\\n\\n') +",
    caughtBy: ['faults'],
  },
  {
    name: 'hold-no-last-gemini-event',
    file: 'edge/gemini/stream-gate.ts',
    find: 'this.#latest = this.#complete ? told : undefined;',
    replace: 'this.#latest = undefined;',
    caughtBy: ['faults'],
  },
  {
    name: 'finish-any-gemini-stream',
    file: 'edge/gemini/stream-gate.ts',
    find: 'const complete = this.#complete && this.draft.error === undefined;',
    replace: 'const complete = this.draft.error === undefined;',
    caughtBy: ['faults'],
  },
  {
    name: 'finish-any-gemini-stream-in-translation',
    file: 'providers/gemini/stream-reader.ts',
    find: 'if (this.#over || this.#failed || !complete) return;',
    replace: 'if (this.#over || this.#failed) return;',
    caughtBy: ['faults'],
  },
  {
    name: 'read-no-gemini-usage',
    file: 'edge/gemini/stream-gate.ts',
    find: 'if (usage !== undefined) this.draft.usage = usage;',
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'translate-no-gemini-usage',
    file: 'providers/gemini/stream-reader.ts',
    find: "this.#count(fields['usageMetadata']);",
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'a-gemini-error-in-200-is-an-answer',
    file: 'edge/gemini/answer.ts',
    find: "if (isObject(fields['error'])) return { error: errorInside(fields['error']) };",
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'tell-google-clients-in-chat',
    file: 'edge/gemini/errors.ts',
    find: 'return { error: { code: STATUS[status], message, status, details: detailsOf(error, requestId) } };',
    replace: 'return { error: { code: error.code, message, type: status, details: detailsOf(error, requestId) } };',
    caughtBy: ['faults'],
  },
  {
    name: 'leave-out-what-is-no-element',
    file: 'edge/gemini/stream-gate.ts',
    find: 'if (fields === undefined) throw notJson();',
    replace: 'if (fields === undefined) return;',
    caughtBy: ['faults'],
  },
];
