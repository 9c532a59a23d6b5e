import type { GatewayError } from '../../kernel/errors.ts';
import { googleError } from './errors.ts';

/**
 * The form in which Google streams to whoever does not ask for `alt=sse`: one
 * JSON array, of which each element is what an event's data would be.
 *
 *     [{…}\n,\r\n{…}\n]
 */
export const ARRAY_CONTENT_TYPE = 'application/json; charset=UTF-8';

/** White space between two elements keeps a silent stream open, and no reader of JSON sees it. */
export const ARRAY_PING = Buffer.from('\n');

/** Writes the elements of one array. */
export class ArrayForm {
  #begun = false;

  /** @param json an element, as JSON text */
  element(json: string): string {
    const before = this.#begun ? '\n,\r\n' : '[';
    this.#begun = true;
    return before + json;
  }

  end(): string {
    return this.#begun ? '\n]\n' : '[\n]\n';
  }

  /** The array's end, where that is an error: its last element. */
  errorEvent(error: GatewayError, requestId: string): Buffer {
    return Buffer.from(this.element(JSON.stringify(googleError(error, requestId))) + this.end());
  }
}

/** In the place of a stream, an array too: so that a client that reads one finds the error in it. */
export function arrayErrorBody(error: GatewayError, requestId: string): Buffer {
  return Buffer.from(`[${JSON.stringify(googleError(error, requestId))}\n]\n`);
}
