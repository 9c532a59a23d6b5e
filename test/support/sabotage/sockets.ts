import type { Sabotage } from './list.ts';

/** Faults of the WebSocket mode of the Responses API. */
export const SOCKET_SABOTAGES: readonly Sabotage[] = [
  {
    name: 'go-on-for-a-socket-that-is-gone',
    file: 'edge/responses/socket-session.ts',
    find: '    this.#memory.forget();\n    this.#running?.exchange?.clientGone();',
    replace: '    this.#memory.forget();',
    caughtBy: ['faults'],
  },
  {
    name: 'stay-busy-after-an-answer',
    file: 'edge/responses/socket-session.ts',
    find: '    this.#running = undefined;\n    if (this.#over) return;',
    replace: '    if (this.#over) return;',
    caughtBy: ['faults'],
  },
  {
    name: 'begin-two-calls-on-a-socket',
    file: 'edge/responses/socket-session.ts',
    find: 'if (this.#running !== undefined) throw busy();',
    replace: '',
    caughtBy: ['faults'],
  },
  {
    name: 'close-a-socket-without-a-word',
    file: 'edge/responses/socket-session.ts',
    find: 'this.#refuse(thrown, id, streamIdIn(message));',
    replace: 'this.#parts.ws.terminate();',
    caughtBy: ['faults'],
  },
  {
    name: 'take-messages-of-any-size',
    file: 'edge/responses/socket-server.ts',
    find: 'maxPayload: bodies.bodyBytesMax,',
    replace: 'maxPayload: 0,',
    caughtBy: ['faults'],
  },
  {
    name: 'end-a-socket-with-the-stream',
    file: 'edge/responses/socket-sink.ts',
    find: 'if (this.#ended) this.#parts.onEnd();\n    else this.abort();',
    replace: 'this.abort();',
    caughtBy: ['faults'],
  },
];
