import { pico } from '../../kernel/amounts.ts';
import type { Prices, Rate, TokenClass } from '../../protocol/price-sheet.ts';
import type { Quantity } from '../../protocol/usage.ts';
import { daySecond } from '../day-time.ts';
import { countOf } from '../exact-json.ts';
import { exactRate } from '../exact-rate.ts';
import type { CatalogModel, NameRules, PriceRule } from '../model.ts';
import { operationOfName } from '../operation-names.ts';

/** Where the newest data is published (read 2026-11-21 in the package's own constants). */
export const GENAI_PRICES_URL =
  'https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/new_data/v2/data.json';

type Json = Readonly<Record<string, unknown>>;

/** Whether a parsed document has the shape of genai-prices' published list: vendors, each with its models. */
export function isGenaiPrices(document: unknown): document is readonly Json[] {
  return Array.isArray(document) && document.length > 0 && document.every((one) => isObject(one) && isText(one['id']));
}

/**
 * The models of genai-prices' list, read by `parseExactJson`.
 */
export function fromGenaiPrices(vendors: readonly Json[]): CatalogModel[] {
  return vendors.flatMap(({ id: vendor, models }) =>
    (Array.isArray(models) ? models : []).filter(isObject).flatMap((model) => {
      const { id, name, context_window: context, deprecated, match, prices } = model;
      if (!isText(id) || !isText(vendor)) return [];
      const contextWindow = countOf(context);
      return {
        vendor,
        id,
        ...(isText(name) && name !== id ? { name } : {}),
        operation: operationOfName(id),
        ...(contextWindow === undefined ? {} : { contextWindow }),
        ...(deprecated === true ? { deprecated } : {}),
        prices: rulesOf(prices).map((rule) => withHabits(vendor, id, rule)),
        match: matchOf(match, id),
      };
    }),
  );
}

function rulesOf(prices: unknown): PriceRule[] {
  const conditional = Array.isArray(prices) ? prices.filter(isObject) : [{ prices }];
  return conditional.flatMap(({ prices: list, constraint }) => {
    const when = whenOf(constraint);
    return !isObject(list) || Object.keys(list).length === 0 || when === undefined
      ? []
      : [{ ...ratesOf(list), ...when }];
  });
}

/** The list's names of kinds of tokens; their prices are for a million. */
const TOKEN_KEYS: Readonly<Record<string, TokenClass>> = {
  input_mtok: 'input',
  cache_read_mtok: 'cachedInput',
  cache_write_mtok: 'cacheWrite',
  cache_write_1h_mtok: 'cacheWrite1h',
  input_audio_mtok: 'inputAudio',
  cache_audio_read_mtok: 'cachedAudio',
  input_image_mtok: 'inputImage',
  cache_image_read_mtok: 'cachedImage',
  input_video_mtok: 'inputVideo',
  cache_video_read_mtok: 'cachedVideo',
  output_mtok: 'output',
  output_reasoning_mtok: 'reasoning',
  output_audio_mtok: 'outputAudio',
  output_image_mtok: 'outputImage',
  output_video_mtok: 'outputVideo',
  output_citation_mtok: 'citation',
};

/** The list's names of what is not tokens, ours, and for how many their prices are. The more telling stand later. */
const QUANTITY_KEYS: Readonly<Record<string, readonly [readonly Quantity[], bigint]>> = {
  audio_hours: [['transcription-seconds', 'conversation-seconds'], 3_600n],
  input_audio_hours: [['transcription-seconds'], 3_600n],
  output_audio_hours: [['speech-seconds'], 3_600n],
  input_mchars: [['speech-characters'], 1_000_000n],
  input_document_kpages: [['pages', 'annotated-pages'], 1_000n],
  input_annotated_document_kpages: [['annotated-pages'], 1_000n],
  input_text_messages_kcount: [['text-messages'], 1_000n],
  web_searches_kcount: [['web-searches'], 1_000n],
  storage_searches_kcount: [['file-searches'], 1_000n],
  social_searches_kcount: [['social-searches'], 1_000n],
  rerank_searches_kcount: [['rerank-searches'], 1_000n],
  code_executions_kcount: [['code-executions'], 1_000n],
};

const MILLION = 1_000_000n;
const THOUSAND = 1_000n;

function ratesOf(list: Json): Prices & { readonly otherUnits?: readonly string[] } {
  const tokens: Partial<Record<TokenClass, Rate>> = {};
  const quantities: Record<string, Rate> = {};
  const otherUnits: string[] = [];
  for (const [key, value] of Object.entries(list)) {
    const token = Object.hasOwn(TOKEN_KEYS, key) ? TOKEN_KEYS[key] : undefined;
    const rate = token && rateOf(value, MILLION);
    if (token !== undefined && rate !== undefined) tokens[token] = rate;
    else if (!Object.hasOwn(QUANTITY_KEYS, key) && key !== 'requests_kcount') otherUnits.push(key);
  }
  for (const [key, [names, per]] of Object.entries(QUANTITY_KEYS)) {
    const rate = rateOf(list[key], per);
    if (rate !== undefined) for (const name of names) quantities[name] = rate;
  }
  const perRequest = rateOf(list['requests_kcount'], THOUSAND);
  return {
    tokens,
    ...(Object.keys(quantities).length === 0 ? {} : { quantities }),
    ...(perRequest === undefined ? {} : { perRequest }),
    ...(otherUnits.length === 0 ? {} : { otherUnits }),
  };
}

