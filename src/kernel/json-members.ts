import { GatewayError } from './errors.ts';

/** Where one member of a JSON object stands in its bytes: `[valueStart, valueEnd)` without surrounding white space. */
export interface JsonMember {
  readonly key: string;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Deeper than any request that means something; recursive code downstream of us stays far from its stack's end. */
export const JSON_DEPTH_MAX = 512;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const ASCII_MAX = 0x7f;

/** Up to so many are looked through; a set costs more to make. */
const FEW_MEMBERS = 12;
/** Below this length a byte loop beats the call into native `indexOf`. */
const SHORT_STRING_BYTES = 48;

/**
 * The top-level members of a JSON object, so that one value can be replaced
 * without touching another byte. The text must already have been accepted by
 * `JSON.parse`; this only finds positions.
 *
 * A key that stands twice is refused: we would obey one of the two and the
 * provider perhaps the other.
 *
 * @throws `invalid_request` for a repeated key or nesting beyond {@link JSON_DEPTH_MAX}
 */
export function jsonMembers(bytes: Buffer): JsonMember[] {
  const members: JsonMember[] = [];
  let seen: Set<string> | undefined;
  let depth = 0;
  let key: string | undefined;
  let valueStart = -1;
  const close = (end: number) => {
    if (key === undefined) return;
    if (isAmong(members, key, seen)) throw repeatedKey(key);
    if (members.length === FEW_MEMBERS) seen = new Set(members.map((member) => member.key));
    seen?.add(key);
    members.push({ key, valueStart, valueEnd: trimmedEnd(bytes, valueStart, end) });
    key = undefined;
    valueStart = -1;
  };
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case QUOTE: {
        const end = stringEnd(bytes, at);
        if (depth === 1 && key === undefined) key = decodeKey(bytes, at, end);
        at = end - 1;
        break;
      }
      case COLON:
        if (depth === 1 && valueStart < 0) valueStart = skipSpace(bytes, at + 1);
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++depth > JSON_DEPTH_MAX) throw tooDeep();
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (depth === 1) close(at);
        depth--;
        break;
      case COMMA:
        if (depth === 1) close(at);
        break;
    }
  }
  return members;
}

/** @param seen all of them, where they are many */
function isAmong(members: readonly JsonMember[], key: string, seen: ReadonlySet<string> | undefined): boolean {
  if (seen !== undefined) return seen.has(key);
  for (const member of members) if (member.key === key) return true;
  return false;
}

/**
 * Where the elements of a JSON array stand in its bytes, without surrounding
 * white space. As {@link jsonMembers}, it only finds positions.
 */
export function jsonElements(bytes: Buffer): Omit<JsonMember, 'key'>[] {
  const elements: Omit<JsonMember, 'key'>[] = [];
  let depth = 0;
  let start = -1;
  const close = (end: number) => {
    const valueEnd = trimmedEnd(bytes, start, end);
    if (valueEnd > start) elements.push({ valueStart: start, valueEnd });
    start = skipSpace(bytes, end + 1);
  };
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case QUOTE:
        at = stringEnd(bytes, at) - 1;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++depth > JSON_DEPTH_MAX) throw tooDeep();
        if (depth === 1) start = skipSpace(bytes, at + 1);
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (depth-- === 1) close(at);
        break;
      case COMMA:
        if (depth === 1) close(at);
        break;
    }
  }
  return elements;
}

/** The index after the closing quote of the string that opens at `start`; the text's end when it is never closed. */
export function stringEnd(bytes: Buffer, start: number): number {
  const shortEnd = Math.min(bytes.length, start + SHORT_STRING_BYTES);
  for (let at = start + 1; at < shortEnd; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
  }
  let from = start + 1;
  for (;;) {
    const quote = bytes.indexOf(QUOTE, from);
    if (quote < 0) return bytes.length;
    let backslashes = 0;
    while (bytes[quote - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

function decodeKey(bytes: Buffer, start: number, end: number): string {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === BACKSLASH || (byte !== undefined && byte > ASCII_MAX)) {
      return String(JSON.parse(bytes.toString('utf8', start, end)));
    }
  }
  return bytes.toString('latin1', start + 1, end - 1);
}

function skipSpace(bytes: Buffer, start: number): number {
  let at = start;
  while (isSpace(bytes[at])) at++;
  return at;
}

function trimmedEnd(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(bytes[at - 1])) at--;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function repeatedKey(key: string): GatewayError {
  const shown = key.length > 64 ? `${key.slice(0, 64)}…` : key;
  return new GatewayError('invalid_request', {
    message: `The key ${JSON.stringify(shown)} stands twice in the request body; send it once.`,
    param: shown,
  });
}

export function tooDeep(): GatewayError {
  return new GatewayError('invalid_request', {
    message: `The request body is nested deeper than ${JSON_DEPTH_MAX} levels.`,
  });
}

/** One replacement of `[start, end)`; an insertion has `start === end`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The bytes with the splices applied; the splices must not overlap. Without splices, the same buffer. */
export function spliced(bytes: Buffer, splices: readonly Splice[]): Buffer {
  if (splices.length === 0) return bytes;
  const ordered = splices.length === 1 ? splices : splices.toSorted((one, other) => one.start - other.start);
  let length = bytes.length;
  for (const { start, end, text } of ordered) length += Buffer.byteLength(text) - (end - start);
  const result = Buffer.allocUnsafe(length);
  let from = 0;
  let at = 0;
  for (const { start, end, text } of ordered) {
    at += bytes.copy(result, at, from, start);
    at += result.write(text, at);
    from = end;
  }
  bytes.copy(result, at, from);
  return result;
}
