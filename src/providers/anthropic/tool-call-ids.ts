const ALLOWED = /^[a-zA-Z0-9_-]+$/;

/**
 * The ids of a call's tool calls as this API takes them. Other providers write
 * dots and colons in theirs; a call and its result keep the same id.
 */
export class ToolCallIds {
  readonly #written = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** @param ids all that occur, so that a rewritten one never becomes another one's */
  constructor(ids: Iterable<string>) {
    for (const id of ids) if (ALLOWED.test(id)) this.#taken.add(id);
  }

  written(id: string): string {
    if (ALLOWED.test(id)) return id;
    const known = this.#written.get(id);
    if (known !== undefined) return known;
    const plain = id.replace(/[^a-zA-Z0-9_-]/g, '_') || 'call';
    let free = plain;
    for (let suffix = 2; this.#taken.has(free); suffix++) free = `${plain}_${suffix}`;
    this.#taken.add(free);
    this.#written.set(id, free);
    return free;
  }
}
