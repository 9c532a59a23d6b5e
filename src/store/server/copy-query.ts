import type pg from 'pg';

/** Postgres reads `CopyData` messages one by one and keeps a buffer as large as the largest of them. */
const COPY_MESSAGE_BYTES = 64 * 1024;

/** The messages of a `COPY … FROM STDIN` that `pg`'s own connection has, and its types leave out. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
}

/**
 * A `COPY … FROM STDIN` whose input is one buffer, as something `pg.Client.query`
 * takes: the driver calls `submit`, then the handler of each message that comes back.
 *
 *     submit ──▶ CopyInResponse: all of the input, then CopyDone ──▶ CommandComplete ──▶ ReadyForQuery
 *                                                              └──▶ ErrorResponse
 *
 * The driver copies each piece as it takes it, so that the input is the caller's again afterwards.
 */
export class CopyQuery implements pg.Submittable {
  readonly done: Promise<void>;
  readonly #text: string;
  readonly #input: Uint8Array;
  readonly #settle = Promise.withResolvers<void>();
  /** The driver puts its time limit around it. */
  callback: (error: Error | null) => void;

  constructor(text: string, input: Uint8Array) {
    this.#text = text;
    this.#input = input;
    this.done = this.#settle.promise;
    this.callback = (error) => (error === null ? this.#settle.resolve() : this.#settle.reject(error));
  }

  submit(connection: pg.Connection): void {
    copyConnection(connection).query(this.#text);
  }

  handleCopyInResponse(connection: pg.Connection): void {
    const copy = copyConnection(connection);
    for (let start = 0; start < this.#input.length; start += COPY_MESSAGE_BYTES) {
      copy.sendCopyFromChunk(this.#input.subarray(start, start + COPY_MESSAGE_BYTES));
    }
    copy.endCopyFrom();
  }

  handleCommandComplete(): void {
    // The answer counts once the session is ready again.
  }

  handleReadyForQuery(): void {
    this.callback(null);
  }

  handleError(error: Error): void {
    this.callback(error);
  }
}

function copyConnection(connection: pg.Connection): CopyConnection {
  return connection as unknown as CopyConnection;
}
