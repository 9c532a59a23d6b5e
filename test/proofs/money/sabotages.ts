import { Checks } from '../parts/checks.ts';
import type { StoreKind } from './house.ts';
import { proveParts } from './prove.ts';
import type { Stores } from './stores.ts';

/** A deliberate fault, by its name in the list of sabotages, and the part that has to notice it. */
export interface Break {
  readonly name: string;
  readonly part: string;
  /** Where it can be seen; absent: on the embedded one. */
  readonly store?: StoreKind;
}

export const BREAKS: readonly Break[] = [];

export interface BreaksBrief {
  readonly stores: Stores;
  readonly kinds: readonly StoreKind[];
  readonly names: readonly string[];
  readonly checks: Checks;
}

/** Each fault alone, against its own part in its smallest form: most of each is the start of a gateway. */
export async function proveBreaks({ stores, kinds, names, checks }: BreaksBrief): Promise<Record<string, string>> {
  const noticed: Record<string, string> = {};
  const wanted = BREAKS.filter(({ part, store = 'embedded' }) => names.includes(part) && kinds.includes(store));
  for (const { name, part, store = 'embedded' } of wanted) {
    const quiet = new Checks(() => undefined);
    const brief = { stores, kinds: [store], names: [part], checks: quiet, size: { name: 'sabotaged' } as const };
    // A gateway that does not even start proves nothing about the proof.
    const unproven = await proveParts({ ...brief, sabotage: name }).then(() => undefined, String);
    if (unproven !== undefined) {
      checks.that(`${name} can be tried`, false, unproven.slice(0, 300));
      continue;
    }
    const [first] = quiet.failed;
    noticed[name] = quiet.failed.map(({ title }) => title).join('; ');
    checks.that(
      `${name} turns ${part} red`,
      first !== undefined,
      first === undefined ? '' : `${first.title}: ${first.detail.slice(0, 160)}`,
    );
  }
  return noticed;
}
