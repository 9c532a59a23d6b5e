import type { IncomingHttpHeaders } from 'node:http';

/*
 * What clients of other gateways already send, read where our own header is
 * absent, so that moving here needs no change of code:
 *
 *   x-portkey-metadata    metadata   portkey.ai/docs/product/observability/metadata
 *   cf-aig-metadata       metadata   developers.cloudflare.com/ai-gateway/observability/custom-metadata
 *   helicone-property-*   metadata   docs.helicone.ai/helicone-headers/header-directory
 *   x-litellm-tags        tags       docs.litellm.ai/docs/proxy/request_headers
 *   x-portkey-trace-id    task       portkey.ai/docs/introduction/portkey-headers (it groups the calls of one piece of work)
 *
 * (pages read 2026-11-21). Such a header was not written for us: one that
 * cannot be read costs its writer a warning, never the call. None travels on.
 */

const PROPERTY = 'helicone-property-';
const METADATA_BYTES_MAX = 4_096;
const WARNINGS_MAX = 5;
const WARNING_CHARS_MAX = 160;

export interface AliasLimits {
  readonly textCharsMax: number;
  readonly tagsMax: number;
  readonly metadataKeysMax: number;
  readonly keyCharsMax: number;
}

export interface OwnHeaders {
  readonly task: boolean;
  readonly tags: boolean;
  readonly metadata: boolean;
}

export interface AliasFacts {
  readonly task?: string;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** What was not taken over, and why. Never the value itself. */
  readonly warnings?: readonly string[];
}

const NONE: AliasFacts = {};

/**
 * The facts that other gateways' headers carry. Costs some 30 ns where there
 * are none, as with nearly every call.
 *
 * @param own which of our own headers are there: they win whole, and what they replace is not even read
 */
export function headerAliases(
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
  own: OwnHeaders,
  limits: AliasLimits,
): AliasFacts {
  const portkey = own.metadata ? undefined : headers['x-portkey-metadata'];
  const cloudflare = own.metadata ? undefined : headers['cf-aig-metadata'];
  const trace = own.task ? undefined : headers['x-portkey-trace-id'];
  const tags = own.tags ? undefined : headers['x-litellm-tags'];
  const property = own.metadata ? -1 : firstProperty(rawHeaders);
  if (portkey === undefined && cloudflare === undefined && trace === undefined && tags === undefined && property < 0) {
    return NONE;
  }
  const reader = new AliasReader(limits);
  reader.metadataJson('x-portkey-metadata', portkey);
  reader.metadataJson('cf-aig-metadata', cloudflare);
  if (property >= 0) reader.properties(rawHeaders, property);
  reader.task('x-portkey-trace-id', trace);
  reader.tags('x-litellm-tags', tags);
  return reader.facts();
}

/** The place of the first Helicone property; most names are told apart by their first letter. */
function firstProperty(rawHeaders: readonly string[]): number {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    // 104 is "h"; with that bit set an upper-case letter is its lower-case one.
    if (name !== undefined && name.length > PROPERTY.length && (name.charCodeAt(0) | 0x20) === 104 && isProperty(name))
      return at;
  }
  return -1;
}

function isProperty(name: string): boolean {
  return name.slice(0, PROPERTY.length).toLowerCase() === PROPERTY;
}

class AliasReader {
  readonly #limits: AliasLimits;
  readonly #metadata = new Map<string, string>();
  readonly #warnings: string[] = [];
  #metadataBytes = 0;
  #task: string | undefined;
  #tags: readonly string[] | undefined;

  constructor(limits: AliasLimits) {
    this.#limits = limits;
  }

  facts(): AliasFacts {
    const more = this.#warnings.length - WARNINGS_MAX;
    const warnings = more > 0 ? [...this.#warnings.slice(0, WARNINGS_MAX), `${more} more`] : this.#warnings;
    return {
      ...(this.#task === undefined ? {} : { task: this.#task }),
      ...(this.#tags === undefined ? {} : { tags: this.#tags }),
      ...(this.#metadata.size === 0 ? {} : { metadata: Object.fromEntries(this.#metadata) }),
      ...(warnings.length === 0 ? {} : { warnings }),
    };
  }

  metadataJson(header: string, text: string | string[] | undefined): void {
    if (typeof text !== 'string' || text.trim() === '') return;
    const value = parsedJson(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#warn(header, 'is no JSON object and was ignored');
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      if (typeof item === 'object' && item !== null)
        this.#warn(header, `holds a nested value, '${key}', which was ignored`);
      else this.#add(header, key, String(item));
    }
  }

  /** Header names have no case, so a property's name is taken in lower case. */
  properties(rawHeaders: readonly string[], from: number): void {
    for (let at = from; at + 1 < rawHeaders.length; at += 2) {
      const name = rawHeaders[at] ?? '';
      if (!isProperty(name) || name.length === PROPERTY.length) continue;
      const lower = name.toLowerCase();
      this.#add(lower, lower.slice(PROPERTY.length), (rawHeaders[at + 1] ?? '').trim());
    }
  }

  task(header: string, text: string | string[] | undefined): void {
    const trimmed = this.#shortText(header, text);
    if (trimmed !== undefined) this.#task = trimmed;
  }

  tags(header: string, text: string | string[] | undefined): void {
    const trimmed = this.#shortText(header, text);
    if (trimmed === undefined) return;
    const tags = trimmed
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '');
    const { tagsMax } = this.#limits;
    if (tags.length > tagsMax) this.#warn(header, `holds more than ${tagsMax} tags; the rest were ignored`);
    if (tags.length > 0) this.#tags = tags.slice(0, tagsMax);
  }

  #shortText(header: string, text: string | string[] | undefined): string | undefined {
    const trimmed = typeof text === 'string' ? text.trim() : '';
    if (trimmed === '') return undefined;
    const { textCharsMax } = this.#limits;
    if (trimmed.length <= textCharsMax) return trimmed;
    this.#warn(header, `is longer than ${textCharsMax} characters and was ignored`);
    return undefined;
  }

  /** Where two headers give one key, the first one counts. */
  #add(header: string, key: string, text: string): void {
    const { keyCharsMax, textCharsMax, metadataKeysMax } = this.#limits;
    if (this.#metadata.has(key)) return;
    if (key.length > keyCharsMax || text.length > textCharsMax) {
      this.#warn(header, `is too long at '${key}', which was ignored`);
      return;
    }
    // The record of a call is bounded, and a header that is not ours must not be what overflows it.
    const bytes = Buffer.byteLength(key) + Buffer.byteLength(text);
    if (this.#metadata.size >= metadataKeysMax || this.#metadataBytes + bytes > METADATA_BYTES_MAX) {
      this.#warn(
        header,
        `exceeds ${metadataKeysMax} keys or ${METADATA_BYTES_MAX} bytes at '${key}', which was ignored`,
      );
      return;
    }
    this.#metadata.set(key, text);
    this.#metadataBytes += bytes;
  }

  #warn(header: string, what: string): void {
    // Names come from the client; what a header may not hold is shown as "?".
    this.#warnings.push(`${header} ${what}`.replace(/[^\x20-\x7e]|;/g, '?').slice(0, WARNING_CHARS_MAX));
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller says that it is no object, which is all there is to say.
    return undefined;
  }
}
