import type { Random } from '../../kernel/random.ts';
import { pick, wholeBetween } from '../draws.ts';

/** `*` and `+` are written at most this often. */
const REPEAT_MAX = 4;
const OUTPUT_CHARS_MAX = 4_096;

const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const CLASSES: Readonly<Record<string, string>> = {
  d: DIGITS,
  w: `${LOWER}${DIGITS}_`,
  s: ' ',
  D: LOWER,
  W: '-',
  S: LOWER,
};

/**
 * A text that a regular expression of the plain kind matches: literals, classes,
 * groups, alternatives, repetitions. What it does not know (look-around, back
 * references) makes it give up. The expression is read here, never run: a
 * caller's pattern could take for ever.
 *
 * @returns undefined when the pattern is beyond it
 */
export function textMatching(pattern: string, random: Random): string | undefined {
  const reader = new PatternReader(pattern, random);
  const text = reader.alternatives();
  return reader.understood ? text : undefined;
}

class PatternReader {
  readonly #pattern: string;
  readonly #random: Random;
  #at = 0;
  #failed = false;
  #written = 0;

  constructor(pattern: string, random: Random) {
    this.#pattern = pattern;
    this.#random = random;
  }

  get understood(): boolean {
    return !this.#failed && this.#at >= this.#pattern.length;
  }

  alternatives(): string {
    const options = [this.#sequence()];
    while (this.#take('|')) options.push(this.#sequence());
    return pick(this.#random, options);
  }

  #sequence(): string {
    let text = '';
    while (!this.#failed && this.#at < this.#pattern.length && !'|)'.includes(this.#peek())) text += this.#repeated();
    return text;
  }

  /** One atom as often as its repetition asks; re-read each time, so that `[a-z]+` varies. */
  #repeated(): string {
    const start = this.#at;
    let text = this.#atom();
    const end = this.#at;
    const { min, max } = this.#repetition();
    const after = this.#at;
    const times = wholeBetween(this.#random, min, max);
    if (times === 0) text = '';
    for (let written = 1; written < times && !this.#failed; written++) {
      this.#at = start;
      text += this.#atom();
      if (this.#at !== end) this.#failed = true;
    }
    this.#at = after;
    this.#written += text.length;
    if (this.#written > OUTPUT_CHARS_MAX * 4 || text.length > OUTPUT_CHARS_MAX) this.#failed = true;
    return text;
  }

  #atom(): string {
    const char = this.#peek();
    this.#at++;
    switch (char) {
      case '^':
      case '$':
        return '';
      case '.':
        return pick(this.#random, [...LOWER]);
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        this.#failed = true;
        return '';
      default:
        return char;
    }
  }

  #group(): string {
    if (this.#take('?')) {
      if (this.#take('<')) {
        const close = this.#pattern.indexOf('>', this.#at);
        if (close < 0 || '=!'.includes(this.#peek())) this.#failed = true;
        else this.#at = close + 1;
      } else if (!this.#take(':')) {
        this.#failed = true;
      }
    }
    if (this.#failed) return '';
    const text = this.alternatives();
    if (!this.#take(')')) this.#failed = true;
    return text;
  }

  #class(): string {
    const negated = this.#take('^');
    let members = '';
    while (this.#at < this.#pattern.length && this.#peek() !== ']') {
      const from = this.#classMember();
      if (from.length === 1 && this.#peek() === '-' && this.#pattern.charAt(this.#at + 1) !== ']') {
        this.#at++;
        members += charsBetween(from, this.#classMember());
      } else {
        members += from;
      }
    }
    if (!this.#take(']')) this.#failed = true;
    const chars = negated ? [...`${LOWER}${DIGITS}_ -`].filter((char) => !members.includes(char)) : [...members];
    if (chars.length > 0) return pick(this.#random, chars);
    this.#failed = true;
    return '';
  }

  #classMember(): string {
    const char = this.#peek();
    this.#at++;
    if (char !== '\\') return char;
    const escaped = this.#peek();
    this.#at++;
    return CLASSES[escaped] ?? escaped;
  }

  #escape(): string {
    const char = this.#peek();
    this.#at++;
    const members = CLASSES[char];
    if (members !== undefined) return pick(this.#random, [...members]);
    if (/[1-9kpPux]/.test(char)) this.#failed = true;
    if (char === 'b' || char === 'B') return '';
    return char === 'n' ? '\n' : char === 't' ? '\t' : char;
  }

  #repetition(): { min: number; max: number } {
    let range = { min: 1, max: 1 };
    if (this.#take('*')) range = { min: 0, max: REPEAT_MAX };
    else if (this.#take('+')) range = { min: 1, max: REPEAT_MAX };
    else if (this.#take('?')) range = { min: 0, max: 1 };
    else if (this.#peek() === '{') range = this.#counted();
    else return range;
    this.#take('?');
    return range;
  }

  #counted(): { min: number; max: number } {
    const close = this.#pattern.indexOf('}', this.#at);
    const found = /^\{(\d{1,4})(,(\d{0,4}))?\}$/.exec(this.#pattern.slice(this.#at, close + 1));
    if (found === null) {
      this.#failed = true;
      return { min: 1, max: 1 };
    }
    this.#at = close + 1;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] ? Number(found[3]) : min + REPEAT_MAX;
    return { min, max: Math.max(min, max) };
  }

  #peek(): string {
    return this.#pattern.charAt(this.#at);
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }
}

function charsBetween(from: string, to: string): string {
  let chars = '';
  const end = Math.min(to.charCodeAt(0), from.charCodeAt(0) + 255);
  for (let code = from.charCodeAt(0); code <= end; code++) chars += String.fromCharCode(code);
  return chars;
}
