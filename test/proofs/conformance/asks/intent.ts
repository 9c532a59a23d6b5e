import type { Json } from '../json.ts';

/**
 * What a recorded request wants, in no dialect: a reader of the recorded dialect
 * makes it, a writer of the client's says it. None of it is the product's code.
 */
export interface Intent {
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly wishes: Wishes;
}

export interface Turn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly parts: readonly Part[];
}

/** `marker`: of the provider's cache, as it stands. */
export type Part =
  | { readonly type: 'text'; readonly text: string; readonly marker?: unknown }
  | Media
  | {
      readonly type: 'call';
      readonly id: string;
      readonly name: string;
      readonly input: unknown;
      readonly seal?: string;
    }
  | Result
  | Thought
  /** What only its own provider can make something of. */
  | { readonly type: 'left-out' };

/** Bytes in base64, or where they lie. */
export interface Media {
  readonly type: 'media';
  readonly kind: 'image' | 'document' | 'audio' | 'video';
  readonly mediaType?: string;
  readonly data?: string;
  readonly url?: string;
  readonly title?: string;
  readonly marker?: unknown;
}

export interface Result {
  readonly type: 'result';
  readonly callId: string;
  readonly name: string;
  readonly parts: readonly Part[];
  /** As Gemini has it. */
  readonly fields?: Json;
  readonly marker?: unknown;
}

/** With what its maker gave to be given back. */
export interface Thought {
  readonly type: 'thought';
  readonly maker: string;
  readonly text: string;
  readonly what: 'signature' | 'encrypted' | 'redacted' | 'none';
  readonly seal: string;
}

export interface Tool {
  readonly name: unknown;
  readonly description: unknown;
  readonly schema: unknown;
  readonly strict: boolean;
  readonly marker?: unknown;
}

/** A tool that may be named, or how free the choice is. */
export type Choice = 'auto' | 'none' | 'required' | { readonly name: unknown };

/** All that can be wished for beside the conversation. */
export interface WishValues {
  maxTokens: unknown;
  temperature: number;
  topP: unknown;
  topK: unknown;
  stop: readonly unknown[];
  seed: unknown;
  presence: unknown;
  frequency: unknown;
  choice: Choice;
  parallel: boolean;
  /** A schema; `json`: any JSON. */
  format: { readonly schema: unknown; readonly name?: unknown } | 'json';
  effort: string;
  /** Tokens of thought. */
  budget: number;
  /** Thoughts as long as the model likes, or none. */
  thinking: 'free' | 'none';
  /** A search of the web: the place of who asks. */
  search: { readonly place?: Json };
  user: unknown;
  /** Marks all that is sent for the provider's cache. */
  marker: unknown;
  stream: boolean;
}

/**
 * Wishes with the members of the recorded request that they came from: what a
 * client's dialect has no word for stays untaken, and those members are not
 * compared.
 */
export class Wishes {
  readonly #wishes = new Map<keyof WishValues, { readonly value: unknown; readonly from: readonly string[] }>();
  readonly #unsaid: string[] = [];

  add<Name extends keyof WishValues>(
    name: Name,
    value: WishValues[Name] | undefined | null,
    ...from: readonly string[]
  ): void {
    if (value !== undefined && value !== null) this.#wishes.set(name, { value, from });
  }

  take<Name extends keyof WishValues>(name: Name): WishValues[Name] | undefined {
    const wish = this.#wishes.get(name);
    this.#wishes.delete(name);
    return wish?.value as WishValues[Name] | undefined;
  }

  /** Takes it only where the client's dialect can say such a value; nothing wished for is no such value. */
  takeIf<Name extends keyof WishValues>(
    name: Name,
    can: (value: WishValues[Name]) => boolean,
  ): WishValues[Name] | undefined {
    const value = this.#wishes.get(name)?.value as WishValues[Name] | undefined;
    return value !== undefined && can(value) ? this.take(name) : undefined;
  }

  /** Members of the recorded request that cannot be compared. */
  leave(...members: readonly string[]): void {
    this.#unsaid.push(...members);
  }

  get unsaid(): string[] {
    return [...this.#unsaid, ...[...this.#wishes.values()].flatMap(({ from }) => from)];
  }

  /** Every wish that is still there, for a comparison; those that came from such members alone are left out. */
  but(unsaid: readonly string[]): Json {
    const kept = [...this.#wishes].filter(([, { from }]) => !from.every((member) => unsaid.includes(member)));
    return Object.fromEntries(kept.map(([name, { value }]) => [name, value]));
  }

  /** Members that no wish was read from. */
  get unread(): readonly string[] {
    return this.#unsaid;
  }
}

/** How Leeward has another vendor's seal stand in a dialect that did not make it. */
export function carried(maker: string, what: string, seal: string): string {
  return `leeward-unsigned:${maker}:${what}:${seal}`;
}

/** The text with a marker where there is one. */
export function textPart(text: string, marker?: unknown): Part {
  return marker === undefined || marker === null ? { type: 'text', text } : { type: 'text', text, marker };
}

/** Bytes within an address, or the address. */
export function mediaAt(
  kind: Media['kind'],
  url: unknown,
  more: { readonly title?: unknown; readonly marker?: unknown } = {},
): Part {
  if (typeof url !== 'string') return { type: 'left-out' };
  const [, mediaType, data] = /^data:([^;,]+)(?:;[^,]*)?;base64,(.*)$/s.exec(url) ?? [];
  const source = data === undefined ? { url } : { mediaType: mediaType ?? '', data };
  return {
    type: 'media',
    kind,
    ...source,
    ...(typeof more.title === 'string' ? { title: more.title } : {}),
    ...(more.marker === undefined ? {} : { marker: more.marker }),
  };
}

/** As one address. */
export function addressOf({ url, mediaType, data }: Media): string {
  return url ?? `data:${mediaType};base64,${data}`;
}

/** What kind of thing has such a type. */
export function kindOf(mediaType: string): Media['kind'] {
  const [head] = mediaType.split('/', 1);
  return head === 'image' || head === 'audio' || head === 'video' ? head : 'document';
}

/** The names of the functions that were called, by their calls' ids. */
export function calledNames(turns: readonly Turn[]): ReadonlyMap<string, string> {
  return new Map(
    turns.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'call' ? [[part.id, part.name] as const] : [])),
    ),
  );
}

/** Turns of one role that follow each other are one: those of all roles, or of some. */
export function merged(
  turns: readonly Turn[],
  roles: readonly Turn['role'][] = ['system', 'user', 'assistant'],
): Turn[] {
  const found: { role: Turn['role']; parts: Part[] }[] = [];
  for (const { role, parts } of turns) {
    const last = found.at(-1);
    if (last?.role === role && roles.includes(role)) last.parts.push(...parts);
    else found.push({ role, parts: [...parts] });
  }
  return found;
}
