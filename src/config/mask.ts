/** A half-open range of offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const MASK = '[secret]';

/** Keys whose values are secret wherever they stand, misspelled ones included. Paths to files are not. */
const SECRET_KEY = /api.?key|token|secret|passw|authorization|credential|database.?url|^proxy$|^key$/i;

/** A value that only points at a secret is not one. */
const ONLY_REFERENCE = /^["']?\$\{(?:env:\w+|file:[^}]*)\}["']?$/;

/** Text that looks like a vendor's key or a password inside a URL, whatever its key is called. */
const SECRET_SHAPES = [
  /\b(?:sk|pk|rk|gsk|xai|pplx|csk|fw|hf|ghp|glpat|AKIA|AIza|eyJ|Bearer)[-_ ]?[-\w.]{12,}/g,
  /(?<=:\/\/)[^\s/@"']+(?=@)/g,
];

/** In text that did not parse: everything after a secret's key, to the end of its line. */
const SECRET_LINE =
  /(?<=(?:api.?key|token|secret|passw\w*|authorization|proxy)["']?\s*:\s*)(?!["']?\$\{(?:env:\w+|file:[^}]*)\})\S.*$/gi;

export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key) && !/_file$/i.test(key);
}

export function isOnlyReference(source: string): boolean {
  return ONLY_REFERENCE.test(source.trim());
}

/** Spans of one line that look secret by themselves. `parsed` is false where no tree says what is a value. */
export function secretShapes(line: string, parsed: boolean): Span[] {
  const spans: Span[] = [];
  for (const shape of parsed ? SECRET_SHAPES : [...SECRET_SHAPES, SECRET_LINE]) {
    for (const match of line.matchAll(shape)) {
      spans.push({ start: match.index, end: match.index + match[0].length });
    }
  }
  return spans;
}

/** Text of ours without what looks secret, for messages that quote a name somebody wrote. */
export function maskText(text: string): string {
  return maskLine(text, secretShapes(text, true)).text;
}

export interface MaskedLine {
  readonly text: string;
  /** Where a column of the original line is now; a column inside a mask gives the mask's start or end. */
  columnOf(column: number, edge: 'start' | 'end'): number;
}

/** The line with its secret spans replaced by `[secret]`, so that not even their length shows. */
export function maskLine(line: string, secrets: readonly Span[]): MaskedLine {
  const spans = joined(secrets);
  let text = '';
  let from = 0;
  for (const span of spans) {
    text += line.slice(from, span.start) + MASK;
    from = span.end;
  }
  text += line.slice(from);
  return {
    text,
    columnOf(column, edge) {
      let shift = 0;
      for (const span of spans) {
        if (column <= span.start) break;
        if (column < span.end) return span.start + shift + (edge === 'start' ? 0 : MASK.length);
        shift += MASK.length - (span.end - span.start);
      }
      return column + shift;
    },
  };
}

function joined(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last !== undefined && span.start <= last.end) {
      result[result.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    } else {
      result.push(span);
    }
  }
  return result;
}
