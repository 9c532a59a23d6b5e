/** How long a WebSocket may stand, and how many may. */
export interface SocketLimits {
  /** As long as OpenAI's. A call that runs at its end comes to its own. */
  readonly lifetimeMs: number;
  /** Without a call. */
  readonly idleMs: number;
  /** A connection that has not answered the ping before is cut. */
  readonly pingMs: number;
  /** At once. */
  readonly connectionsMax: number;
  /** What all of them together remember of their last turns. */
  readonly memoryBytesMax: number;
}

const MINUTE_MS = 60_000;

export const SOCKET_LIMITS: SocketLimits = {
  lifetimeMs: 60 * MINUTE_MS,
  idleMs: 30 * MINUTE_MS,
  pingMs: MINUTE_MS / 2,
  connectionsMax: 1_000,
  memoryBytesMax: 128 * 1024 * 1024,
};
