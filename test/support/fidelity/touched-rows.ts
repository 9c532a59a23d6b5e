import type { FieldFate } from '../../../src/protocol/fidelity/table.ts';
import { hasKinds, type Kinds, kindsOf, memberOf, type TrieNode, trieOf } from '../../../src/protocol/fidelity/trie.ts';

/** The rows that speak of something in these requests, or answers. */
export function touchedRows(rows: readonly FieldFate[], said: readonly object[], told?: Kinds): ReadonlySet<FieldFate> {
  const touched = new Set<FieldFate>();
  const root = trieOf(rows, told);
  for (const each of said) visit(each, root, touched);
  return touched;
}

function visit(value: unknown, node: TrieNode, touched: Set<FieldFate>): void {
  if (value === null || value === undefined) return;
  if (node.row !== undefined) touched.add(node.row);
  if (Array.isArray(value)) {
    for (const each of value) if (node.each !== undefined) visit(each, node.each, touched);
    return;
  }
  if (typeof value !== 'object') return;
  const fields = value as Readonly<Record<string, unknown>>;
  const kinds = hasKinds(node) ? kindsOf(node, fields) : [];
  for (const { row } of kinds) if (row !== undefined) touched.add(row);
  for (const [name, member] of Object.entries(fields)) {
    const child = memberOf(node, kinds, name);
    if (child !== undefined) visit(member, child, touched);
  }
}
