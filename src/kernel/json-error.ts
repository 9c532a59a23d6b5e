type Wanted = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };
const PLACE = /[ \t\n\r]*/y;

/**
 * Where a text stops being JSON: the index of the first character that cannot
 * stand there, or the text's length when its end is missing. `undefined` for a
 * text that is JSON.
 *
 * The engine's own message names the place in some cases only, and quotes the
 * text around it in the others. This runs after a failed `JSON.parse`, never
 * instead of it.
 */
export function jsonErrorAt(text: string): number | undefined {
  const closers: string[] = [];
  let wanted: Wanted = 'value';
  let at = 0;
  const afterValue = (): Wanted => (closers.length === 0 ? 'nothing' : 'comma-or-end');
  for (;;) {
    at = skipSpace(text, at);
    const char = text[at];
    if (char === undefined) return wanted === 'nothing' ? undefined : text.length;
    if (wanted === 'nothing') return at;
    if (wanted === 'colon') {
      if (char !== ':') return at;
      wanted = 'value';
      at++;
    } else if (char === closers.at(-1) && wanted.endsWith('-end')) {
      closers.pop();
      wanted = afterValue();
      at++;
    } else if (wanted === 'comma-or-end') {
      if (char !== ',') return at;
      wanted = closers.at(-1) === '}' ? 'key' : 'value';
      at++;
    } else if (wanted === 'key' || wanted === 'key-or-end') {
      const end = char === '"' ? stringEnd(text, at) : { bad: at };
      if ('bad' in end) return end.bad;
      at = end.after;
      wanted = 'colon';
    } else if (char === '{' || char === '[') {
      closers.push(char === '{' ? '}' : ']');
      wanted = char === '{' ? 'key-or-end' : 'value-or-end';
      at++;
    } else {
      const end = scalarEnd(text, at, char);
      if ('bad' in end) return end.bad;
      at = end.after;
      wanted = afterValue();
    }
  }
}

/** A place in a text as editors count it: lines and columns from 1. */
export function lineAndColumn(text: string, at: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let lineStart = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', end + 1)) {
    line++;
    lineStart = end + 1;
  }
  return { line, column: at - lineStart + 1 };
}

type End = { readonly after: number } | { readonly bad: number };

function skipSpace(text: string, at: number): number {
  PLACE.lastIndex = at;
  PLACE.test(text);
  return PLACE.lastIndex;
}

function scalarEnd(text: string, start: number, char: string): End {
  if (char === '"') return stringEnd(text, start);
  if (char === '-' || isDigit(char)) return numberEnd(text, start);
  const literal = LITERALS[char];
  if (literal === undefined) return { bad: start };
  for (let index = 1; index < literal.length; index++) {
    if (text[start + index] !== literal[index]) return { bad: start + index };
  }
  return { after: start + literal.length };
}

function stringEnd(text: string, start: number): End {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return { after: at + 1 };
    if (code < 0x20) return { bad: at };
    if (code !== 0x5c) continue;
    at++;
    const escaped = text[at] ?? '';
    if (escaped === '' || !'"\\/bfnrtu'.includes(escaped)) return { bad: at };
    if (escaped !== 'u') continue;
    for (const last = at + 4; at < last; at++) {
      if (!/^[0-9a-fA-F]$/.test(text[at + 1] ?? '')) return { bad: Math.min(at + 1, text.length) };
    }
  }
  return { bad: text.length };
}

function numberEnd(text: string, start: number): End {
  let at = text[start] === '-' ? start + 1 : start;
  if (!isDigit(text[at])) return { bad: at };
  at = text[at] === '0' ? at + 1 : digitsEnd(text, at);
  if (text[at] === '.') {
    if (!isDigit(text[at + 1])) return { bad: at + 1 };
    at = digitsEnd(text, at + 1);
  }
  if (text[at] === 'e' || text[at] === 'E') {
    at++;
    if (text[at] === '+' || text[at] === '-') at++;
    if (!isDigit(text[at])) return { bad: at };
    at = digitsEnd(text, at);
  }
  return { after: at };
}

function digitsEnd(text: string, start: number): number {
  let at = start;
  while (isDigit(text[at])) at++;
  return at;
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}
