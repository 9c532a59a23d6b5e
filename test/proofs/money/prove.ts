import type { Checks } from '../parts/checks.ts';
import { House, type StoreKind, type StorePlace } from './house.ts';
import type { Figures, Part, Size } from './part.ts';
import { PARTS } from './parts.ts';
import type { Stores } from './stores.ts';

export interface Brief {
  readonly stores: Stores;
  readonly kinds: readonly StoreKind[];
  readonly names: readonly string[];
  readonly checks: Checks;
  readonly size: Size;
  readonly sabotage?: string;
}

/** What whoever starts a program says of one that does not come up. */
const NOT_UP = /before it was (?:up|ready)|did not say that it is up/;

/** The parts on each store, one after the other; those that can share a house do. */
export async function proveParts(brief: Brief): Promise<Figures> {
  const figures: Figures = {};
  for (const kind of brief.kinds) {
    const chosen = brief.names.map((name) => ({ name, part: PARTS[name] as Part }));
    const shared = chosen.filter(({ part }) => part.kind === 'shared');
    if (shared.length > 0) {
      await using house = await House.start({ store: await brief.stores.place(kind), sabotage: brief.sabotage });
      for (const { name, part } of shared) await proveOne(brief, { name, part, kind, house }, figures);
    }
    for (const { name, part } of chosen) {
      if (part.kind === 'own') await proveOne(brief, { name, part, kind, house: undefined }, figures);
    }
  }
  return figures;
}

interface Turn {
  readonly name: string;
  readonly part: Part;
  readonly kind: StoreKind;
  readonly house: House | undefined;
}

/** One part on one store: what it checked, its figures, its verdict. No check at all is a failure. */
async function proveOne(brief: Brief, { name, part, kind, house }: Turn, figures: Figures): Promise<void> {
  const { checks, size, sabotage } = brief;
  const beginMs = performance.now();
  const before = { passed: checks.passed, failed: checks.failed.length };
  const told = await proved(brief, { name, part, kind, house }).catch((error: unknown): Figures => {
    // A sabotaged gateway that does not come up shows nothing but that.
    if (sabotage !== undefined && NOT_UP.test(errorText(error))) throw error;
    const lines = house?.gateway.lines.slice(-3).join(' | ') ?? '';
    checks.that(`${name} on the ${kind} store comes to its end`, false, `${errorText(error)} ${lines}`.trim());
    return {};
  });
  for (const [key, figure] of Object.entries(told)) figures[`${key} (${kind})`] = figure;
  const passed = checks.passed - before.passed;
  const failed = checks.failed.length - before.failed;
  if (passed + failed === 0) checks.that(`${name} on the ${kind} store looks at something`, false);
  const verdict = failed === 0 && passed > 0 ? 'holds' : 'DOES NOT HOLD';
  const took = ((performance.now() - beginMs) / 1_000).toFixed(1);
  figures[`${name} (${kind})`] = `${verdict}: ${part.title}; ${passed} checks, ${failed} failed, ${took} s`;
  if (sabotage === undefined && size.name !== 'sabotaged')
    console.error(`--    ${name} (${kind}): ${verdict}, ${took} s`);
}

async function proved(brief: Brief, { part, kind, house }: Turn): Promise<Figures> {
  const { checks, size, sabotage } = brief;
  if (part.kind === 'shared') {
    if (house === undefined) throw new Error('a shared part has no house');
    return part.prove(house, checks, size);
  }
  const places: { store: StorePlace; sabotage: string | undefined } = {
    store: await brief.stores.place(kind),
    sabotage,
  };
  return part.prove({ ...places, stores: brief.stores }, checks, size);
}

function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
