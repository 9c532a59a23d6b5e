import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SABOTAGES, type Sabotage } from '../../support/sabotage/list.ts';
import { Checks } from '../parts/checks.ts';
import { liveThrough } from './newcomer.ts';
import type { Place } from './scenarios.ts';
import { killOpen } from './terminal.ts';

/**
 * Proves the proof: with one line of the clone's own source replaced, a
 * newcomer's day must no longer go well.
 */
export async function proveSabotages(place: Place): Promise<void> {
  for (const sabotage of SABOTAGES.filter(({ caughtBy }) => caughtBy.includes('start'))) {
    const quiet = new Checks(() => undefined);
    await withLineReplaced(place.checkout, sabotage, () => liveThrough({ ...place, checks: quiet })).catch(
      // Where nothing starts any more, that is what was noticed.
      (error: unknown) => quiet.that('a newcomer can go on', false, String(error).slice(0, 200)),
    );
    await killOpen();
    rmSync(join(place.checkout, '.leeward'), { recursive: true, force: true });
    const noticed = quiet.failed.map(({ title }) => title).join('; ');
    place.checks.that(`${sabotage.name} turns the proof red`, quiet.failed.length > 0, noticed);
  }
}

async function withLineReplaced(
  checkout: string,
  { name, file, find, replace }: Sabotage,
  act: () => Promise<unknown>,
): Promise<void> {
  const path = join(checkout, 'src', file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2) throw new Error(`${name}: its text does not stand exactly once in src/${file}`);
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
  try {
    await act();
  } finally {
    writeFileSync(path, source);
  }
}
