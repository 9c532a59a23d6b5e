import { type CatalogModel, MODALITIES, type Modality } from './model.ts';
import { findAmong } from './name-match.ts';
import { operationOfName } from './operation-names.ts';

interface Limits {
  readonly context?: unknown;
  readonly output?: unknown;
  readonly in?: unknown;
  readonly out?: unknown;
}

/**
 * Models joined with what another list knows of their limits, by vendor and
 * name. What a model says of itself stays; models that only the other list
 * knows are added, without a price.
 *
 * @param limits vendor → model → `{ context, output, in, out }`
 */
export function withLimits(models: readonly CatalogModel[], limits: unknown): CatalogModel[] {
  const joined = new Map(models.map((model) => [model, model]));
  const added: CatalogModel[] = [];
  const byVendor = Map.groupBy(models, ({ vendor }) => vendor);
  for (const [vendor, own] of entries(limits)) {
    for (const [id, facts] of entries(own)) {
      const known = findAmong(byVendor.get(vendor) ?? [], id.toLowerCase());
      const limited = limitsOf(facts);
      if (known === undefined) added.push({ ...bare(vendor, id), ...limited });
      // A rule that catches a whole family says nothing about this one's limits.
      else if (isNamed(known, id)) joined.set(known, { ...limited, ...(joined.get(known) ?? known) });
    }
  }
  return [...joined.values(), ...added];
}

function isNamed(model: CatalogModel, id: string): boolean {
  return model.id.toLowerCase() === id.toLowerCase() || model.match.names.includes(id.toLowerCase());
}

function bare(vendor: string, id: string): CatalogModel {
  const match = { names: [], prefixes: [], suffixes: [], parts: [], dated: [] };
  return { vendor, id, operation: operationOfName(id), prices: [], match };
}

function limitsOf(facts: Limits): Pick<CatalogModel, 'contextWindow' | 'maxOutputTokens' | 'input' | 'output'> {
  const { context, output, in: input, out } = facts;
  const inputs = modalities(input);
  const outputs = modalities(out);
  return {
    ...(isCount(context) ? { contextWindow: context } : {}),
    ...(isCount(output) ? { maxOutputTokens: output } : {}),
    ...(inputs === undefined ? {} : { input: inputs }),
    ...(outputs === undefined ? {} : { output: outputs }),
  };
}

function modalities(value: unknown): Modality[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const known = MODALITIES.filter((modality) => value.includes(modality));
  return known.length === 0 ? undefined : known;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function entries(value: unknown): [string, Readonly<Record<string, unknown>>][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
