import { z } from 'zod';
import { isAddressRange } from '../kernel/address-set.ts';
import { scaledDecimal } from '../kernel/decimal.ts';
import { isNamePattern } from '../kernel/name-pattern.ts';
import { isTimeZone } from '../kernel/time-zone.ts';
import { usdAmount as readUsd, writtenDecimal } from '../kernel/usd-amount.ts';
import { Secret } from './secret.ts';
import { durationMs, picoUsdPerToken, sizeBytes } from './units.ts';

/*
 * The kinds of values a configuration file holds. Numbers and booleans are
 * also taken from text, because `${env:PORT}` is text until it is resolved.
 * Each message continues the name of its key: "port must be …".
 */

const CONTROL = /\p{Cc}/u;
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;
/** Without a zone an instant would mean another one on each machine. */
const INSTANT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
const REFERENCE = { pattern: '^\\$\\{|^-?[0-9.]+$' };

type Refine = { issues: { push(issue: { code: 'custom'; message: string; input: unknown }): unknown } };

function refuse(context: Refine, message: string, input: unknown): never {
  context.issues.push({ code: 'custom', message, input });
  return z.NEVER;
}

export function text(what = 'text') {
  return z
    .string({ error: `must be ${what}` })
    .min(1, 'must not be empty')
    .max(4_096, 'must be shorter than 4096 characters');
}

/** A whole number within bounds, both included. */
export function integer(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .union([z.number().meta({ type: 'integer', minimum: min, maximum: max }), z.string().meta(REFERENCE)], {
      error: message,
    })
    .transform((value, context) => {
      const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value.trim()) ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < min || number > max) {
        return refuse(context, message, value);
      }
      return number;
    });
}

/** A share relative to its siblings: above 0, at most a million. */
export function weight() {
  const message = 'must be a number above 0 and at most 1000000';
  return z
    .union([z.number().meta({ exclusiveMinimum: 0, maximum: 1_000_000 }), z.string().meta(REFERENCE)], {
      error: message,
    })
    .transform((value, context) => {
      const number = typeof value === 'string' && /^\d{1,7}(\.\d{1,6})?$/.test(value.trim()) ? Number(value) : value;
      if (typeof number !== 'number' || !(number > 0) || number > 1_000_000) return refuse(context, message, value);
      return number;
    });
}

export function flag() {
  const message = 'must be true or false';
  return z
    .union([z.boolean(), z.string().meta({ pattern: '^\\$\\{' })], { error: message })
    .transform((value, context) => {
      if (value === true || value === 'true') return true;
      if (value === false || value === 'false') return false;
      return refuse(context, message, value);
    });
}

/** A length of time with its unit, within bounds given in milliseconds; comes out as milliseconds. */
export function duration(minMs: number, maxMs: number) {
  const message = 'must look like 500ms, 30s or 2m';
  return z
    .string({ error: message })
    .meta({ examples: ['500ms', '30s', '2m'] })
    .transform((value, context) => {
      const ms = durationMs(value);
      if (ms === undefined) return refuse(context, message, value);
      if (ms < minMs) return refuse(context, `must be at least ${shortDuration(minMs)}`, value);
      if (ms > maxMs) return refuse(context, `must be at most ${shortDuration(maxMs)}`, value);
      return ms;
    });
}

/** A length of time as {@link duration} has it, or a word in its place; comes out as milliseconds, or the word. */
export function durationOr<Word extends string>(word: Word, minMs: number, maxMs: number) {
  const message = `must be ${word}, or look like 500ms, 30s or 2m`;
  return z
    .union([z.string(), z.boolean()], { error: message })
    .meta({ examples: [word, '500ms', '30s'] })
    .transform((value, context): number | Word => {
      // Some readers of YAML take a bare `off` for a boolean.
      if (value === word || (value === false && word === 'off')) return word;
      const ms = typeof value === 'string' ? durationMs(value) : undefined;
      if (ms === undefined) return refuse(context, message, value);
      if (ms < minMs) return refuse(context, `must be at least ${shortDuration(minMs)}`, value);
      if (ms > maxMs) return refuse(context, `must be at most ${shortDuration(maxMs)}`, value);
      return ms;
    });
}

