import type { NativeCall } from '../../exchange/dialect.ts';
import {
  HISTORY_BYTES_MAX,
  HISTORY_TURNS_MAX,
  type KeptHistory,
  type KeptResponse,
  type KeptTurn,
} from '../../protocol/kept-response.ts';

/** What all connections together remember. */
export interface SharedBytes {
  bytes: number;
  readonly bytesMax: number;
}

interface Remembered {
  readonly id: string;
  readonly history: KeptHistory;
  readonly bytes: number;
}

/**
 * The last turn of one connection with all that went before it, so that a
 * client which wants nothing kept need not send it again. It ends with the connection.
 */
export class SocketMemory {
  readonly #shared: SharedBytes;
  #last: Remembered | undefined;

  constructor(shared: SharedBytes) {
    this.#shared = shared;
  }

  /** The turns up to an answer, where it is the last one of this connection. */
  historyOf(id: string | undefined): KeptHistory | undefined {
    return id !== undefined && id === this.#last?.id ? this.#last.history : undefined;
  }

  /**
   * In the place of the last turn before.
   *
   * @param history what the answer followed
   * @param bytes about as many as the whole of it has as JSON
   */
  remember(id: string, turn: KeptTurn, history: KeptHistory, bytes: number): void {
    this.forget();
    if (history.length >= HISTORY_TURNS_MAX || bytes > HISTORY_BYTES_MAX) return;
    if (this.#shared.bytes + bytes > this.#shared.bytesMax) return;
    this.#shared.bytes += bytes;
    this.#last = { id, history: [...history, turn], bytes };
  }

  forget(): void {
    this.#shared.bytes -= this.#last?.bytes ?? 0;
    this.#last = undefined;
  }
}

/** A turn as it is told again. What was not to be stored, its provider keeps no more than we do. */
export function turnOf(answer: KeptResponse, { memory }: NativeCall): KeptTurn {
  const { output } = answer.response;
  return {
    items: [...answer.input, ...(Array.isArray(output) ? (output as readonly unknown[]) : [])],
    deployment: answer.deployment,
    upstreamKeeps: answer.upstreamKeeps && memory?.store !== false,
  };
}
