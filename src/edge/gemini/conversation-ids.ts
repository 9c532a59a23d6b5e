import { isMadeUpCallId, madeUpCallId } from '../../providers/gemini/call-ids.ts';
import type { PartIds } from '../../providers/gemini/part-reader.ts';

interface OpenCall {
  readonly id: string;
  readonly name: string;
  answered: boolean;
}

/**
 * Names the calls of a conversation that came without an id, and finds the call
 * that a response answers: by its id, else by its name among those that wait
 * for one, in their order. The same whenever the same conversation is read.
 */
export class ConversationIds implements PartIds {
  readonly #byId = new Map<string, OpenCall>();
  readonly #waiting = new CallQueues();
  /** Of the calls that a client did not name itself. */
  readonly #unnamed = new CallQueues();
  #madeUp = 0;
  #lastHosted: string | undefined;

  call(id: string | undefined): string {
    return id ?? madeUpCallId(undefined, this.#madeUp++);
  }

  /** A call of the client's function waits for its response from here on. */
  asked({ id, name }: Pick<OpenCall, 'id' | 'name'>): void {
    const call = { id, name, answered: false };
    this.#byId.set(id, call);
    this.#waiting.add(call);
    if (isMadeUpCallId(id)) this.#unnamed.add(call);
  }

  /** The call that a response answers. */
  answered(id: string | undefined, name: string | undefined): { readonly id: string; readonly name?: string } {
    const call = this.#callOf(id, name);
    if (call !== undefined) call.answered = true;
    const known = name ?? call?.name;
    return { id: call?.id ?? this.call(id), ...(known === undefined ? {} : { name: known }) };
  }

  #callOf(id: string | undefined, name: string | undefined): OpenCall | undefined {
    if (id === undefined) return this.#waiting.first(name);
    const named = this.#byId.get(id);
    if (named?.answered === false) return named;
    // A client that names its responses itself, and not the calls, means them by their order.
    return name === undefined ? undefined : this.#unnamed.first(name);
  }

  hosted(id: string | undefined): string {
    this.#lastHosted = this.call(id);
    return this.#lastHosted;
  }

  hostedResult(id: string | undefined): string {
    return id ?? this.#lastHosted ?? this.call(undefined);
  }
}

/** Calls in the order in which they were asked, all of them and those of each name. */
class CallQueues {
  readonly #all = new CallQueue();
  readonly #byName = new Map<string, CallQueue>();

  add(call: OpenCall): void {
    this.#all.add(call);
    let queue = this.#byName.get(call.name);
    if (queue === undefined) {
      queue = new CallQueue();
      this.#byName.set(call.name, queue);
    }
    queue.add(call);
  }

  /** The first that waits. @param name absent: of any name */
  first(name: string | undefined): OpenCall | undefined {
    return name === undefined ? this.#all.first() : this.#byName.get(name)?.first();
  }
}

/** A conversation may have very many calls: none is looked at twice once it is answered. */
class CallQueue {
  readonly #calls: OpenCall[] = [];
  #from = 0;

  add(call: OpenCall): void {
    this.#calls.push(call);
  }

  first(): OpenCall | undefined {
    while (this.#calls[this.#from]?.answered === true) this.#from++;
    return this.#calls[this.#from];
  }
}