/** A number within bounds, both included, fractions allowed. */
export function decimal(min: number, max: number) {
  const message = `must be a number from ${min} to ${max}`;
  return z
    .union([z.number().meta({ minimum: min, maximum: max }), z.string().meta(REFERENCE)], { error: message })
    .transform((value, context) => {
      const number = typeof value === 'string' && /^\d{1,9}(\.\d{1,6})?$/.test(value.trim()) ? Number(value) : value;
      if (typeof number !== 'number' || !(number >= min && number <= max)) return refuse(context, message, value);
      return number;
    });
}

/** A part that can be switched: `off`, `on`, or a mapping that says how. Comes out as a boolean or the mapping. */
export function switchable<Shape extends z.core.$ZodLooseShape>(members: Shape) {
  const message = 'must be off, on or a mapping';
  const word = z
    .string({ error: message })
    .meta({ pattern: '^(off|on)$|^\\$\\{' })
    .transform((value, context) =>
      value === 'on' || value === 'off' ? value === 'on' : refuse(context, message, value),
    );
  return z.union([word, z.boolean(), z.strictObject(members)], { error: message });
}

/** A number of bytes with its unit, within bounds given in bytes; comes out as bytes. */
export function size(minBytes: number, maxBytes: number) {
  const message = 'must look like 64KiB, 20MiB or 1GiB';
  return z
    .union([z.number(), z.string()], { error: message })
    .meta({ examples: ['64KiB', '20MiB'] })
    .transform((value, context) => {
      const bytes = sizeBytes(String(value));
      if (bytes === undefined) return refuse(context, message, value);
      if (bytes < minBytes) return refuse(context, `must be at least ${minBytes} bytes`, value);
      if (bytes > maxBytes) return refuse(context, `must be at most ${maxBytes} bytes`, value);
      return bytes;
    });
}

/** A price in decimal digits between quotes, because a YAML number is a float and a float cannot hold 0.15. */
export function usdPerMillion() {
  return z
    .string({ error: 'must be a price in quotes, such as "0.15", because a bare number is not exact' })
    .meta({ pattern: '^[0-9]+(\\.[0-9]{1,6})?$|^\\$\\{', examples: ['0.15'] })
    .transform((value, context) => {
      const pico = picoUsdPerToken(value);
      if (pico === undefined) {
        return refuse(context, 'must be US dollars in digits, such as "0.15", with at most 6 decimals', value);
      }
      return pico;
    });
}

const EACH_DECIMALS = 12;
const EACH_DIGITS_MAX = 18;

/** US dollars for one of something, in decimal digits between quotes; comes out as pico-USD. */
export function usdEach() {
  const message = 'must be US dollars in quotes, such as "0.04", with at most 12 decimals';
  return z
    .string({ error: message })
    .meta({ pattern: '^[0-9]+(\\.[0-9]{1,12})?$|^\\$\\{', examples: ['0.04'] })
    .transform((value, context) => {
      const pico = scaledDecimal(value.trim(), EACH_DECIMALS);
      return pico === undefined || String(pico).length > EACH_DIGITS_MAX ? refuse(context, message, value) : pico;
    });
}

/** A key. White space in one is nearly always a copying mistake, and would be refused by the header it goes into. */
export function secretKey() {
  return z.string({ error: 'must be text' }).transform((value, context) => {
    if (value.length === 0) return refuse(context, 'must not be empty', '');
    if (value.length > 16_384) return refuse(context, 'must be shorter than 16384 characters', '');
    if (!PRINTABLE_ASCII.test(value)) {
      return refuse(context, 'must be plain ASCII without spaces or line breaks', '');
    }
    return new Secret(value);
  });
}

const DIGEST = /^sha256:([0-9a-f]{64})$/;

/** The SHA-256 of a key in hex, as `sha256:…`; comes out in base64url. */
export function keyDigest() {
  const message = 'must be sha256: and 64 hex digits, as "leeward config key" prints it';
  return z
    .string({ error: message })
    .meta({ pattern: '^sha256:[0-9a-f]{64}$|^\\$\\{' })
    .transform((value, context) => {
      const hex = DIGEST.exec(value.trim())?.[1];
      if (hex === undefined) return refuse(context, message, '');
      return Buffer.from(hex, 'hex').toString('base64url');
    });
}

/** A day or an instant with its zone, in ISO 8601; comes out as milliseconds since the epoch. */
export function instant() {
  const message = 'must be a date such as 2027-01-31 or an instant such as 2027-01-31T12:00:00Z';
  return z
    .string({ error: message })
    .meta({ examples: ['2027-01-31', '2027-01-31T12:00:00Z'] })
    .transform((value, context) => {
      const at = INSTANT.test(value) ? Date.parse(value) : Number.NaN;
      return Number.isNaN(at) ? refuse(context, message, value) : at;
    });
}

