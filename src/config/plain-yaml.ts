/*
 * The plain part of YAML: nested mappings and lists, one line a value, simple
 * scalars. Nearly every configuration is written in it, and it reads twenty
 * times as fast as a parser that knows the whole language and every position
 * (1.7 MB with ten thousand keys: 40 ms instead of 1 s), which is what a reload
 * under load needs. Whatever it is not certain of it leaves to the real parser,
 * and it never says what is wrong with a text. A property test compares the two.
 */

const DEPTH_MAX = 16;

/** Tabs, line breaks other than \n, and what cannot be seen: the real parser has rules for each. */
const ODD = /[^\n\x20-\x7e\u00a1-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\ud7ff]/;
const KEY = /^(\$?[A-Za-z][A-Za-z0-9_./-]*):(?: +|$)/;
const WORD = /^(?:[Nn]ull|NULL|[Tt]rue|TRUE|[Ff]alse|FALSE)$/;
const QUOTED = /^(?:"([^"\\]*)"|'([^']*)')(?: +#.*| *)$/;
const PLAIN = /^[A-Za-z0-9./$][A-Za-z0-9_./:+=@%(){}$-]*(?: [A-Za-z0-9_./:+=@%(){}$-]+)*$/;
const PLAIN_IN_FLOW = /^[A-Za-z0-9./][A-Za-z0-9_./:+=@%()-]*(?: [A-Za-z0-9_./:+=@%()-]+)*$/;
const INTEGER = /^(?:0|[1-9][0-9]{0,14})$/;
const DECIMAL = /^(?:0|[1-9][0-9]{0,8})\.[0-9]{1,6}$/;
/** What the core schema takes for a number, in all its spellings. */
const NUMBER =
  /^(?:0o[0-7]+|[-+]?[0-9]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+\.?[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/;

/** Thrown to leave a text to the real parser; never leaves this file. */
class NotPlain extends Error {}

interface Line {
  readonly indent: number;
  readonly text: string;
}

/** The values of a text in plain YAML; `undefined` for any other, right or wrong. */
export function plainYaml(text: string): Readonly<Record<string, unknown>> | undefined {
  if (ODD.test(text)) return undefined;
  const lines: Line[] = [];
  for (const raw of text.split('\n')) {
    const content = raw.trimStart();
    if (content === '' || content.startsWith('#')) continue;
    lines.push({ indent: raw.length - content.length, text: content.trimEnd() });
  }
  if (lines.length === 0 || lines[0]?.indent !== 0) return undefined;
  try {
    const reader = new Reader(lines);
    const value = reader.mapping(0, 0);
    return reader.atEnd ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof NotPlain) return undefined;
    throw thrown;
  }
}

class Reader {
  readonly #lines: Line[];
  #at = 0;

  constructor(lines: Line[]) {
    this.#lines = lines;
  }

  get atEnd(): boolean {
    return this.#at >= this.#lines.length;
  }

  /** The entries at this indentation, up to the first line that stands further left. */
  mapping(indent: number, depth: number): Record<string, unknown> {
    if (depth > DEPTH_MAX) throw new NotPlain();
    const entries: Record<string, unknown> = {};
    for (let line = this.#line(indent); line !== undefined; line = this.#line(indent)) {
      const [head, key] = KEY.exec(line.text) ?? [];
      // Whoever writes `[null]: 1` or the same key twice should get the real parser's opinion.
      if (head === undefined || key === undefined || WORD.test(key) || Object.hasOwn(entries, key))
        throw new NotPlain();
      const rest = line.text.slice(head.length);
      this.#at++;
      const inline = rest !== '' && !rest.startsWith('#');
      // Without the space a "#" belongs to the value; the expression above took the spaces.
      entries[key] = inline ? this.#inline(rest, indent) : this.#below(indent, depth + 1);
    }
    return entries;
  }

  #sequence(indent: number, depth: number): unknown[] {
    if (depth > DEPTH_MAX) throw new NotPlain();
    const items: unknown[] = [];
    for (let line = this.#line(indent); line !== undefined; line = this.#line(indent)) {
      if (!line.text.startsWith('- ')) {
        // A list that stands as far left as its key ends with the next key.
        if (KEY.test(line.text)) return items;
        throw new NotPlain();
      }
      const item = line.text.slice(2);
      if (item.startsWith(' ') || item.startsWith('#')) throw new NotPlain();
      if (KEY.test(item)) {
        // `- name: x` begins a mapping where its first key stands.
        this.#lines[this.#at] = { indent: indent + 2, text: item };
        items.push(this.mapping(indent + 2, depth + 1));
      } else {
        this.#at++;
        items.push(this.#inline(item, indent));
      }
    }
    return items;
  }

  /** The line at hand if it stands at this indentation; a line further right belongs to nothing plain. */
  #line(indent: number): Line | undefined {
    const line = this.#lines[this.#at];
    if (line === undefined || line.indent < indent) return undefined;
    if (line.indent > indent) throw new NotPlain();
    return line;
  }

  /** What stands below a key that has nothing beside it. */
  #below(indent: number, depth: number): unknown {
    const next = this.#lines[this.#at];
    if (next === undefined || next.indent < indent) return null;
    const isList = next.text.startsWith('- ');
    if (next.indent === indent) return isList ? this.#sequence(indent, depth) : null;
    return isList ? this.#sequence(next.indent, depth) : this.mapping(next.indent, depth);
  }

  #inline(text: string, indent: number): unknown {
    const next = this.#lines[this.#at];
    if (next !== undefined && next.indent > indent) throw new NotPlain();
    if (text.startsWith('[') || text.startsWith('{')) return new Flow(text).value();
    const quoted = QUOTED.exec(text);
    if (quoted !== null) return quoted[1] ?? quoted[2] ?? '';
    const comment = text.indexOf(' #');
    return scalar(comment < 0 ? text : text.slice(0, comment).trimEnd(), PLAIN);
  }
}

