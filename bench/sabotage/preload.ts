import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { BENCH_SABOTAGES } from './list.ts';

/**
 * Loaded with `--import` into the bench and, through its arguments, into the
 * mocks and proxies that are part of it: replaces one line as it is loaded.
 */
const name = process.env['LEEWARD_BENCH_SABOTAGE'];
const sabotage = BENCH_SABOTAGES.find((candidate) => candidate.name === name);
if (sabotage === undefined) throw new Error(`there is no sabotage of the bench called ${name}`);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.startsWith('file:') || !fileURLToPath(url).endsWith(`/bench/${sabotage.file}`)) return loaded;
    const source = String(loaded.source);
    // A sabotage that no longer finds its line would leave the run green for the wrong reason.
    if (source.split(sabotage.find).length !== 2) {
      throw new Error(`sabotage ${sabotage.name}: its text does not stand exactly once in bench/${sabotage.file}`);
    }
    return { ...loaded, source: source.replace(sabotage.find, () => sabotage.replace) };
  },
});
