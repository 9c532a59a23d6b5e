import type { JsonObject } from '../json-object.ts';
import type { KnownItems } from './conversation.ts';

/** A response that can be asked for again. */
export interface StoredResponse {
  readonly id: string;
  /** Its object as JSON, once it is made. */
  readonly text: string;
  /** What it read, each item with an id. */
  readonly input: readonly JsonObject[];
  /** All that it and those before it read and wrote. */
  readonly chain: readonly JsonObject[];
  /** Made where nobody waits for it: until then it is under way. Milliseconds since the epoch. */
  readonly background?: { readonly readyAt: number; readonly underWay: string; readonly cancelled: string };
}

const RESPONSES_MAX = 1_000;
const CHARS_MAX = 32 << 20;

/** What the provider keeps of its responses: the last thousand, and no more than 32 MiB of text. */
export class ResponseStore implements KnownItems {
  readonly #responses = new Map<string, { readonly response: StoredResponse; readonly chars: number }>();
  readonly #items = new Map<
    string,
    { readonly object: JsonObject; readonly owner: string; readonly thought?: string }
  >();
  readonly #cancelled = new Set<string>();
  #chars = 0;

  save(response: StoredResponse): void {
    const chars = charsOf(response);
    this.#responses.set(response.id, { response, chars });
    this.#chars += chars;
    for (const [index, object] of response.chain.entries()) {
      const { id } = object;
      if (typeof id !== 'string') continue;
      const before = response.chain[index - 1];
      const thought = before?.['type'] === 'reasoning' && typeof before['id'] === 'string' ? before['id'] : undefined;
      this.#items.set(id, { object, owner: response.id, ...(thought === undefined ? {} : { thought }) });
    }
    for (const oldest of this.#responses.keys()) {
      if (this.#responses.size <= RESPONSES_MAX && this.#chars <= CHARS_MAX) return;
      this.delete(oldest);
    }
  }

  get(id: string): StoredResponse | undefined {
    return this.#responses.get(id)?.response;
  }

  /** The response's object as it is now. */
  textOf({ id, text, background }: StoredResponse, nowMs: number): string {
    if (background === undefined) return text;
    if (this.#cancelled.has(id)) return background.cancelled;
    return nowMs < background.readyAt ? background.underWay : text;
  }

  /** Ends what is still under way; what is made stays. */
  cancel({ id, background }: StoredResponse, nowMs: number): void {
    if (background !== undefined && nowMs < background.readyAt) this.#cancelled.add(id);
  }

  delete(id: string): boolean {
    const kept = this.#responses.get(id);
    if (kept === undefined) return false;
    this.#responses.delete(id);
    this.#cancelled.delete(id);
    this.#chars -= kept.chars;
    for (const object of kept.response.chain) {
      const item = String(object['id']);
      if (this.#items.get(item)?.owner === id) this.#items.delete(item);
    }
    return true;
  }

  clear(): void {
    this.#responses.clear();
    this.#items.clear();
    this.#cancelled.clear();
    this.#chars = 0;
  }

  item(id: string): JsonObject | undefined {
    return this.#items.get(id)?.object;
  }

  thoughtBefore(id: string): string | undefined {
    return this.#items.get(id)?.thought;
  }

  chain(responseId: string): readonly JsonObject[] | undefined {
    return this.#responses.get(responseId)?.response.chain;
  }
}

/** What it keeps in memory that others do not: a chain shares its items with the one before it. */
function charsOf({ text, input }: StoredResponse): number {
  return input.reduce((sum, object) => sum + JSON.stringify(object).length, text.length);
}
