/**
 * A plan as it was written, before anything in it is understood: every scalar
 * is its own text, so that no number has been a float.
 */
export interface PlanNode {
  /** Where it stands: `plan.yaml:12`, `--active`, `recorded usage`. */
  readonly place: string;
  readonly value: PlanValue;
}

/** `undefined` is what was written as null: as good as absent. */
export type PlanValue = string | undefined | readonly PlanNode[] | ReadonlyMap<string, PlanNode>;

export function isMapping(value: PlanValue): value is ReadonlyMap<string, PlanNode> {
  return value instanceof Map;
}

export function isList(value: PlanValue): value is readonly PlanNode[] {
  return Array.isArray(value);
}

/** A mapping of what is given; nodes keep their own places. */
export function mappingOf(place: string, entries: Iterable<readonly [string, PlanNode]>): PlanNode {
  return { place, value: new Map(entries) };
}

/** The same value under a path of keys: what a flag says. */
export function nodeAt(place: string, path: readonly string[], value: PlanValue): PlanNode {
  const [first, ...rest] = path;
  return first === undefined ? { place, value } : mappingOf(place, [[first, nodeAt(place, rest, value)]]);
}

/** `above` laid over `below`: mappings are merged key by key, anything else of `above` replaces what lies under it. */
export function overlaid(below: PlanNode, above: PlanNode): PlanNode {
  if (!isMapping(below.value) || !isMapping(above.value)) return above;
  const merged = new Map(below.value);
  for (const [key, node] of above.value) {
    const under = merged.get(key);
    merged.set(key, under === undefined ? node : overlaid(under, node));
  }
  return { place: below.place, value: merged };
}

/** The node without these keys. */
export function without(node: PlanNode, ...keys: readonly string[]): PlanNode {
  if (!isMapping(node.value)) return node;
  return mappingOf(
    node.place,
    [...node.value].filter(([key]) => !keys.includes(key)),
  );
}
