import type { FieldFate } from '../../src/protocol/fidelity/table.ts';
import { hasKinds, type Kinds, kindOf, stepsOf, type TrieNode, trieOf } from '../../src/protocol/fidelity/trie.ts';
import type { Shape } from './sdk-types.ts';

/**
 * The places of a vendor's type that a table says nothing of, in the table's
 * own notation. A row that is lost, or that travels as a whole, speaks for all
 * below it; every other member needs a row of its own.
 */
export function uncovered(shape: Shape, rows: readonly FieldFate[], told?: Kinds): string[] {
  const missing: string[] = [];
  // A row for whatever is not known is no word on what the vendor has made known since.
  const named = rows.filter((row) => !/[[(.]\*(?:[\])]|$)/.test(row.field));
  below(shape, trieOf(named, told), '', missing);
  return missing;
}

function speaksForAll(node: TrieNode): boolean {
  return (
    node.row !== undefined && (node.row.whole === true || node.row.fate === 'warned' || node.row.fate === 'refused')
  );
}

function below(shape: Shape, node: TrieNode, place: string, missing: string[], outer?: TrieNode): void {
  if (speaksForAll(node)) return;
  for (const [name, member] of shape.fields) {
    const at = place === '' ? name : `${place}.${name}`;
    const child = node.keys.get(name) ?? outer?.keys.get(name) ?? memberKind(node, name);
    if (child === undefined) missing.push(at);
    else covered(member, child, at, missing);
  }
  if (shape.each !== undefined && holdsObjects(shape.each)) {
    if (node.each === undefined) missing.push(`${place}[]`);
    else below(shape.each, node.each, `${place}[]`, missing);
  }
  for (const [name, member] of shape.kinds) {
    const at = place.endsWith('[]') ? `${place.slice(0, -1)}${name}]` : `${place}(${name})`;
    const kind = hasKinds(node) ? kindOf(node, name) : node;
    if (kind === undefined) missing.push(at);
    else below(member, kind, at, missing, node);
  }
}

/** Of objects told apart by their members, what stands for one of these. */
function memberKind(node: TrieNode, name: string): TrieNode | undefined {
  if (node.toldBy !== 'member' || node.kinds === undefined) return undefined;
  const kind = node.kinds.get(name);
  if (kind !== undefined) return speaksForAll(kind) ? kind : kind.keys.get(name);
  return [...node.kinds.values()].find(({ keys }) => keys.has(name))?.keys.get(name);
}

function covered(shape: Shape, node: TrieNode, place: string, missing: string[]): void {
  const isPlain = shape.plain || !(holdsObjects(shape) || (shape.each !== undefined && node.each !== undefined));
  if (isPlain && node.row === undefined) missing.push(place);
  else below(shape, node, place, missing);
}

function holdsObjects(shape: Shape): boolean {
  if (shape.fields.size > 0 || shape.kinds.size > 0) return true;
  return shape.each !== undefined && holdsObjects(shape.each);
}

/** Rows that name one exact place which none of the types has, and that are not marked as `extra`. */
export function unfounded(shapes: readonly Shape[], rows: readonly FieldFate[]): string[] {
  return rows
    .filter((row) => row.extra !== true && !row.field.includes('*'))
    .filter((row) => !shapes.some((shape) => stands(shape, stepsOf(row.field))))
    .map((row) => row.field);
}

function stands(shape: Shape, steps: ReturnType<typeof stepsOf>): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return true;
  if ('each' in step) return shape.each !== undefined && stands(shape.each, rest);
  if ('kind' in step) {
    const kind = shape.kinds.get(step.kind) ?? (shape.fields.has(step.kind) ? shape : undefined);
    return kind !== undefined && stands(kind, rest);
  }
  const member = shape.fields.get(step.key);
  if (member !== undefined) return stands(member, rest);
  return [...shape.kinds.values()].some((kind) => stands(kind, steps));
}
