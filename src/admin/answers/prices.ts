import { GatewayError } from '../../kernel/errors.ts';
import { explainCost, type PriceLine } from '../../money/price-sheet.ts';
import type { AttemptView, CallView } from '../../protocol/call-view.ts';
import type { PriceSheet, Rate } from '../../protocol/price-sheet.ts';
import { findCall } from '../../store/find-call.ts';
import type { AdminParts } from '../admin-parts.ts';
import { pageByName } from '../cursor.ts';
import type { Answer, Question } from './answers.ts';
import { moneyJson } from './call-json.ts';
import { isoTime } from './instants.ts';

type SheetAnswer = Answer<'list_prices'>['data'][number];
type ExplainedAttempt = Answer<'explain_cost'>['attempts'][number];
type LineAnswer = ExplainedAttempt['lines'][number];

/** Models without a price are not in the list: `GET /admin/models` has them. */
export function pricesAnswer(parts: AdminParts, { query }: Question<'list_prices'>): Answer<'list_prices'> {
  const { limit, cursor, model, provider, search, organisation } = query;
  const ids = model === undefined ? pricedIds(parts, { provider, search }) : [model];
  const sheets = ids.flatMap((id) => {
    const slash = id.indexOf('/');
    const target = { provider: slash < 0 ? '' : id.slice(0, slash), model: id.slice(slash + 1), organisation };
    const sheet = slash < 0 ? undefined : parts.prices.sheetOf(target);
    return sheet === undefined ? [] : [sheetJson(target, sheet)];
  });
  return pageByName('prices', sheets, ({ id }) => id, { limit, cursor });
}

function pricedIds(
  parts: AdminParts,
  { provider, search }: { provider: string | undefined; search: string | undefined },
): string[] {
  return parts
    .models()
    .filter((model) => model.provider !== undefined && model.origin !== 'alias' && model.origin !== 'route')
    .filter((model) => provider === undefined || model.provider === provider)
    .map(({ id }) => id)
    .filter((id) => search === undefined || id.toLowerCase().includes(search.toLowerCase()));
}

function sheetJson(target: { readonly provider: string; readonly model: string }, sheet: PriceSheet): SheetAnswer {
  const { provider, model } = target;
  const terms = Object.entries(sheet.terms ?? {}).map(([name, { times, tokens = {}, ordinary = [] }]) => [
    name,
    { times: timesText(times), tokens: ratesJson(tokens), ordinary: [...ordinary] },
  ]);
  return {
    id: `${provider}/${model}`,
    provider,
    model,
    version: sheet.version,
    tokens: ratesJson(sheet.tokens),
    unknown: [...(sheet.unknown ?? [])],
    quantities: ratesJson(sheet.quantities ?? {}),
    per_request: sheet.perRequest === undefined ? null : rateJson(sheet.perRequest),
    terms: Object.fromEntries(terms),
  };
}

function ratesJson(rates: Readonly<Record<string, Rate | undefined>>): SheetAnswer['tokens'] {
  return Object.fromEntries(
    Object.entries(rates).flatMap(([name, rate]) => (rate === undefined ? [] : [[name, rateJson(rate)]])),
  );
}

function rateJson({ picoUsd, per, tiers }: Rate): SheetAnswer['tokens'][string] {
  return {
    pico_usd: picoUsd.toString(),
    per: per.toString(),
    tiers: tiers.map((tier) => ({ above_input_tokens: tier.aboveInputTokens, pico_usd: tier.picoUsd.toString() })),
  };
}

function timesText(times: { readonly numerator: bigint; readonly denominator: bigint } | undefined): string | null {
  return times === undefined ? null : `${times.numerator}/${times.denominator}`;
}

/** A call's cost, reckoned again from its record. */
export async function costAnswer(
  parts: Pick<AdminParts, 'store' | 'journal' | 'clock' | 'recentCall' | 'prices'>,
  { params }: Question<'explain_cost'>,
): Promise<Answer<'explain_cost'>> {
  const call =
    parts.recentCall(params.id) ??
    (await findCall({ database: parts.store.database, journal: parts.journal, clock: parts.clock }, params.id));
  if (call !== undefined) {
    return { call: call.id, attempts: call.attempts.map((attempt) => explained(parts, call, attempt)) };
  }
  throw new GatewayError('not_found', {
    message: `There is no call ${params.id.slice(0, 64)}. The id is in the x-leeward-request-id header of the answer.`,
  });
}

function explained(parts: Pick<AdminParts, 'prices'>, call: CallView, attempt: AttemptView): ExplainedAttempt {
  const { provider, model, priceVersion, usage, costNanoUsd } = attempt;
  const base = {
    attempt: attempt.attempt,
    provider,
    model,
    started_at: isoTime(attempt.startedAt),
    outcome: attempt.outcome ?? null,
    usage_source: attempt.usageSource ?? null,
    price_version: priceVersion ?? null,
    recorded: moneyJson(costNanoUsd),
    charge: moneyJson(attempt.chargeNanoUsd),
    lines: [],
    total: null,
  };
  if (usage === undefined) return { ...base, state: 'no_usage', reason: noUsage(attempt) };
  const target = { provider, model, organisation: call.organisation };
  const sheet =
    priceVersion === undefined ? undefined : parts.prices.sheetNamed(priceVersion, target, attempt.startedAt);
  if (sheet === undefined) return { ...base, ...withoutSheet(parts, target, attempt) };
  const cost = explainCost(sheet, usage);
  if ('unpriced' in cost) return { ...base, state: 'unpriced', reason: `no price for ${cost.unpriced.join(', ')}` };
  const agrees = cost.total === costNanoUsd;
  return {
    ...base,
    state: agrees ? 'agrees' : 'differs',
    reason: agrees ? null : 'the lines do not add up to what was recorded',
    lines: cost.lines.map(lineJson),
    total: moneyJson(cost.total),
  };
}

function noUsage({ outcome }: AttemptView): string {
  return outcome === undefined ? 'the attempt still runs' : 'the provider told no usage, and none was estimated';
}

function withoutSheet(
  parts: Pick<AdminParts, 'prices'>,
  target: { readonly provider: string; readonly model: string; readonly organisation: string },
  { costNanoUsd, priceVersion }: AttemptView,
): Pick<ExplainedAttempt, 'state' | 'reason'> {
  if (costNanoUsd === undefined) return { state: 'unpriced', reason: 'the model had no price' };
  const now = parts.prices.sheetOf(target)?.version;
  const reason = `the prices of version ${priceVersion ?? 'unknown'} are not kept any more${now === undefined ? '' : `; those of now are ${now}`}`;
  return { state: 'version_gone', reason };
}

function lineJson({ what, unit, count, picoUsd, per, times, numerator, denominator }: PriceLine): LineAnswer {
  return {
    what,
    unit,
    count,
    pico_usd: picoUsd.toString(),
    per: per.toString(),
    times: timesText(times),
    amount_pico_usd: denominator === 1n ? numerator.toString() : `${numerator}/${denominator}`,
  };
}
