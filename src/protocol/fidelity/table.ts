import type { Dialect } from '../operation.ts';

/**
 * What becomes of a field where client and provider speak different dialects.
 *
 * - `kept`: it means there what it means here, by the same name
 * - `mapped`: it is said there in another way
 * - `warned`: the call goes on without it, and the client is told
 * - `refused`: the call cannot go to this provider
 */
export type Fate = 'kept' | 'mapped' | 'warned' | 'refused';

/** Values of a field that ask for nothing the provider would not do anyway: dropping them is no loss. */
export interface Harmless {
  /** As the documentation names them, in Markdown. */
  readonly says: string;
  /** Pure; the value is whatever a client sent, but never null. */
  holds(value: unknown): boolean;
}

/**
 * One field of a dialect, and all that is below it where the fate is `warned`
 * or `refused`, or where it travels as a `whole`.
 *
 * `field` is its place: `a.b` is a member, `a[]` each element of an array. Where
 * objects are told apart by their `type` (the elements of `messages` by their
 * `role`), that stands in brackets, of an element of an array
 * `content[text].text` and of an object on its own `source(base64).data`. Where
 * they are told apart by which member they have, its name stands there:
 * `parts[inlineData].inlineData.data`. A name that ends in `*` stands for all
 * that begin so and are not named themselves: `tools[web_search_*]`, or
 * `content[*]` for any that is not known; a member `*` for each that is not
 * named: `tools[].*`.
 */
export interface FieldFate {
  readonly field: string;
  readonly fate: Fate;
  /**
   * How it is mapped, or why it is lost. The latter is read by clients in
   * `x-leeward-warnings`: printable ASCII without `;`.
   */
  readonly note?: string;
  /** What of a field that is kept or mapped is lost all the same; the codec that meets such a value says so. */
  readonly unless?: string;
  readonly harmless?: Harmless;
  /** Kept or mapped as one value that nobody looks into, such as a JSON Schema. */
  readonly whole?: true;
  /** Not among the vendor's own types: what others who speak the dialect have added to it. */
  readonly extra?: true;
}

/** The reviewed truth of one direction of the translated lane. */
export interface FidelityTable {
  readonly client: Dialect;
  readonly provider: Dialect;
  /** The fields of the client's request, in the client's dialect. */
  readonly request: readonly FieldFate[];
  /**
   * The fields of the provider's answer, in the provider's dialect: of a whole
   * answer as they stand there, of the events of a stream behind `stream`.
   */
  readonly answer: readonly FieldFate[];
  /** What an element of the array of this name is that does not say it: `tools` → `custom`. */
  readonly untyped?: Readonly<Record<string, string>>;
  /** By what the elements of the array of this name are told apart, where that is not their `type`: `parts` → `member`. */
  readonly toldBy?: Readonly<Record<string, ToldBy>>;
}

/** By the text in one of these members, or by which member there is at all. */
export type ToldBy = 'type' | 'role' | 'member';

type Extras = Pick<FieldFate, 'unless' | 'harmless' | 'whole' | 'extra'>;

/** Rows for fields that mean there what they mean here. */
export function kept(
  fields: string | readonly string[],
  extras: Extras & { readonly note?: string } = {},
): FieldFate[] {
  return rows('kept', fields, extras);
}

/** Rows for fields that are said in another way; `note` says how. */
export function mapped(fields: string | readonly string[], note: string, extras: Extras = {}): FieldFate[] {
  return rows('mapped', fields, { note, ...extras });
}

/** Rows for fields that the call goes on without; `note` is the client's warning. */
export function warned(fields: string | readonly string[], note: string, extras: Extras = {}): FieldFate[] {
  return rows('warned', fields, { note, ...extras });
}

/** Rows for fields that keep the call from this provider; `note` is the reason the client reads. */
export function refused(fields: string | readonly string[], note: string, extras: Extras = {}): FieldFate[] {
  return rows('refused', fields, { note, ...extras });
}

function rows(fate: Fate, fields: string | readonly string[], rest: Omit<FieldFate, 'field' | 'fate'>): FieldFate[] {
  return (typeof fields === 'string' ? [fields] : fields).map((field) => ({ field, fate, ...rest }));
}
