import type { CatalogModel, NameRules } from './model.ts';

const DATE = /^(?:20\d{6}|20\d{2}-\d{2}-\d{2})$/;

/** The model of that name: by its id, by another of its names, by the rules for names; in this order. `lower` is in lower case. */
export function findAmong(models: readonly CatalogModel[], lower: string): CatalogModel | undefined {
  return (
    models.find(({ id }) => id.toLowerCase() === lower) ??
    models.find(({ match }) => match.names.includes(lower)) ??
    findByRule(models, lower)
  );
}

/** The first model that has a rule for such names. */
export function findByRule(models: readonly CatalogModel[], lower: string): CatalogModel | undefined {
  return models.find(({ match }) => matches(match, lower));
}

function matches(match: NameRules, lower: string): boolean {
  if (match.without?.some((part) => lower.includes(part)) === true) return false;
  return (
    match.prefixes.some((prefix) => lower.startsWith(prefix)) ||
    match.suffixes.some((suffix) => lower.endsWith(suffix)) ||
    match.parts.some((part) => lower.includes(part)) ||
    match.dated.some((stem) => lower.startsWith(stem) && DATE.test(lower.slice(stem.length)))
  );
}
