import { scaledDecimal } from '../../kernel/decimal.ts';
import type { Operation } from '../../protocol/operation.ts';
import { countOf } from '../exact-json.ts';
import type { CatalogModel, Modality, PriceRule, TokenRate } from '../model.ts';

/** Dollars per token in pico-USD per token. */
const PICO_SCALE = 12;

type Json = Readonly<Record<string, unknown>>;

/** LiteLLM's names of vendors where they differ from the catalogue's; others are taken as they are. */
const VENDORS: Readonly<Record<string, string>> = {
  'text-completion-openai': 'openai',
  azure_ai: 'azure',
  azure_text: 'azure',
  xai: 'x-ai',
  together_ai: 'together',
  fireworks_ai: 'fireworks',
  'fireworks_ai-embedding-models': 'fireworks',
  gemini: 'google',
  bedrock: 'aws',
  bedrock_converse: 'aws',
  voyage: 'voyageai',
  moonshot: 'moonshotai',
  cohere_chat: 'cohere',
};

const OPERATIONS: Readonly<Record<string, Operation>> = {
  chat: 'chat',
  completion: 'chat',
  responses: 'chat',
  embedding: 'embed',
  image_generation: 'image',
  image_edit: 'image',
  audio_transcription: 'transcribe',
  audio_speech: 'speech',
  video_generation: 'video',
  rerank: 'rerank',
  moderation: 'moderate',
  realtime: 'realtime',
};

/** Whether a parsed document has the shape of LiteLLM's list: models by name, each with its `litellm_provider`. */
export function isLitellmPrices(document: unknown): document is Json {
  return isObject(document) && Object.values(document).some((one) => isObject(one) && isText(one['litellm_provider']));
}

/** The models of LiteLLM's list, read by `parseExactJson`. A price that is not whole pico-USD is left out. */
export function fromLitellmPrices(document: Json): CatalogModel[] {
  return Object.entries(document).flatMap(([key, value]) => {
    if (key === 'sample_spec' || !isObject(value)) return [];
    const declared = value['litellm_provider'];
    if (!isText(declared) || !/^[\w.-]{1,64}$/.test(declared)) return [];
    const contextWindow = countOf(value['max_input_tokens']) ?? countOf(value['max_tokens']);
    const maxOutputTokens = countOf(value['max_output_tokens']);
    const mode = value['mode'];
    const operation = isText(mode) && Object.hasOwn(OPERATIONS, mode) ? OPERATIONS[mode] : undefined;
    const deprecatedAt = value['deprecation_date'];
    const rule = ruleOf(value);
    const input = inputsOf(value);
    return {
      vendor: vendorOf(declared),
      id: key.startsWith(`${declared}/`) ? key.slice(declared.length + 1) : key,
      ...(operation === undefined ? {} : { operation }),
      ...(contextWindow === undefined ? {} : { contextWindow }),
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      ...(input === undefined ? {} : { input }),
      ...(isText(deprecatedAt) && /^\d{4}-\d{2}-\d{2}$/.test(deprecatedAt) ? { deprecatedAt } : {}),
      prices: rule === undefined ? [] : [rule],
      match: { names: [], prefixes: [], suffixes: [], parts: [], dated: [] },
    };
  });
}

function vendorOf(declared: string): string {
  if (declared.startsWith('vertex_ai')) return 'google';
  return Object.hasOwn(VENDORS, declared) ? (VENDORS[declared] ?? declared) : declared;
}

const TOKEN_KEYS = {
  input_cost_per_token: 'input',
  cache_read_input_token_cost: 'cachedInput',
  cache_creation_input_token_cost: 'cacheWrite',
  output_cost_per_token: 'output',
} as const;

/** What is charged for beside text tokens of the ordinary service tier. */
const OTHER_UNIT = /^(?:input|output)_cost_per_(?!token)(.+)$/;

function ruleOf(value: Json): PriceRule | undefined {
  const rule: { -readonly [Key in keyof PriceRule]: PriceRule[Key] } = {};
  for (const [key, own] of Object.entries(TOKEN_KEYS)) {
    const rate = rateOf(value, key);
    if (rate !== undefined) rule[own] = rate;
  }
  const also = Object.keys(value).flatMap((key) => {
    const unit = value[key] === '0.0' || value[key] === '0' ? undefined : OTHER_UNIT.exec(key)?.[1];
    return unit === undefined ? [] : [`${key.startsWith('input') ? 'input' : 'output'}_${unit.replace(/_token$/, '')}`];
  });
  if (also.length > 0) rule.alsoPriced = also;
  return Object.keys(rule).length === 0 ? undefined : rule;
}

function rateOf(value: Json, key: string): TokenRate | undefined {
  const picoUsd = picoOf(value[key]);
  if (picoUsd === undefined) return undefined;
  const tiers: { aboveInputTokens: number; picoUsd: bigint }[] = [];
  for (const [other, price] of Object.entries(value)) {
    const thousands = other.startsWith(`${key}_above_`) ? /_above_(\d{1,6})k_tokens$/.exec(other)?.[1] : undefined;
    const tier = picoOf(price);
    if (thousands !== undefined && tier !== undefined) {
      tiers.push({ aboveInputTokens: Number(thousands) * 1_000, picoUsd: tier });
    }
  }
  return { picoUsd, tiers: tiers.toSorted((one, other) => one.aboveInputTokens - other.aboveInputTokens) };
}

function picoOf(value: unknown): bigint | undefined {
  return isText(value) ? scaledDecimal(value, PICO_SCALE) : undefined;
}

/** Said of few models: where nothing is said, nothing is known. */
function inputsOf(value: Json): Modality[] | undefined {
  const said = (['image', 'audio', 'video', 'pdf'] as const).filter(
    (kind) => value[kind === 'image' ? 'supports_vision' : `supports_${kind}_input`] === true,
  );
  return said.length === 0 ? undefined : ['text', ...said];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
