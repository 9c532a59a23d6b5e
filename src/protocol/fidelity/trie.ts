import type { FidelityTable, FieldFate, ToldBy } from './table.ts';

/**
 * A table's rows as a tree along their places, so that a walk over a request
 * looks each member up once.
 */
export interface TrieNode {
  row?: FieldFate;
  readonly keys: Map<string, TrieNode>;
  /** The elements of an array. */
  each?: TrieNode;
  /** By what tells this object from others in its place. */
  kinds?: Map<string, TrieNode>;
  /** Kinds that begin with a text, the longest first. */
  families?: { readonly prefix: string; readonly node: TrieNode }[];
  readonly toldBy: ToldBy;
  /** The kind of an object that does not say it. */
  readonly untyped?: string;
}

/** What of a table says how the objects of its arrays are told apart. */
export type Kinds = Pick<FidelityTable, 'untyped' | 'toldBy'>;

/** A step of a place: a member, an element of an array, an object of one kind. */
export type Step = { readonly key: string } | { readonly each: true } | { readonly kind: string };

const STEP = /(?:^|\.)([^.[\]()]+)|\[([^\]]*)\]|\(([^)]+)\)/y;

/**
 * The steps of a field's place.
 *
 * @throws on a text that is no place; tables are ours, so this is a fault of the table
 */
export function stepsOf(field: string): readonly Step[] {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < field.length) {
    const at = STEP.lastIndex;
    const found = STEP.exec(field);
    if (found === null) throw new Error(`no field's place: ${field} at ${at}`);
    const [, key, element, object] = found;
    if (key !== undefined) steps.push({ key });
    if (element !== undefined) steps.push({ each: true });
    if (element) steps.push({ kind: element });
    if (object !== undefined) steps.push({ kind: object });
  }
  return steps;
}

/** @throws when two rows have the same place */
export function trieOf(rows: readonly FieldFate[], said: Kinds = {}): TrieNode {
  const root = fresh();
  for (const row of rows) {
    let node = root;
    let array = '';
    for (const step of stepsOf(row.field)) {
      if ('key' in step) array = step.key;
      node = childOf(node, step, array, said);
    }
    if (node.row !== undefined) throw new Error(`two rows for ${row.field}`);
    node.row = row;
  }
  return root;
}

function childOf(node: TrieNode, step: Step, array: string, said: Kinds): TrieNode {
  if ('each' in step) {
    node.each ??= fresh(said.toldBy?.[array] ?? (array === 'messages' ? 'role' : 'type'), said.untyped?.[array]);
    return node.each;
  }
  if ('key' in step) return fetch(node.keys, step.key);
  if (!step.kind.endsWith('*')) {
    node.kinds ??= new Map();
    return fetch(node.kinds, step.kind);
  }
  node.families ??= [];
  const prefix = step.kind.slice(0, -1);
  const known = node.families.find((family) => family.prefix === prefix);
  if (known !== undefined) return known.node;
  const family = { prefix, node: fresh() };
  node.families.push(family);
  node.families.sort((a, b) => b.prefix.length - a.prefix.length);
  return family.node;
}

function fresh(toldBy: ToldBy = 'type', untyped?: string): TrieNode {
  return { keys: new Map(), toldBy, ...(untyped === undefined ? {} : { untyped }) };
}

function fetch(nodes: Map<string, TrieNode>, name: string): TrieNode {
  const known = nodes.get(name);
  if (known !== undefined) return known;
  const added = fresh();
  nodes.set(name, added);
  return added;
}

/** Whether objects in this place are told apart. */
export function hasKinds(node: TrieNode): boolean {
  return node.kinds !== undefined || node.families !== undefined;
}

/** What stands in the table for an object of this kind. */
export function kindOf(node: TrieNode, kind: string): TrieNode | undefined {
  return node.kinds?.get(kind) ?? node.families?.find((family) => kind.startsWith(family.prefix))?.node;
}

/** The kind of an object that says it in its `type` or `role`. */
export function oneKindOf(node: TrieNode, value: Readonly<Record<string, unknown>>): TrieNode | undefined {
  const said = value[node.toldBy] ?? node.untyped;
  return kindOf(node, typeof said === 'string' ? said : '');
}

/** The kinds that this object is of: one by its `type` or `role`, each of which it has a member; none that is not known. */
export function kindsOf(node: TrieNode, value: Readonly<Record<string, unknown>>): readonly TrieNode[] {
  if (node.toldBy !== 'member') {
    const kind = oneKindOf(node, value);
    return kind === undefined ? [] : [kind];
  }
  const found: TrieNode[] = [];
  for (const [name, kind] of node.kinds ?? []) {
    if (Object.hasOwn(value, name) && value[name] !== null && value[name] !== undefined) found.push(kind);
  }
  if (found.length > 0) return found;
  const any = kindOf(node, '');
  return any === undefined ? [] : [any];
}

/** What stands in the table for a member of an object of these kinds; `*` for any that has no row of its own. */
export function memberOf(node: TrieNode, kinds: readonly TrieNode[], name: string): TrieNode | undefined {
  for (const kind of kinds) {
    const member = kind.keys.get(name);
    if (member !== undefined) return member;
  }
  return node.keys.get(name) ?? node.keys.get('*');
}
