import { GatewayError } from '../../kernel/errors.ts';

const FIELD_CHARS_MAX = 65_536;
const FIELDS_MAX = 1_000;
const SPECIAL = /[",\r\n]/g;
const SPECIAL_IN_QUOTES = /["\n]/g;

export interface CsvRow {
  /** The line on which it begins, counting from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * Comma-separated values after RFC 4180, piece by piece: quoted fields may hold
 * commas, doubled quotes and line ends; lines end in \n or \r\n. A row that is
 * empty is left out.
 *
 * between fields: waits for a quote or the first character
 * plain:          up to a comma or a line end
 * quoted:         up to a quote, which another one makes a character
 * after quotes:   a comma or a line end must follow
 */
export class CsvReader {
  #state: 'start' | 'plain' | 'quoted' | 'after' = 'start';
  #field = '';
  #fields: string[] = [];
  #line = 1;
  #rowLine = 1;
  #sawReturn = false;

  /** The rows that this piece completes. @throws `invalid_request` for quotes in the wrong place, and beyond what a row may hold */
  push(text: string): CsvRow[] {
    const rows: CsvRow[] = [];
    for (let at = 0; at < text.length; ) {
      const run = this.#sawReturn ? 0 : this.#ordinary(text, at);
      if (run > 0) {
        this.#add(text.slice(at, at + run));
        at += run;
        continue;
      }
      const char = text.charAt(at++);
      if (this.#sawReturn) {
        this.#sawReturn = false;
        if (char !== '\n') throw this.#refusal('a carriage return without a line end');
      }
      const row = this.#take(char);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  /** The last row, where no line end follows it. */
  end(): CsvRow | undefined {
    if (this.#state === 'quoted') throw this.#refusal('a quote is not closed');
    return this.#state === 'start' && this.#fields.length === 0 ? undefined : this.#endRow();
  }

  /** How many characters from here on mean nothing but themselves: one at a time they cost five times as much. */
  #ordinary(text: string, from: number): number {
    if (this.#state === 'after') return 0;
    const special = this.#state === 'quoted' ? SPECIAL_IN_QUOTES : SPECIAL;
    special.lastIndex = from;
    const run = (special.exec(text)?.index ?? text.length) - from;
    if (run > 0 && this.#state === 'start') this.#state = 'plain';
    return run;
  }

  #take(char: string): CsvRow | undefined {
    if (this.#state === 'quoted') {
      if (char === '\n') this.#line++;
      if (char === '"') this.#state = 'after';
      else this.#add(char);
      return undefined;
    }
    if (char === '"' && this.#state !== 'plain') {
      if (this.#state === 'after') this.#add('"');
      this.#state = 'quoted';
      return undefined;
    }
    if (char === '\r') {
      this.#sawReturn = true;
      return undefined;
    }
    if (char === '\n') {
      const isEmpty = this.#state === 'start' && this.#fields.length === 0;
      const row = isEmpty ? undefined : this.#endRow();
      this.#line++;
      this.#rowLine = this.#line;
      return row;
    }
    if (char === ',') {
      this.#endField();
      return undefined;
    }
    if (this.#state === 'after' || char === '"') throw this.#refusal('a quote inside a field is not doubled');
    this.#state = 'plain';
    this.#add(char);
    return undefined;
  }

  #add(text: string): void {
    this.#field += text;
    if (this.#field.length > FIELD_CHARS_MAX) throw this.#refusal(`a field of more than ${FIELD_CHARS_MAX} characters`);
  }

  #endField(): void {
    this.#fields.push(this.#field);
    this.#field = '';
    this.#state = 'start';
    if (this.#fields.length > FIELDS_MAX) throw this.#refusal(`more than ${FIELDS_MAX} fields`);
  }

  #endRow(): CsvRow {
    this.#endField();
    const row = { line: this.#rowLine, fields: this.#fields };
    this.#fields = [];
    return row;
  }

  #refusal(why: string): GatewayError {
    return new GatewayError('invalid_request', { message: `Line ${this.#line} is no CSV: ${why}.` });
  }
}
