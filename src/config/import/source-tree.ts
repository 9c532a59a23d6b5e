const DEPTH_MAX = 64;
const VALUES_MAX = 500_000;

/**
 * Whether walking the tree ends soon: anchors of YAML can make a small text
 * large, and a collection a part of itself.
 */
export function isBounded(root: unknown): boolean {
  let values = 0;
  const fits = (value: unknown, depth: number): boolean => {
    values++;
    if (values > VALUES_MAX || depth > DEPTH_MAX) return false;
    if (typeof value !== 'object' || value === null) return true;
    return Object.values(value).every((member) => fits(member, depth + 1));
  };
  return fits(root, 0);
}