function scalar(text: string, allowed: RegExp): unknown {
  if (!allowed.test(text) || text.includes(': ') || text.endsWith(':')) throw new NotPlain();
  if (text === 'null') return null;
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (INTEGER.test(text) || DECIMAL.test(text)) return Number(text);
  if (WORD.test(text) || NUMBER.test(text)) throw new NotPlain();
  return text;
}

/** `[a, "b"]` and `{ a: 1, b: [c] }`, on one line. */
class Flow {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): unknown {
    const value = this.#value(0);
    if (!/^(?: +#.*| *)$/.test(this.#text.slice(this.#at))) throw new NotPlain();
    return value;
  }

  #value(depth: number): unknown {
    if (depth > DEPTH_MAX) throw new NotPlain();
    const open = this.#text[this.#at];
    if (open === '[') return this.#list(depth);
    if (open === '{') return this.#mapping(depth);
    if (open === '"' || open === "'") return this.#quoted(open);
    const end = this.#text.slice(this.#at).search(/[,[\]{}"'#]/);
    if (end <= 0) throw new NotPlain();
    const text = this.#text.slice(this.#at, this.#at + end).trimEnd();
    this.#at += text.length;
    return scalar(text, PLAIN_IN_FLOW);
  }

  #list(depth: number): unknown[] {
    const items: unknown[] = [];
    this.#entries(']', () => items.push(this.#value(depth + 1)));
    return items;
  }

  #mapping(depth: number): Record<string, unknown> {
    const entries: Record<string, unknown> = {};
    this.#entries('}', () => {
      const [head, key] = KEY.exec(this.#text.slice(this.#at)) ?? [];
      if (head === undefined || key === undefined || WORD.test(key) || Object.hasOwn(entries, key))
        throw new NotPlain();
      this.#at += head.length;
      entries[key] = this.#value(depth + 1);
    });
    return entries;
  }

  #entries(close: string, entry: () => void): void {
    this.#at++;
    this.#spaces();
    if (this.#text[this.#at] === close) {
      this.#at++;
      return;
    }
    for (;;) {
      entry();
      this.#spaces();
      const after = this.#text[this.#at];
      this.#at++;
      if (after === close) return;
      if (after !== ',') throw new NotPlain();
      if (this.#text[this.#at] !== ' ') throw new NotPlain();
      this.#spaces();
    }
  }

  #quoted(quote: string): string {
    const end = this.#text.indexOf(quote, this.#at + 1);
    const text = this.#text.slice(this.#at + 1, end);
    const after = this.#text[end + 1];
    if (end < 0 || text.includes('\\') || (after !== ',' && after !== ' ' && after !== ']' && after !== '}')) {
      throw new NotPlain();
    }
    this.#at = end + 1;
    return text;
  }

  #spaces(): void {
    while (this.#text[this.#at] === ' ') this.#at++;
  }
}
