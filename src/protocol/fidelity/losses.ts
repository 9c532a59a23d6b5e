import type { Loss } from '../chat/codec.ts';
import type { FidelityTable, FieldFate } from './table.ts';
import { hasKinds, kindsOf, memberOf, oneKindOf, type TrieNode, trieOf } from './trie.ts';

/** So many are named; of what a client says beyond that, only the number. */
export const LOSSES_MAX = 64;
/** The name of a field comes from the client and goes into a header. */
const NAME_LENGTH_MAX = 64;

/** What a request loses on its way to a provider of another dialect. */
export interface RequestLosses {
  /** At most `LOSSES_MAX`, each field once, in the order of the request. */
  readonly losses: readonly Loss[];
  /** Losses beyond those. */
  readonly more: number;
  /** The first field that keeps the request from this provider. */
  readonly refused?: Loss;
}

/**
 * Walks a client's request once and finds what the table says is lost, each
 * with its concrete place (`messages[2].content[0].citations`). What stands in
 * no row is lost too. Losses that depend on more than the field itself
 * (`unless`) are for the codec to name.
 *
 * The walk goes no deeper than the table does, whatever the request holds, and
 * never throws on a parsed JSON value.
 */
export function lossesOf(table: FidelityTable, fields: Fields): RequestLosses {
  const walk = new Walk();
  walk.object(fields, compiled(table));
  return { losses: walk.losses, more: walk.more, ...(walk.refused === undefined ? {} : { refused: walk.refused }) };
}

type Fields = Readonly<Record<string, unknown>>;

const tries = new WeakMap<FidelityTable, TrieNode>();

function compiled(table: FidelityTable): TrieNode {
  const known = tries.get(table);
  if (known !== undefined) return known;
  const trie = trieOf(table.request, table);
  tries.set(table, trie);
  return trie;
}

class Walk {
  readonly losses: Loss[] = [];
  more = 0;
  refused: Loss | undefined;
  /** Where the walk stands: names of members and numbers of elements. */
  readonly #place: (string | number)[] = [];
  readonly #named = new Set<string>();

  object(value: Fields, node: TrieNode): void {
    if (!hasKinds(node)) return this.#members(value, node, undefined);
    if (node.toldBy === 'member') return this.#parted(value, node);
    const kind = oneKindOf(node, value);
    if (kind === undefined) return this.#add(`its ${node.toldBy} is not known to this gateway`);
    if (this.#lost(value, kind.row) || kind.row?.whole === true) return;
    this.#members(value, node, kind);
  }

  #members(value: Fields, node: TrieNode, kind: TrieNode | undefined): void {
    if (node.keys.size === 0 && (kind === undefined || kind.keys.size === 0)) return;
    for (const name of Object.keys(value)) {
      this.#member(name, value[name], kind?.keys.get(name) ?? node.keys.get(name) ?? node.keys.get('*'), node);
    }
  }

  /** Of an object that is told from others by its members, and may be of several kinds. */
  #parted(value: Fields, node: TrieNode): void {
    const kinds = kindsOf(node, value);
    if (kinds.length === 0) return this.#add('its kind is not known to this gateway');
    if (kinds.some(({ row }) => this.#lost(value, row) || row?.whole === true)) return;
    for (const name of Object.keys(value)) this.#member(name, value[name], memberOf(node, kinds, name), node);
  }

  #member(name: string, member: unknown, child: TrieNode | undefined, node: TrieNode): void {
    if (child === undefined) {
      if (name !== node.toldBy || this.#place.length === 0) this.#unknown(name, member);
      return;
    }
    if (member === null || member === undefined) return;
    this.#place.push(name);
    this.#visit(member, child);
    this.#place.pop();
  }

  #visit(value: unknown, node: TrieNode): void {
    if (this.#lost(value, node.row) || node.row?.whole === true) return;
    if (typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value)) return this.object(value as Fields, node);
    if (node.each === undefined) return;
    for (let at = 0; at < value.length; at++) {
      this.#place.push(at);
      this.#visit(value[at], node.each);
      this.#place.pop();
    }
  }

  #lost(value: unknown, row: FieldFate | undefined): boolean {
    if (row === undefined || row.fate === 'kept' || row.fate === 'mapped') return false;
    if (meansNothing(value) || row.harmless?.holds(value) === true) return true;
    if (row.fate === 'warned') this.#add(row.note ?? 'this provider has no such setting');
    else this.refused ??= { field: this.#field(), reason: row.note ?? 'this provider cannot take it' };
    return true;
  }

  #unknown(name: string, value: unknown): void {
    if (meansNothing(value)) return;
    this.#place.push(name);
    this.#add('not known to this gateway');
    this.#place.pop();
  }

  #add(reason: string): void {
    if (this.losses.length >= LOSSES_MAX) {
      this.more += 1;
      return;
    }
    const field = this.#field();
    if (this.#named.has(field)) return;
    this.#named.add(field);
    this.losses.push({ field, reason });
  }

  #field(): string {
    let field = '';
    for (const step of this.#place) {
      if (typeof step === 'number') field += `[${step}]`;
      else if (!/^[\w$-]{1,64}$/.test(step)) field += `[${quoted(step)}]`;
      else field += field === '' ? step : `.${step}`;
    }
    return field;
  }
}

/** What clients fill in where they say nothing. */
function meansNothing(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

/** A member's name that is no plain word, in printable ASCII without `;`, so that a header can carry it. */
function quoted(name: string): string {
  const cut = name.length > NAME_LENGTH_MAX ? `${name.slice(0, NAME_LENGTH_MAX)}...` : name;
  return JSON.stringify(cut).replace(/[^ -:<-~]/g, (odd) => `\\u${odd.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