/** The value of a request header, treated as secret because it may be one. */
export function headerValue() {
  return z.string({ error: 'must be text' }).transform((value, context) => {
    if (value.length > 16_384) return refuse(context, 'must be shorter than 16384 characters', '');
    if (CONTROL.test(value)) return refuse(context, 'must not contain line breaks or control characters', '');
    return new Secret(value);
  });
}

/** A proxy's address, treated as secret because it may hold a password. */
export function proxyUrl() {
  return z.string({ error: 'must be a URL' }).transform((value, context) => {
    const url = URL.parse(value);
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      return refuse(context, 'must be an http:// or https:// URL', '');
    }
    return new Secret(value);
  });
}

/** The address of a server Postgres, password included. */
export function databaseUrl() {
  const message = 'must be an address such as postgres://host:5432/database, with user and password before the host';
  return z.string({ error: message }).transform((value, context) => {
    const url = URL.parse(value.trim());
    const known = url !== null && (url.protocol === 'postgres:' || url.protocol === 'postgresql:');
    if (!known || url.pathname.length <= 1) return refuse(context, message, '');
    return new Secret(value.trim());
  });
}

/** An amount above 0 in US dollars; comes out as nano-USD. A bare number counts while it is exactly what was written. */
export function usdAmount() {
  const message = 'must be US dollars above 0, such as "5.00", with at most 9 decimals and at most a thousand million';
  return z
    .union(
      [z.number().meta({ exclusiveMinimum: 0 }), z.string().meta({ pattern: '^[0-9]+(\\.[0-9]{1,9})?$|^\\$\\{' })],
      {
        error: message,
      },
    )
    .meta({ examples: ['5.00'] })
    .transform((value, context) => {
      const written = typeof value === 'string' ? value : writtenDecimal(value);
      const amount = written === undefined ? undefined : readUsd(written);
      if (amount !== undefined && amount > 0n) return amount;
      const inexact = typeof value === 'number' && value > 0 && written === undefined;
      return refuse(
        context,
        inexact ? 'must stand in quotes: a number of so many digits is not exact' : message,
        value,
      );
    });
}

const RATE_MAX_PPM = 1_000_000_000n;

/** A factor in decimal digits, from 0 to 1000; comes out in millionths. */
export function rate() {
  const message = 'must be a factor from 0 to 1000, such as "1.2", with at most 6 decimals';
  return z
    .union(
      [
        z.number().meta({ minimum: 0, maximum: 1_000 }),
        z.string().meta({ pattern: '^[0-9]+(\\.[0-9]{1,6})?$|^\\$\\{' }),
      ],
      {
        error: message,
      },
    )
    .transform((value, context) => {
      const written = typeof value === 'string' ? value.trim() : writtenDecimal(value);
      const ppm = written === undefined ? undefined : scaledDecimal(written, 6);
      return ppm === undefined || ppm > RATE_MAX_PPM ? refuse(context, message, value) : ppm;
    });
}

/** A time zone by its IANA name. */
export function timeZone() {
  const message = 'must be a time zone such as Europe/Berlin or UTC';
  return z
    .string({ error: message })
    .meta({ examples: ['UTC', 'Europe/Berlin'] })
    .refine(isTimeZone, message);
}

/** A pattern of names, in which a star stands for any characters. */
export function namePattern(what: string) {
  const message = `must be ${what}`;
  return z.string({ error: message }).refine(isNamePattern, message);
}

/** An IP address or a range of them in CIDR notation. */
export function addressRange() {
  const message = 'must be an IP address or a range such as 10.0.0.0/8';
  return z
    .string({ error: message })
    .meta({ examples: ['10.0.0.0/8', '192.0.2.7'] })
    .refine(isAddressRange, message);
}

/** An http(s) address without credentials, query or fragment; comes out without a slash at its end. */
export function baseUrl() {
  return z.string({ error: 'must be a URL' }).transform((value, context) => {
    const url = URL.parse(value);
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      return refuse(context, 'must be an http:// or https:// URL', '');
    }
    if (url.username !== '' || url.password !== '') {
      return refuse(context, 'must not hold a user or password: use api_key or headers', '');
    }
    if (url.search !== '' || url.hash !== '') return refuse(context, 'must not have a query or a fragment', '');
    return url.href.replace(/\/+$/, '');
  });
}

function shortDuration(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
