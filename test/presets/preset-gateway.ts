import { readFileSync } from 'node:fs';
import { openCatalog } from '../../src/catalog/packaged.ts';
import { catalogPrices } from '../../src/compose/catalog-prices.ts';
import { openAiProvider } from '../../src/compose/providers.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { presetOf } from '../../src/config/presets.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { TestGateway } from '../support/gateway.ts';

const NOWHERE = '/nowhere';

/** The real data path with the providers of a configuration file's text, the catalogue's prices included. */
export async function presetGateway(
  yaml: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly gateway: TestGateway; readonly warnings: readonly string[] }> {
  const path = `${NOWHERE}/leeward.yaml`;
  const readText = (file: string) => (file === path ? yaml : readFileSync(file, 'utf8'));
  const { config, warnings } = loadConfig({ path, required: true, env, readText });
  const { catalog } = openCatalog(NOWHERE);
  const providers = [...config.providers.values()].map((provider) => {
    const prices = catalogPrices(() => catalog, presetOf(provider.preset).vendors, systemClock);
    return openAiProvider(provider, systemClock, [], prices);
  });
  const aliases = Object.fromEntries(config.aliases);
  return { gateway: await TestGateway.start({ upstreams: {}, providers, aliases }), warnings };
}
