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
  visit,
  type YAMLError,
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
  readonly #secrets: readonly Span[];
  readonly #aliases: readonly Problem[];

  constructor(text: string) {
    this.#text = text;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: true });
    this.#secrets = secretScalars(this.#document);
    this.#aliases = this.#aliasProblems();
  }

  /** What YAML itself finds wrong, duplicate keys included. */
  syntaxProblems(): Problem[] {
    return [...this.#document.errors.map((found) => this.#syntaxProblem(found)), ...this.#aliases];
  }

  /** True when the tree cannot be trusted from the first problem on. A duplicate key does not break a tree. */
  get broken(): boolean {
    return this.#document.errors.some((found) => found.code !== 'DUPLICATE_KEY') || this.#aliases.length > 0;
  }

  /** The plain values; `undefined` when references make that impossible, which `syntaxProblems` then explains. */
  toPlain(): unknown {
    if (this.#aliases.length > 0) return undefined;
    return this.#document.toJS({ maxAliasCount: ALIASES_MAX });
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
        const pair = lastPair(node.items, String(step));
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

  #span(start: number, end: number): { line: number; column: number; endColumn: number } {
    const { line, col } = this.#lines.linePos(Math.min(start, this.#text.length));
    const newline = this.#text.indexOf('\n', start);
    const lineEnd = newline < 0 ? this.#text.length : newline;
    const width = Math.max(1, Math.min(end, lineEnd) - start);
    return { line: Math.max(1, line), column: Math.max(1, col), endColumn: Math.max(1, col) + width };
  }

  #syntaxProblem(found: YAMLError): Problem {
    const [start, end] = found.pos;
    if (found.code === 'DUPLICATE_KEY') {
      const name = /^(?:"[^"\n]*"|'[^'\n]*'|[^\s:]+)/.exec(this.#text.slice(start))?.[0] ?? '';
      const message = `duplicate key ${JSON.stringify(name.replace(/^["']|["']$/g, ''))}: it is already set above`;
      return { ...this.#span(start, start + name.length), message: maskText(message), severity: 'error' };
    }
    // The parser ends some messages with the text it stumbled over, which may be a secret.
    const message = SYNTAX[found.code] ?? found.message.replace(/: ["'].*$/s, '');
    return { ...this.#span(start, end), message, severity: 'error' };
  }

  #aliasProblems(): Problem[] {
    const problems: Problem[] = [];
    visit(this.#document, {
      Alias: (_, alias) => {
        if (alias.resolve(this.#document) !== undefined || alias.range == null) return;
        const message = SYNTAX['BAD_ALIAS'] ?? '';
        problems.push({ ...this.#span(alias.range[0], alias.range[1]), message, severity: 'error' });
      },
    });
    if (problems.length > 0 || this.#document.errors.length > 0) return problems;
    try {
      this.#document.toJS({ maxAliasCount: ALIASES_MAX });
    } catch (thrown) {
      problems.push({ ...this.#span(0, 0), message: errorMessage(thrown), severity: 'error' });
    }
    return problems;
  }
}

/** Where a key is written twice the last one counts, as in the plain values. */
function lastPair(pairs: readonly Pair[], name: string): Pair | undefined {
  return pairs.findLast((pair) => isScalar(pair.key) && String(pair.key.value) === name);
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
