import type { Draft } from '../../../src/kernel/draft.ts';
import type { Quantity, Usage } from '../../../src/protocol/usage.ts';
import { at, isRawUsage, type RawUsage } from '../../../src/protocol/usage-fields.ts';
import { readAnthropicUsage } from '../../../src/providers/anthropic/usage.ts';
import { readBedrockUsage } from '../../../src/providers/bedrock/usage.ts';
import { readCohereUsage } from '../../../src/providers/cohere/usage.ts';
import { readGeminiUsage } from '../../../src/providers/gemini/usage.ts';
import { readPagesUsage } from '../../../src/providers/mistral/pages.ts';
import { readUsage } from '../../../src/providers/openai/usage.ts';

/** Our reading of an answer's body, by the reader of the surface it came from. */
export function ourReading(vendor: string, flavor: string, body: RawUsage): Usage | undefined {
  const usage = body['usage'] ?? at(body, 'result', 'usage') ?? at(body, 'response', 'usage');
  if (flavor === 'anthropic' || (flavor === 'default' && ['anthropic', 'minimax'].includes(vendor))) {
    return readAnthropicUsage(usage);
  }
  if (vendor === 'google' && flavor === 'default') return readGeminiUsage(body['usageMetadata']);
  if (vendor === 'aws' && flavor === 'default') return readBedrockUsage(usage);
  if (vendor === 'cohere') return readCohereUsage(cohereUsage(flavor, usage ?? body['meta']));
  if (flavor.startsWith('ocr')) return readPagesUsage(body['usage_info'], flavor === 'ocr_annotated');
  const read = readUsage(usage, body);
  return flavor === 'embeddings' ? inputOnly(read) : read;
}

/** The one flavour takes what is billed, the other what was counted. */
function cohereUsage(flavor: string, usage: unknown): unknown {
  return flavor === 'tokens' && isRawUsage(usage) ? { tokens: usage['tokens'] } : usage;
}

/** An answer with embeddings has no output; the oracle also tries this reader on answers that have. */
function inputOnly(usage: Usage | undefined): Usage | undefined {
  return usage?.inputTokens === undefined ? undefined : { inputTokens: usage.inputTokens, outputTokens: 0 };
}

const TOKENS: Readonly<Record<string, keyof Usage>> = {
  input_tokens: 'inputTokens',
  cache_read_tokens: 'cachedInputTokens',
  cache_write_tokens: 'cacheWriteTokens',
  cache_write_1h_tokens: 'cacheWrite1hTokens',
  input_audio_tokens: 'inputAudioTokens',
  cache_audio_read_tokens: 'cachedAudioTokens',
  input_image_tokens: 'inputImageTokens',
  cache_image_read_tokens: 'cachedImageTokens',
  input_video_tokens: 'inputVideoTokens',
  cache_video_read_tokens: 'cachedVideoTokens',
  output_tokens: 'outputTokens',
  output_reasoning_tokens: 'reasoningTokens',
  output_audio_tokens: 'outputAudioTokens',
  output_image_tokens: 'outputImageTokens',
  output_video_tokens: 'outputVideoTokens',
  output_citation_tokens: 'citationTokens',
};

const QUANTITIES: Readonly<Record<string, Quantity>> = {
  web_searches: 'web-searches',
  storage_searches: 'file-searches',
  social_searches: 'social-searches',
  code_executions: 'code-executions',
  rerank_searches: 'rerank-searches',
  input_document_pages: 'pages',
  input_annotated_document_pages: 'annotated-pages',
  input_text_messages: 'text-messages',
  audio_seconds: 'conversation-seconds',
  input_audio_seconds: 'transcription-seconds',
  output_audio_seconds: 'speech-seconds',
  input_characters: 'speech-characters',
};

/** The oracle's reading in our words. */
export function oracleReading(counts: Readonly<Record<string, number>>): Usage {
  const usage: Draft<Usage> = { inputTokens: 0, outputTokens: 0 };
  for (const [name, count] of Object.entries(counts)) {
    const field = TOKENS[name];
    const quantity = QUANTITIES[name];
    if (field !== undefined) usage[field as 'inputTokens'] = count;
    // Annotated pages are told as pages too.
    else if (quantity !== undefined && !(name === 'input_document_pages' && counts['input_annotated_document_pages'])) {
      usage.quantities = { ...usage.quantities, [quantity]: count };
    }
  }
  return comparable(usage).usage;
}

/**
 * What we read of an answer that the oracle's reader has no field for, where
 * that is all that the two readings differ in; `undefined` where they differ
 * in a count that both have.
 */
export function readBeyond(ours: Usage, oracle: Usage): string[] | undefined {
  const beyond: string[] = [];
  for (const field of Object.values(TOKENS)) {
    const own = Number(ours[field] ?? 0);
    const its = Number(oracle[field] ?? 0);
    if (own === its) continue;
    if (its !== 0 || field === 'inputTokens' || field === 'outputTokens') return undefined;
    beyond.push(`${own} ${field}`);
  }
  const quantities = { ...oracle.quantities, ...ours.quantities };
  for (const name of Object.keys(quantities) as Quantity[]) {
    const own = ours.quantities?.[name] ?? 0;
    const its = oracle.quantities?.[name] ?? 0;
    if (own === its) continue;
    if (its !== 0) return undefined;
    beyond.push(`${own} ${name}`);
  }
  return beyond;
}

/** Sold neither by the input nor by the output; the oracle's two prices are of these. */
const FEES =
  /^(?:web-searches|file-searches|social-searches|rerank-searches|code-executions|conversation-seconds|tool-calls)/;

/**
 * A usage without what the oracle has no price for: fees of tools, and the
 * terms of service tiers and batches, which it takes for ordinary ones.
 */
export function comparable(usage: Usage): { readonly usage: Usage; readonly setAside: string | undefined } {
  const { serviceTier, batch, quantities = {}, ...counts } = usage;
  const entries = Object.entries(quantities);
  const kept = entries.filter(([name]) => !FEES.test(name));
  const fees = entries.filter(([name]) => FEES.test(name)).map(([name, count]) => `${count} ${name}`);
  const tier = serviceTier ?? (batch === true ? 'batch' : undefined);
  return {
    usage: { ...counts, ...(kept.length === 0 ? {} : { quantities: Object.fromEntries(kept) }) },
    setAside: [...fees, ...(tier === undefined ? [] : [`the tier ${tier}`])].join(', ') || undefined,
  };
}