function rateOf(value: unknown, per: bigint): Rate | undefined {
  if (!isObject(value)) return exactRate(value, per);
  const tiers = (Array.isArray(value['tiers']) ? value['tiers'] : []).map((tier: unknown) => {
    const { start, price }: Json = isObject(tier) ? tier : {};
    return { aboveInputTokens: countOf(start), dollars: price };
  });
  return tiers.every(hasStart) ? exactRate(value['base'], per, tiers) : undefined;
}

function hasStart<Tier extends { aboveInputTokens: number | undefined }>(
  tier: Tier,
): tier is Tier & { aboveInputTokens: number } {
  return tier.aboveInputTokens !== undefined;
}

/** What the list leaves to the reader to know of a vendor. */
function withHabits(vendor: string, id: string, rule: PriceRule): PriceRule {
  // Perplexity's fee for a request includes its searches (docs.perplexity.ai, pricing, as the list quotes it).
  if (vendor === 'perplexity' && rule.quantities?.['web-searches'] === undefined) {
    return { ...rule, quantities: { ...rule.quantities, 'web-searches': FREE } };
  }
  // Both sell by what goes in alone (docs.voyageai.com, pricing; docs.typesafe.ai, models; as the list quotes them).
  if ((vendor === 'voyageai' || vendor === 'typesafe') && rule.tokens.output === undefined) {
    return { ...rule, tokens: { ...rule.tokens, output: FREE } };
  }
  // A model that hears and speaks sells sound, whether its price was written down or not; text's price is not sound's.
  const { inputAudio, outputAudio } = rule.tokens;
  if (/(?:^|[-/])audio(?:-|$)/.test(id) && inputAudio === undefined && outputAudio === undefined) {
    return { ...rule, unknown: ['inputAudio', 'cachedAudio', 'outputAudio'] };
  }
  return rule;
}

const FREE: Rate = { picoUsd: pico(0n), per: 1n, tiers: [] };

/** @returns `undefined` for a condition that is not understood: its price must not be taken for an ordinary one */
function whenOf(constraint: unknown): Pick<PriceRule, 'fromAt' | 'daily'> | undefined {
  if (constraint === undefined || constraint === null) return {};
  if (!isObject(constraint)) return undefined;
  const { start_date: date, start_time: start, end_time: end } = constraint;
  if (isText(date)) {
    const fromAt = Date.parse(`${date}T00:00:00Z`);
    return Number.isNaN(fromAt) ? undefined : { fromAt };
  }
  const fromS = daySecond(start);
  const toS = daySecond(end);
  return fromS === undefined || toS === undefined ? undefined : { daily: { fromS, toS } };
}

/** `^gpt-6-\d{8}$`: a name and nothing but a date. */
const DATED = /^\^([\w.\\/-]+?)(?:\\d\{8\}|\\d\{4\}-\\d\{2\}-\\d\{2\})\$$/;

/** Everything but names that say "tts": the list's way of telling a model from its speaking sibling. */
const NOT_SPEAKING = '^(?!.*-[tT][tT][sS](?:$|-))';

/** The clauses that can be kept as lists; others are dropped, because no expression of somebody else's is ever run. */
function matchOf(match: unknown, id: string): NameRules {
  const rules = {
    names: [] as string[],
    prefixes: [] as string[],
    suffixes: [] as string[],
    parts: [] as string[],
    dated: [] as string[],
    without: [] as string[],
  };
  const walk = (clause: unknown): void => {
    if (!isObject(clause)) return;
    if (Array.isArray(clause['or'])) for (const one of clause['or']) walk(one);
    const all: unknown[] = Array.isArray(clause['and']) ? clause['and'] : [];
    const rest = all.filter((one) => !isObject(one) || one['regex'] !== NOT_SPEAKING);
    if (all.length === 2 && rest.length === 1) {
      walk(rest[0]);
      rules.without.push('-tts');
    }
    const { equals, starts_with: prefix, ends_with: suffix, contains, regex } = clause;
    if (isText(equals) && equals.toLowerCase() !== id.toLowerCase()) rules.names.push(equals.toLowerCase());
    if (isText(prefix)) rules.prefixes.push(prefix.toLowerCase());
    if (isText(suffix)) rules.suffixes.push(suffix.toLowerCase());
    if (isText(contains)) rules.parts.push(contains.toLowerCase());
    const stem = isText(regex) ? DATED.exec(regex)?.[1] : undefined;
    if (stem !== undefined) rules.dated.push(stem.replaceAll('\\', '').toLowerCase());
  };
  walk(match);
  const { without, ...others } = rules;
  return without.length === 0 ? others : rules;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
