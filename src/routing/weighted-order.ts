import type { Random } from '../kernel/random.ts';

/**
 * All items in a random order in which a heavier one tends to stand earlier:
 * drawn one by one, each with a chance in proportion to its weight.
 */
export function weightedOrder<Item>(items: readonly Item[], weightOf: (item: Item) => number, random: Random): Item[] {
  if (items.length < 2) return [...items];
  const left = [...items];
  const ordered: Item[] = [];
  while (left.length > 0) {
    const total = left.reduce((sum, item) => sum + weightOf(item), 0);
    let point = random.float() * total;
    let drawn = left.length - 1;
    for (const [index, item] of left.entries()) {
      point -= weightOf(item);
      if (point < 0) {
        drawn = index;
        break;
      }
    }
    ordered.push(...left.splice(drawn, 1));
  }
  return ordered;
}
