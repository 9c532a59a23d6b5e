import type { FidelityTable, FieldFate } from './table.ts';

/**
 * A table's rows as a tree along their places, so that a walk over a request
 * looks each member up once.
 */
export interface TrieNode {
  row?: FieldFate;
  readonly keys: Map<string, TrieNode>;
  /** The elements of an array. */
  each?: TrieNode;
  /** By the `type` (or `role`) that tells this object from others in its place. */
  kinds?: Map<string, TrieNode>;
  /** Kinds that begin with a text, the longest first. */
  families?: { readonly prefix: string; readonly node: TrieNode }[];
  /** The member that says the kind. */
  readonly kindKey: 'type' | 'role';
  /** The kind of an object that does not say it. */
  readonly untyped?: string;
}

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
export function trieOf(rows: readonly FieldFate[], untyped: FidelityTable['untyped'] = {}): TrieNode {
  const root: TrieNode = { keys: new Map(), kindKey: 'type' };
  for (const row of rows) {
    let node = root;
    let array = '';
    for (const step of stepsOf(row.field)) {
      if ('key' in step) array = step.key;
      node = childOf(node, step, array, untyped);
    }
    if (node.row !== undefined) throw new Error(`two rows for ${row.field}`);
    node.row = row;
  }
  return root;
}

function childOf(node: TrieNode, step: Step, array: string, untyped: NonNullable<FidelityTable['untyped']>): TrieNode {
  if ('each' in step) {
    node.each ??= {
      keys: new Map(),
      kindKey: array === 'messages' ? 'role' : 'type',
      ...(untyped[array] === undefined ? {} : { untyped: untyped[array] }),
    };
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
  const fresh: TrieNode = { keys: new Map(), kindKey: 'type' };
  node.families.push({ prefix, node: fresh });
  node.families.sort((a, b) => b.prefix.length - a.prefix.length);
  return fresh;
}

function fetch(nodes: Map<string, TrieNode>, name: string): TrieNode {
  const known = nodes.get(name);
  if (known !== undefined) return known;
  const fresh: TrieNode = { keys: new Map(), kindKey: 'type' };
  nodes.set(name, fresh);
  return fresh;
}

/** Whether objects in this place are told apart. */
export function hasKinds(node: TrieNode): boolean {
  return node.kinds !== undefined || node.families !== undefined;
}

/** What stands in the table for an object of this kind. */
export function kindOf(node: TrieNode, kind: string): TrieNode | undefined {
  return node.kinds?.get(kind) ?? node.families?.find((family) => kind.startsWith(family.prefix))?.node;
}
