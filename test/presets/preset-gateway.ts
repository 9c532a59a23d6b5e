import { readFileSync } from 'node:fs';
import { openCatalog } from '../../src/catalog/packaged.ts';
import { catalogPrices } from '../../src/compose/catalog-prices.ts';
import type { FoundProviders } from '../../src/compose/find-providers.ts';
import { modelList } from '../../src/compose/model-list.ts';
import { openAiProvider } from '../../src/compose/providers.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { presetOf } from '../../src/config/presets.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { TestGateway } from '../support/gateway.ts';

const NOTHING_FOUND: FoundProviders = {
  providers: [],
  notices: [],
  modelsOf: () => [],
  sourceOf: () => undefined,
  checks: async () => undefined,
};

const NOWHERE = '/nowhere';

/** The real data path with the providers of a configuration file's text, the catalogue's prices included. */
export async function presetGateway(
  yaml: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly gateway: TestGateway; readonly warnings: readonly string[] }> {
  const path = `${NOWHERE}/leeward.yaml`;
  const readText = (file: string) => (file === path ? yaml : readFileSync(file, 'utf8'));
  const loaded = loadConfig({ path, required: true, env, readText });
  const { config, warnings } = loaded;
  const { catalog } = openCatalog(NOWHERE);
  const providers = [...config.providers.values()].map((provider) => {
    const sheetOf = catalogPrices(() => catalog, presetOf(provider.preset).vendors, systemClock);
    return openAiProvider(provider, systemClock, [], { sheetOf });
  });
  const aliases = Object.fromEntries(config.aliases);
  const models = () => modelList({ loaded, found: NOTHING_FOUND, catalog, at: systemClock.now() });
  return { gateway: await TestGateway.start({ upstreams: {}, providers, aliases, models }), warnings };
}
