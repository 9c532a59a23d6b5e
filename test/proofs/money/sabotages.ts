import { MONEY_SABOTAGES, type MoneySabotage } from '../../support/sabotage/money.ts';
import { Checks } from '../parts/checks.ts';
import type { StoreKind } from './house.ts';
import { proveParts } from './prove.ts';
import type { Stores } from './stores.ts';

export interface BreaksBrief {
  readonly stores: Stores;
  readonly kinds: readonly StoreKind[];
  readonly names: readonly string[];
  readonly checks: Checks;
}

/** Faults that are tried at the same time: most of each is the start of a gateway. */
const LANES = 2;
/** Parts that measure time, or that stop the server which others would be on. */
const ALONE = new Set(['M11']);

/** Each fault alone, against its own part in its smallest form. */
export async function proveBreaks(brief: BreaksBrief): Promise<Record<string, string>> {
  const { kinds, names } = brief;
  const noticed: Record<string, string> = {};
  const storeOf = ({ store = 'embedded' }: MoneySabotage): StoreKind => store;
  const wanted = MONEY_SABOTAGES.filter((one) => names.includes(one.part) && kinds.includes(storeOf(one)));
  const alone = (one: MoneySabotage) => ALONE.has(one.part) || storeOf(one) === 'server';
  const lane = async (left: MoneySabotage[]) => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      await proveBreak(next, storeOf(next), brief, noticed);
    }
  };
  const together = wanted.filter((one) => !alone(one));
  await Promise.all(Array.from({ length: LANES }, () => lane(together)));
  await lane(wanted.filter(alone));
  return noticed;
}

async function proveBreak(
  { name, part, check }: MoneySabotage,
  kind: StoreKind,
  { stores, checks }: BreaksBrief,
  noticed: Record<string, string>,
): Promise<void> {
  const quiet = new Checks(() => undefined);
  const brief = { stores, kinds: [kind], names: [part], checks: quiet, size: { name: 'sabotaged' } as const };
  // A gateway that does not even start proves nothing about the proof.
  const unproven = await proveParts({ ...brief, sabotage: name }).then(() => undefined, String);
  if (unproven !== undefined) {
    checks.that(`${name} can be tried`, false, unproven.slice(0, 300));
    return;
  }
  const seen = quiet.failed.find(({ title }) => title.includes(check));
  const others = quiet.failed.map(({ title }) => title).join('; ');
  noticed[name] = others;
  checks.that(
    `${name} turns ${part} red where ${check} is asked`,
    seen !== undefined,
    seen === undefined ? `red: ${others || 'nothing'}` : seen.detail.slice(0, 160),
  );
}
