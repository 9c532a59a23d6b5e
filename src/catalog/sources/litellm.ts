import type { Operation } from '../../protocol/operation.ts';
import type { Rate, TokenClass } from '../../protocol/price-sheet.ts';
import type { Quantity } from '../../protocol/usage.ts';
import { countOf } from '../exact-json.ts';
import { exactRate } from '../exact-rate.ts';
import type { CatalogModel, Modality, PriceRule } from '../model.ts';

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

/** The models of LiteLLM's list, read by `parseExactJson`. */
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
    const rule = ruleOf(value, operation);
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

/** The list's names of kinds of tokens; a tier's own prices have its name behind them. */
const TOKEN_KEYS: Readonly<Record<string, TokenClass>> = {
  input_cost_per_token: 'input',
  cache_read_input_token_cost: 'cachedInput',
  cache_creation_input_token_cost: 'cacheWrite',
  cache_creation_input_token_cost_above_1hr: 'cacheWrite1h',
  input_cost_per_audio_token: 'inputAudio',
  cache_read_input_audio_token_cost: 'cachedAudio',
  input_cost_per_image_token: 'inputImage',
  input_cost_per_video_token: 'inputVideo',
  output_cost_per_token: 'output',
  output_cost_per_reasoning_token: 'reasoning',
  output_cost_per_audio_token: 'outputAudio',
  output_cost_per_image_token: 'outputImage',
  citation_cost_per_token: 'citation',
};

const TIERS = { flex: '_flex', priority: '_priority', batch: '_batches' } as const;

/** What the prices mean depends on what the model does. */
const QUANTITY_KEYS: readonly (readonly [string, Operation, Quantity])[] = [
  ['output_cost_per_image', 'image', 'images'],
  ['input_cost_per_image', 'image', 'images'],
  ['input_cost_per_second', 'transcribe', 'transcription-seconds'],
  ['output_cost_per_second', 'video', 'video-seconds'],
  ['output_cost_per_video_per_second', 'video', 'video-seconds'],
  ['input_cost_per_character', 'speech', 'speech-characters'],
  ['input_cost_per_query', 'rerank', 'rerank-searches'],
  ['ocr_cost_per_page', 'chat', 'pages'],
];

/** What is charged for beside what has a name above. */
const OTHER_UNIT = /^(?:input|output)_cost_per_(?!(?:audio_|image_|video_|reasoning_)?token)(.+)$/;

function ruleOf(value: Json, operation: Operation | undefined): PriceRule | undefined {
  const tokens = tokenRates(value, '');
  const quantities: Record<string, Rate> = {};
  const read = new Set<string>();
  for (const [key, of, quantity] of QUANTITY_KEYS) {
    const rate = operation === of ? exactRate(value[key], 1n) : undefined;
    if (rate === undefined) continue;
    quantities[quantity] = rate;
    read.add(key);
  }
  const otherUnits = Object.keys(value).filter((key) => OTHER_UNIT.test(key) && !read.has(key) && !isZero(value[key]));
  const terms = Object.entries(TIERS).flatMap(([name, suffix]) => {
    const own = tokenRates(value, suffix);
    return own.input === undefined ? [] : [[name, { tokens: own }] as const];
  });
  if (Object.keys(tokens).length + Object.keys(quantities).length + otherUnits.length === 0) return undefined;
  return {
    tokens,
    ...(Object.keys(quantities).length === 0 ? {} : { quantities }),
    ...(terms.length === 0 ? {} : { terms: Object.fromEntries(terms) }),
    ...(otherUnits.length === 0 ? {} : { otherUnits }),
  };
}

function isZero(value: unknown): boolean {
  return value === '0' || value === '0.0';
}

function tokenRates(value: Json, suffix: string): Partial<Record<TokenClass, Rate>> {
  const rates: Partial<Record<TokenClass, Rate>> = {};
  for (const [key, name] of Object.entries(TOKEN_KEYS)) {
    const rate = rateOf(value, key, suffix);
    if (rate !== undefined) rates[name] = rate;
  }
  return rates;
}

function rateOf(value: Json, key: string, suffix: string): Rate | undefined {
  const tiers = Object.entries(value).flatMap(([other, dollars]) => {
    if (!other.startsWith(`${key}_above_`) || !other.endsWith(`k_tokens${suffix}`)) return [];
    const thousands = /_above_(\d{1,6})k_tokens/.exec(other)?.[1];
    return thousands === undefined ? [] : [{ aboveInputTokens: Number(thousands) * 1_000, dollars }];
  });
  return exactRate(value[key + suffix], 1n, tiers);
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
