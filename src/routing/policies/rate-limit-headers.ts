import type { HeaderLookup } from '../../protocol/upstream.ts';

/** One of a provider's rate limits as a head tells of it. */
export interface RateLimit {
  /** In requests or tokens; `undefined` where the provider does not say. */
  readonly limit: number | undefined;
  readonly remaining: number;
  /** Until all of it is there again; `undefined` where the provider does not say. */
  readonly resetMs: number | undefined;
  /** What is left grows back bit by bit until the reset, as in a bucket; otherwise all of it comes at once. */
  readonly refills: boolean;
}

export interface RateLimits {
  readonly requests: RateLimit | undefined;
  readonly tokens: RateLimit | undefined;
}

/** Providers name their headers in one of these ways each. */
export type HeaderFamily = 'openai' | 'anthropic' | 'ratelimit';

/** A longer reset is a quota's, not a rate's. */
const RESET_MS_MAX = 86_400_000;
const TEXT_CHARS_MAX = 256;
const ITEMS_MAX = 8;

/**
 * Reads one family's headers from the head of an answer. Strict: what is not
 * as the family writes it is ignored.
 *
 * - `openai`: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, resets as
 *   in `6m0s`, `120ms` or seconds (platform.openai.com/docs/guides/rate-limits)
 * - `anthropic`: `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}`,
 *   resets as RFC 3339 (docs.anthropic.com/en/api/rate-limits)
 * - `ratelimit`: `ratelimit: "name";r=1;t=60` with `ratelimit-policy`, the same
 *   field's older members `limit=100, remaining=1, reset=60`, or fields of those
 *   names each (drafts of draft-ietf-httpapi-ratelimit-headers); resets in seconds
 *
 * @param now milliseconds since the epoch
 * @returns `undefined` when the head has none of the family
 */
export function rateLimitsOf(family: HeaderFamily, header: HeaderLookup, now: number): RateLimits | undefined {
  const limits = READERS[family](header, now);
  return limits.requests === undefined && limits.tokens === undefined ? undefined : limits;
}

export const HEADER_FAMILIES: readonly HeaderFamily[] = ['openai', 'anthropic', 'ratelimit'];

const READERS: Readonly<Record<HeaderFamily, (header: HeaderLookup, now: number) => RateLimits>> = {
  openai: (header) => ({ requests: openaiLimit(header, 'requests'), tokens: openaiLimit(header, 'tokens') }),
  anthropic: (header, now) => ({
    requests: anthropicLimit(header, 'requests', now),
    tokens: scarcest(['tokens', 'input-tokens', 'output-tokens'].map((kind) => anthropicLimit(header, kind, now))),
  }),
  ratelimit: (header) => ({ requests: namedLimit(header) ?? structuredLimit(header), tokens: undefined }),
};

function openaiLimit(header: HeaderLookup, kind: string): RateLimit | undefined {
  const remaining = countOf(header(`x-ratelimit-remaining-${kind}`));
  if (remaining === undefined) return undefined;
  const limit = countOf(header(`x-ratelimit-limit-${kind}`));
  return { limit, remaining, resetMs: durationMs(header(`x-ratelimit-reset-${kind}`)), refills: true };
}

function anthropicLimit(header: HeaderLookup, kind: string, now: number): RateLimit | undefined {
  const remaining = countOf(header(`anthropic-ratelimit-${kind}-remaining`));
  if (remaining === undefined) return undefined;
  const limit = countOf(header(`anthropic-ratelimit-${kind}-limit`));
  return { limit, remaining, resetMs: untilInstantMs(header(`anthropic-ratelimit-${kind}-reset`), now), refills: true };
}

function namedLimit(header: HeaderLookup): RateLimit | undefined {
  const remaining = countOf(header('ratelimit-remaining'));
  if (remaining === undefined) return undefined;
  const limit = countOf(header('ratelimit-limit'));
  return { limit, remaining, resetMs: secondsMs(header('ratelimit-reset')), refills: false };
}

/** `"name";r=…;t=…` items, or one with the older draft's members. */
function structuredLimit(header: HeaderLookup): RateLimit | undefined {
  const text = shortText(header('ratelimit'));
  if (text === undefined) return undefined;
  const older = /^limit=(\d{1,15}), *remaining=(\d{1,15}), *reset=(\d{1,15})$/.exec(text);
  if (older !== null) {
    const [, limit, remaining = '', reset] = older;
    return { limit: countOf(limit), remaining: Number(remaining), resetMs: secondsMs(reset), refills: false };
  }
  const quotas = quotasOf(header('ratelimit-policy'));
  return scarcest(
    itemsOf(text).map(([name, members]) => {
      const remaining = countOf(members.get('r'));
      if (remaining === undefined) return undefined;
      return { limit: quotas.get(name), remaining, resetMs: secondsMs(members.get('t')), refills: false };
    }),
  );
}

/** The quota of each policy by its name, of those that count requests. */
function quotasOf(header: string | undefined): ReadonlyMap<string, number> {
  const quotas = new Map<string, number>();
  for (const [name, members] of itemsOf(shortText(header) ?? '')) {
    const quota = countOf(members.get('q'));
    if (quota !== undefined) quotas.set(name, quota);
  }
  return quotas;
}

function itemsOf(text: string): [name: string, members: ReadonlyMap<string, string>][] {
  return text
    .split(',')
    .slice(0, ITEMS_MAX)
    .flatMap((item): [string, ReadonlyMap<string, string>][] => {
      const [name = '', ...parameters] = item.trim().split(';');
      if (!/^"[\w.:-]{1,64}"$/.test(name)) return [];
      const pairs = parameters.flatMap((parameter): [string, string][] => {
        const [, key, value] = /^ *([a-z]{1,8})=([\w"-]{1,64})$/.exec(parameter) ?? [];
        return key === undefined || value === undefined ? [] : [[key, value]];
      });
      return [[name, new Map(pairs)]];
    });
}

/** The one with the smallest share left; where that is not known, the one with the least left. */
function scarcest(limits: readonly (RateLimit | undefined)[]): RateLimit | undefined {
  const share = ({ limit, remaining }: RateLimit) =>
    limit === undefined || limit === 0 ? remaining : remaining / limit;
  return limits.reduce((least, limit) => {
    if (least === undefined || limit === undefined) return least ?? limit;
    return share(limit) < share(least) ? limit : least;
  }, undefined);
}

function shortText(text: string | undefined): string | undefined {
  return text === undefined || text.length > TEXT_CHARS_MAX ? undefined : text.trim();
}

function countOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function secondsMs(text: string | undefined): number | undefined {
  const seconds = text !== undefined && /^\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
  return seconds === undefined ? undefined : Math.min(seconds * 1_000, RESET_MS_MAX);
}

/** `1h2m3.5s`, `120ms` or plain seconds. */
function durationMs(text: string | undefined): number | undefined {
  if (text === undefined || text.length > 32) return undefined;
  const parts =
    /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m(?!s))?(?:(\d{1,6}(?:\.\d{1,9})?)s)?(?:(\d{1,9}(?:\.\d{1,9})?)ms)?$/.exec(
      text,
    );
  if (parts === null || text === '') return secondsMs(text);
  const [, days = 0, hours = 0, minutes = 0, seconds = 0, ms = 0] = parts;
  const wholeHours = Number(days) * 24 + Number(hours);
  return Math.min((wholeHours * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000 + Number(ms), RESET_MS_MAX);
}

function untilInstantMs(text: string | undefined, now: number): number | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text))
    return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - now), RESET_MS_MAX);
}
