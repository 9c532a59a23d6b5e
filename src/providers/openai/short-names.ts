import { createHash } from 'node:crypto';

/** What OpenAI takes as a function's name ("string does not match pattern '^[a-zA-Z0-9_-]+$'", at most 64). Other dialects have longer ones, and Google's dots. */
const NAME = /^[\w-]{1,64}$/;
const KEPT_CHARS = 55;
const HASH_CHARS = 8;

/** OpenAI's bound of a tool call's id in Chat Completions. */
const ID_CHARS_MAX = 40;

/** A tool's name as this dialect takes it: the same one for the same name, so that a history and its tools agree. */
export function shortName(name: string): string {
  if (NAME.test(name)) return name;
  return `${name.slice(0, KEPT_CHARS).replaceAll(/[^\w-]/g, '_')}_${hashOf(name, HASH_CHARS)}`;
}

/** A call's id as a dialect with this bound takes it, the same in the call and in its result. */
export function shortCallId(id: string, charsMax = ID_CHARS_MAX): string {
  return id.length <= charsMax ? id : `call_${hashOf(id, ID_CHARS_MAX - 'call_'.length)}`;
}

function hashOf(text: string, chars: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, chars);
}

/** The whole names of a call's tools by those that were sent. */
export class WholeNames {
  readonly #bySent: ReadonlyMap<string, string>;

  /** @param names those of the call's tools that may be sent by another one */
  constructor(names: Iterable<string> = []) {
    this.#bySent = new Map([...names].map((name) => [shortName(name), name]));
  }

  of(sent: string): string {
    return this.#bySent.get(sent) ?? sent;
  }
}
