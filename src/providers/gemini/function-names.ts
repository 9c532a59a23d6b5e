import { createHash } from 'node:crypto';

/** What Google takes as a function's name (@google/genai 3.1.0, FunctionDeclaration.name). */
const NAME = /^[a-zA-Z_][\w.:-]{0,127}$/;
const KEPT_CHARS = 110;
const HASH_CHARS = 8;

/** A function's name as this dialect takes it: the same one for the same name, so that a history and its tools agree. */
export function functionName(name: string): string {
  if (NAME.test(name)) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_CHARS);
  return `f_${name.slice(0, KEPT_CHARS).replaceAll(/[^\w.:-]/g, '_')}_${hash}`;
}

/** The client's names of functions by those that were sent. */
export class ClientNames {
  readonly #bySent: ReadonlyMap<string, string>;

  /** @param names those of the call's tools that may be sent by another one */
  constructor(names: Iterable<string> = []) {
    this.#bySent = new Map([...names].map((name) => [functionName(name), name]));
  }

  of(sent: string): string {
    return this.#bySent.get(sent) ?? sent;
  }
}
