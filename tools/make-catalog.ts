/**
 * Makes assets/models.json, the catalogue of models that is packaged: prices
 * and windows from @pydantic/genai-prices, longest answers and modalities from
 * tools/catalog/limits.json (see make-model-limits.ts), prices of media, service
 * tiers and batches from assets/media-prices.json. Run it whenever one of
 * them changes:
 *
 *     node tools/make-catalog.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findProvider } from '@pydantic/genai-prices';
import { Catalog } from '../src/catalog/catalog.ts';
import { parseCatalogText, writeCatalogText } from '../src/catalog/catalog-text.ts';
import { parseExactJson } from '../src/catalog/exact-json.ts';
import { mediaVersion, withMediaPrices } from '../src/catalog/media-prices.ts';
import type { CatalogModel, CatalogSource } from '../src/catalog/model.ts';
import { withLimits } from '../src/catalog/model-limits.ts';
import { fromGenaiPrices, isGenaiPrices } from '../src/catalog/sources/genai-prices.ts';

/** Every vendor of the package; it has no list of them, and tells of one that is missing here by the test beside this. */
export const VENDORS = [
  'anthropic',
  'arcee',
  'avian',
  'aws',
  'azure',
  'baseten',
  'cerebras',
  'cloudflare',
  'cohere',
  'cursor',
  'deepseek',
  'doubleword',
  'fireworks',
  'github-copilot',
  'google',
  'groq',
  'huggingface_cerebras',
  'huggingface_fireworks-ai',
  'huggingface_groq',
  'huggingface_hyperbolic',
  'huggingface_nebius',
  'huggingface_novita',
  'huggingface_nscale',
  'huggingface_ovhcloud',
  'huggingface_publicai',
  'huggingface_sambanova',
  'huggingface_together',
  'minimax',
  'mistral',
  'modal',
  'moonshotai',
  'novita',
  'openai',
  'openrouter',
  'ovhcloud',
  'perplexity',
  'quicksilverpro',
  'together',
  'typesafe',
  'voyageai',
  'x-ai',
  'zai',
  'zhipuai',
];

/** When the package was published; its data is of that day at the latest. */
const PUBLISHED: Readonly<Record<string, string>> = { '0.1.8': '2026-09-23' };

export function packagedCatalog(): string {
  const { version } = JSON.parse(
    readFileSync(new URL('../node_modules/@pydantic/genai-prices/package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  const day = PUBLISHED[version];
  if (day === undefined) throw new Error(`write into PUBLISHED when @pydantic/genai-prices ${version} was published`);
  const vendors = VENDORS.map((id) => findProvider({ providerId: id }));
  const document = parseExactJson(JSON.stringify(vendors));
  if (!isGenaiPrices(document)) throw new Error('genai-prices has another shape than it had');
  const limits: unknown = JSON.parse(readFileSync(new URL('./catalog/limits.json', import.meta.url), 'utf8'));
  const sources: CatalogSource[] = [
    {
      name: 'genai-prices',
      url: 'https://github.com/pydantic/genai-prices',
      licence: 'MIT',
      version: `${version}, ${day}`,
    },
    { name: 'models.dev', url: 'https://models.dev', licence: 'MIT', version: '2026-05-08' },
  ];
  const media: unknown = JSON.parse(readFileSync(new URL('../assets/media-prices.json', import.meta.url), 'utf8'));
  const header = {
    version: `genai-prices-${version}+media-${mediaVersion(media)}`,
    madeAt: `${day}T00:00:00Z`,
    sources,
  };
  return writeCatalogText(header, withMediaPrices(withLimits(fromGenaiPrices(document), limits), media));
}

function report(text: string): string {
  const catalog = new Catalog(parseCatalogText(text));
  const models: CatalogModel[] = catalog.vendors.flatMap((vendor) => [...catalog.models(vendor)]);
  const count = (has: (model: CatalogModel) => unknown) => models.filter((model) => has(model) !== undefined).length;
  return `${models.length} models of ${catalog.vendors.length} vendors: ${count(({ prices }) => prices[0]?.tokens.input)} with an input price, ${count(({ contextWindow }) => contextWindow)} with a window, ${count(({ maxOutputTokens }) => maxOutputTokens)} with a longest answer, ${count(({ input }) => input)} with modalities; ${text.length} bytes`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = packagedCatalog();
  writeFileSync(new URL('../assets/models.json', import.meta.url), text);
  console.log(report(text));
}
