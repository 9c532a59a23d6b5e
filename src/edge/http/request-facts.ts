import type { IncomingHttpHeaders } from 'node:http';
import type { DialectHeaders, RequestFacts, TraceContext } from '../../exchange/call.ts';
import { type NanoUsd, nano } from '../../kernel/amounts.ts';
import { scaledDecimal } from '../../kernel/decimal.ts';
import type { Draft } from '../../kernel/draft.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { PRIORITIES, type Priority } from '../../protocol/priority.ts';
import { type AliasLimits, headerAliases } from './header-aliases.ts';

const TEXT_CHARS_MAX = 256;
const TAGS_MAX = 20;
const METADATA_KEYS_MAX = 20;
const KEY_CHARS_MAX = 64;

const LIMITS: AliasLimits = {
  textCharsMax: TEXT_CHARS_MAX,
  tagsMax: TAGS_MAX,
  metadataKeysMax: METADATA_KEYS_MAX,
  keyCharsMax: KEY_CHARS_MAX,
};

/** Client headers that mean something to a provider and are safe to hand on. Everything else stays here. */
const FORWARDED = ['openai-beta'] as const;
/** Those that only Anthropic's own dialect knows. */
const FORWARDED_ANTHROPIC = ['anthropic-version', 'anthropic-beta'] as const;
/** A version and a list of betas: more is neither. */
const DIALECT_HEADER_CHARS_MAX = 2_048;

/** The part of a request that is read here. */
export interface RequestHead {
  /** By name in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** As they came: names and values by turns. */
  readonly rawHeaders: readonly string[];
}

/**
 * What the client's headers ask of the gateway, each bounded. Where our own
 * header is absent, that of another gateway may stand in (`header-aliases.ts`).
 *
 * @throws `invalid_request` naming the header, for one of ours
 */
export function requestFacts({ headers, rawHeaders }: RequestHead): RequestFacts {
  const text = (name: string) => shortText(headers, name);
  const endUser = text('x-leeward-end-user');
  const ownTask = text('x-leeward-task');
  const ownTags = readTags(text('x-leeward-tags'));
  const ownMetadata = readMetadata(one(headers, 'x-leeward-metadata'));
  const own = { task: ownTask !== undefined, tags: ownTags !== undefined, metadata: ownMetadata !== undefined };
  const alias = headerAliases(headers, rawHeaders, own, LIMITS);
  const task = ownTask ?? alias.task;
  const tags = ownTags ?? alias.tags;
  const metadata = ownMetadata ?? alias.metadata;
  const timeoutMs = readTimeout(headers, 'x-leeward-timeout-ms');
  const firstTokenMs = readTimeout(headers, 'x-leeward-ttft-timeout-ms');
  const priority = readPriority(one(headers, 'x-leeward-priority'));
  const sdkTimeoutMs = readSdkTimeout(headers);
  const dryRun = readFlag(headers, 'x-leeward-dry-run');
  const strict = readFlag(headers, 'x-leeward-strict');
  const routeAsked = text('x-leeward-route');
  const attemptsMax = readRetries(one(headers, 'x-leeward-max-retries'));
  const maxCost = readMaxCost(one(headers, 'x-leeward-max-cost'));
  const clientRequestId = text('x-client-request-id') ?? text('x-request-id');
  const trace = readTrace(headers);
  const facts: Draft<RequestFacts> = { forwarded: forwarded(headers) };
  if (endUser !== undefined) facts.endUser = endUser;
  if (task !== undefined) facts.task = task;
  if (tags !== undefined) facts.tags = tags;
  if (metadata !== undefined) facts.metadata = metadata;
  if (timeoutMs !== undefined) facts.timeoutMs = timeoutMs;
  if (firstTokenMs !== undefined) facts.firstTokenMs = firstTokenMs;
  if (priority !== undefined) facts.priority = priority;
  if (sdkTimeoutMs !== undefined) facts.sdkTimeoutMs = sdkTimeoutMs;
  if (dryRun) facts.dryRun = true;
  if (strict) facts.strict = true;
  if (routeAsked !== undefined) facts.routeAsked = routeAsked;
  if (attemptsMax !== undefined) facts.attemptsMax = attemptsMax;
  if (maxCost !== undefined) facts.maxCost = maxCost;
  if (clientRequestId !== undefined) facts.clientRequestId = clientRequestId;
  if (trace !== undefined) facts.trace = trace;
  if (alias.warnings !== undefined) facts.warnings = alias.warnings;
  const anthropic = anthropicHeaders(headers);
  if (anthropic !== undefined) facts.dialectHeaders = anthropic;
  return facts;
}

/** The key a request presents, in whichever of the usual headers. */
export function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) {
    return authorization.slice(0, 7).toLowerCase() === 'bearer ' ? authorization.slice(7).trim() : undefined;
  }
  return one(headers, 'x-api-key') ?? one(headers, 'x-goog-api-key');
}

