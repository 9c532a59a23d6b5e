import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { errorMessage } from '../kernel/errors.ts';
import { isOnlyReference, isSecretKey, type MaskedLine, maskLine, maskText, type Span, secretShapes } from './mask.ts';
import type { ConfigPath, Finding, Problem } from './problem.ts';

const ALIASES_MAX = 100;

/** The parser's own words are about its grammar; these are about the file. */
const SYNTAX: Readonly<Record<string, string>> = {
  BAD_INDENT: 'wrong indentation, or a bracket that is not closed',
  MISSING_CHAR: 'something is missing here: a quote, a colon, a comma or a bracket',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line: a colon or a quote is missing',
  MULTIPLE_DOCS: 'only one document is allowed: remove the "---"',
  TAB_AS_INDENT: 'indent with spaces, not tabs',
  BAD_ALIAS: 'no anchor of this name stands above',
  BLOCK_AS_IMPLICIT_KEY: 'a mapping cannot begin here: indent it on the next line, or put the text in quotes',
};

/** A YAML text that knows where each of its values stands. Nothing in it is interpreted beyond YAML itself. */
export class YamlSource {
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();
  readonly #text: string;
  readonly #duplicates: readonly Problem[];
  readonly #aliases: readonly Problem[];
  readonly #plain: unknown;
  /** Looked for when something is quoted: a file without problems is never shown. */
  #secretSpans: readonly Span[] | undefined;
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(text: string) {
    this.#text = text;
    // The parser looks for a duplicate by comparing each key with all before it: 2 s for ten thousand of them.
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: false });
    const { duplicates, badAliases } = this.#walk();
    this.#duplicates = duplicates;
    if (badAliases.length > 0 || this.#document.errors.length > 0) {
      this.#aliases = badAliases;
      this.#plain = badAliases.length > 0 ? undefined : this.#document.toJS({ maxAliasCount: ALIASES_MAX });
      return;
    }
    try {
      this.#plain = this.#document.toJS({ maxAliasCount: ALIASES_MAX });
      this.#aliases = [];
    } catch (thrown) {
      this.#aliases = [{ ...this.#span(0, 0), message: errorMessage(thrown), severity: 'error' }];
    }
  }

  /** What YAML itself finds wrong, duplicate keys included. */
  syntaxProblems(): Problem[] {
    return [...this.#document.errors.map((found) => this.#syntaxProblem(found)), ...this.#duplicates, ...this.#aliases];
  }

  /** True when the tree cannot be trusted from the first problem on. A duplicate key does not break a tree. */
  get broken(): boolean {
    return this.#document.errors.length > 0 || this.#aliases.length > 0;
  }

  /** The plain values; `undefined` when references make that impossible, which `syntaxProblems` then explains. */
  toPlain(): unknown {
    return this.#plain;
  }

  /** The value at a path as the file writes it, in double quotes; `undefined` where it is a secret or not a scalar. */
  quoted(path: ConfigPath): string | undefined {
    const { node } = this.#find(path);
    if (!isScalar(node) || node.range == null) return undefined;
    const [start, end] = node.range;
    if (this.#secrets.some((span) => span.start < end && start < span.end)) return undefined;
    return JSON.stringify(this.#text.slice(start, end).replace(/^(["'])(.*)\1$/s, '$2'));
  }

  /** Binds a finding to its line: the key of what is missing or spans lines, else the value itself. */
  locate(finding: Finding): Problem {
    const { node, key, complete } = this.#find(finding.path);
    const wantsKey = finding.on === 'key' || !complete || isCollection(node) || node === undefined;
    const target = wantsKey ? (key ?? node) : node;
    const [start, end] = target?.range ?? [0, 0];
    return { ...this.#span(start, end), message: maskText(finding.message), severity: finding.severity };
  }

  /** One line for showing, without line break, control characters or secrets. */
  line(number: number): MaskedLine {
    const start = this.#lines.lineStarts[number - 1] ?? this.#text.length;
    const next = this.#text.indexOf('\n', start);
    const end = next < 0 ? this.#text.length : next;
    const raw = this.#text
      .slice(start, end)
      .replace(/\p{Cc}/gu, ' ')
      .trimEnd();
    const secrets = this.#secrets
      .filter((span) => span.start < end && start < span.end)
      .map((span) => ({ start: Math.max(0, span.start - start), end: Math.min(raw.length, span.end - start) }));
    return maskLine(raw, [...secrets, ...secretShapes(raw, !this.broken)]);
  }

  #find(path: ConfigPath): { node: Node | undefined; key: Node | undefined; complete: boolean } {
    let node: Node | undefined = this.#document.contents ?? undefined;
    let key: Node | undefined;
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(this.#document) ?? undefined;
      if (isMap(node)) {
        const pair = this.#pairOf(node, String(step));
        if (pair === undefined) return { node, key, complete: false };
        key = isNode(pair.key) ? pair.key : undefined;
        node = isNode(pair.value) ? pair.value : undefined;
      } else if (isSeq(node)) {
        const item = node.items[Number(step)];
        if (!isNode(item)) return { node, key, complete: false };
        node = item;
        // A mapping in a list has no key of its own: its first one stands for it.
        key = isMap(item) && isNode(item.items[0]?.key) ? item.items[0].key : item;
      } else {
        return { node, key, complete: false };
      }
    }
    return { node, key, complete: true };
  }

  /** Where a key is written twice the last one counts, as in the plain values. */
  #pairOf(map: YAMLMap, name: string): Pair | undefined {
    let pairs = this.#pairs.get(map);
    if (pairs === undefined) {
      pairs = new Map(map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])));
      this.#pairs.set(map, pairs);
    }
    return pairs.get(name);
  }

  get #secrets(): readonly Span[] {
    this.#secretSpans ??= secretScalars(this.#document);
    return this.#secretSpans;
  }

  #span(start: number, end: number): { line: number; column: number; endColumn: number } {
    const { line, col } = this.#lines.linePos(Math.min(start, this.#text.length));
    const newline = this.#text.indexOf('\n', start);
    const lineEnd = newline < 0 ? this.#text.length : newline;
    const width = Math.max(1, Math.min(end, lineEnd) - start);
    return { line: Math.max(1, line), column: Math.max(1, col), endColumn: Math.max(1, col) + width };
  }

  #syntaxProblem(found: YAMLError): Problem {
    const [start, end] = found.pos;
    // The parser ends some messages with the text it stumbled over, which may be a secret.
    const message = SYNTAX[found.code] ?? found.message.replace(/: ["'].*$/s, '');
    return { ...this.#span(start, end), message, severity: 'error' };
  }

  /** What the parser does not look for: keys that are written twice, and references to anchors that are not there. */
  #walk(): { readonly duplicates: Problem[]; readonly badAliases: Problem[] } {
    const duplicates: Problem[] = [];
    const badAliases: Problem[] = [];
    visit(this.#document, {
      Map: (_, map) => {
        const seen = new Set<string>();
        for (const { key } of map.items) {
          if (!isScalar(key)) continue;
          const name = String(key.value);
          if (seen.has(name)) duplicates.push(this.#duplicate(key));
          seen.add(name);
        }
      },
      Alias: (_, alias) => {
        if (alias.resolve(this.#document) !== undefined || alias.range == null) return;
        const message = SYNTAX['BAD_ALIAS'] ?? '';
        badAliases.push({ ...this.#span(alias.range[0], alias.range[1]), message, severity: 'error' });
      },
    });
    return { duplicates, badAliases };
  }

  #duplicate(key: Scalar): Problem {
    const [start, end] = key.range ?? [0, 0];
    const message = `duplicate key ${JSON.stringify(String(key.value))}: it is already set above`;
    return { ...this.#span(start, end), message: maskText(message), severity: 'error' };
  }
}

function secretScalars(document: Document.Parsed): Span[] {
  const spans: Span[] = [];
  visit(document, {
    Scalar(position, scalar, ancestors) {
      if (position === 'key' || scalar.range == null || !isUnderSecretKey(ancestors)) return;
      if (isOnlyReference(scalar.source ?? '')) return;
      spans.push({ start: scalar.range[0], end: scalar.range[1] });
    },
  });
  return spans;
}

/** Secret by its own key, as an item of a list under such a key, or as a header's value. */
function isUnderSecretKey(ancestors: readonly unknown[]): boolean {
  const keys: string[] = [];
  for (const ancestor of ancestors)
    if (isPair(ancestor) && isScalar(ancestor.key)) keys.push(String(ancestor.key.value));
  const own = keys.at(-1);
  return own !== undefined && (isSecretKey(own) || keys.at(-2) === 'headers');
}
