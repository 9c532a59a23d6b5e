import { isMadeUpCallId, madeUpCallId } from '../../providers/gemini/call-ids.ts';
import type { PartIds } from '../../providers/gemini/part-reader.ts';

interface OpenCall {
  readonly id: string;
  readonly name: string;
}

/**
 * Names the calls of a conversation that came without an id, and finds the call
 * that a response answers: by its id, else by its name among those that wait
 * for one, in their order. The same whenever the same conversation is read.
 */
export class ConversationIds implements PartIds {
  readonly #open: OpenCall[] = [];
  #madeUp = 0;
  #lastHosted: string | undefined;

  call(id: string | undefined): string {
    return id ?? madeUpCallId(undefined, this.#madeUp++);
  }

  /** A call of the client's function waits for its response from here on. */
  asked(call: OpenCall): void {
    this.#open.push(call);
  }

  /** The call that a response answers. */
  answered(id: string | undefined, name: string | undefined): { readonly id: string; readonly name?: string } {
    const call = this.#callOf(id, name);
    if (call !== undefined) this.#open.splice(this.#open.indexOf(call), 1);
    const known = name ?? call?.name;
    return { id: call?.id ?? this.call(id), ...(known === undefined ? {} : { name: known }) };
  }

  #callOf(id: string | undefined, name: string | undefined): OpenCall | undefined {
    const named = id === undefined ? undefined : this.#open.find((call) => call.id === id);
    if (named !== undefined) return named;
    // A client that names its responses itself, and not the calls, means them by their order.
    const unnamed = id === undefined ? this.#open : this.#open.filter((call) => isMadeUpCallId(call.id));
    return (
      unnamed.find((call) => call.name === name) ?? (id === undefined && name === undefined ? unnamed[0] : undefined)
    );
  }

  hosted(id: string | undefined): string {
    this.#lastHosted = this.call(id);
    return this.#lastHosted;
  }

  hostedResult(id: string | undefined): string {
    return id ?? this.#lastHosted ?? this.call(undefined);
  }
}