function one(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function shortText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = one(headers, name)?.trim();
  if (value === undefined || value === '') return undefined;
  if (value.length > TEXT_CHARS_MAX) throw invalid(name, `is longer than ${TEXT_CHARS_MAX} characters`);
  return value;
}

function readTags(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const tags = text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  if (tags.length > TAGS_MAX) throw invalid('x-leeward-tags', `holds more than ${TAGS_MAX} tags`);
  return tags.length === 0 ? undefined : tags;
}

function readMetadata(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid('x-leeward-metadata', 'is not valid JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('x-leeward-metadata', 'must be a flat JSON object, as in {"feature":"search"}');
  }
  const entries = Object.entries(value);
  if (entries.length > METADATA_KEYS_MAX)
    throw invalid('x-leeward-metadata', `has more than ${METADATA_KEYS_MAX} keys`);
  const flat: [string, string][] = [];
  for (const [key, item] of entries) {
    if (typeof item === 'object' && item !== null) throw invalid('x-leeward-metadata', `must be flat; '${key}' is not`);
    const itemText = String(item);
    if (key.length > KEY_CHARS_MAX || itemText.length > TEXT_CHARS_MAX)
      throw invalid('x-leeward-metadata', `has too long a '${key.slice(0, KEY_CHARS_MAX)}'`);
    flat.push([key, itemText]);
  }
  return Object.fromEntries(flat);
}

function readTimeout(headers: IncomingHttpHeaders, name: string): number | undefined {
  const ours = one(headers, name);
  if (ours === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(ours)) throw invalid(name, 'must be a whole number of milliseconds above 0');
  return Number(ours);
}

function readPriority(text: string | undefined): Priority | undefined {
  if (text === undefined) return undefined;
  const asked = text.trim().toLowerCase();
  const priority = PRIORITIES.find((name) => name === asked);
  if (priority === undefined) throw invalid('x-leeward-priority', 'must be critical, high, normal or low');
  return priority;
}

/** Nothing else is taken for a no: whoever asked for a call that costs nothing, or loses nothing, must not get one that does. */
function readFlag(headers: IncomingHttpHeaders, name: string): boolean {
  const text = one(headers, name);
  if (text === undefined || text === 'false') return false;
  if (text === 'true') return true;
  throw invalid(name, 'must be true or false');
}

/** The OpenAI SDKs announce theirs in whole seconds, Google's by another name. */
function readSdkTimeout(headers: IncomingHttpHeaders): number | undefined {
  const sdk = one(headers, 'x-stainless-timeout') ?? one(headers, 'x-server-timeout');
  return sdk !== undefined && /^[1-9]\d{0,5}$/.test(sdk) ? Number(sdk) * 1_000 : undefined;
}

function readRetries(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d$/.test(text)) throw invalid('x-leeward-max-retries', 'must be a number from 0 to 9');
  return Number(text) + 1;
}

/** US dollars to the nano-dollar; more than nine digits before the point is a mistake. */
function readMaxCost(text: string | undefined): NanoUsd | undefined {
  if (text === undefined) return undefined;
  const amount = /^\d{1,9}(?:\.\d{1,9})?$/.test(text.trim()) ? scaledDecimal(text.trim(), 9) : undefined;
  if (amount === undefined || amount === 0n) {
    throw invalid(
      'x-leeward-max-cost',
      'must be an amount of US dollars above 0, as in 0.05, with at most nine decimals',
    );
  }
  return nano(amount);
}

/** @see https://www.w3.org/TR/trace-context/#traceparent-header (read 2026-11-21) */
function readTrace(headers: IncomingHttpHeaders): TraceContext | undefined {
  const parent = one(headers, 'traceparent');
  const found = parent && /^[0-9a-e][0-9a-f]-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(parent);
  if (!found) return undefined;
  const [, traceId = '', parentId = '', flags = '00'] = found;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  const state = one(headers, 'tracestate');
  return { traceId, parentId, flags, ...(state === undefined || state.length > 512 ? {} : { state }) };
}

function forwarded(headers: IncomingHttpHeaders): string[] {
  const flat: string[] = [];
  for (const name of FORWARDED) {
    const value = one(headers, name);
    if (value !== undefined) flat.push(name, value);
  }
  return flat;
}

function anthropicHeaders(headers: IncomingHttpHeaders): DialectHeaders | undefined {
  const flat: string[] = [];
  for (const name of FORWARDED_ANTHROPIC) {
    const value = one(headers, name)?.trim();
    if (value === undefined || value === '') continue;
    if (value.length > DIALECT_HEADER_CHARS_MAX) {
      throw invalid(name, `is longer than ${DIALECT_HEADER_CHARS_MAX} characters`);
    }
    flat.push(name, value);
  }
  return flat.length === 0 ? undefined : { dialect: 'anthropic-messages', headers: flat };
}

function invalid(header: string, what: string, cause?: unknown): GatewayError {
  return new GatewayError('invalid_request', { message: `The header ${header} ${what}.`, param: header, cause });
}
