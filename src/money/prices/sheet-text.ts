import { pico } from '../../kernel/amounts.ts';
import {
  type PriceSheet,
  type Prices,
  type Rate,
  type Terms,
  TOKEN_CLASSES,
  type TokenClass,
} from '../../protocol/price-sheet.ts';
import { isQuantity } from '../../protocol/usage.ts';

/*
 * Prices that somebody declared have no published version to name: their name
 * is what they are, so that a record can be reckoned again from itself.
 *
 *     declared input=150000 cachedInput=75000 output=600000@200000:900000 web-searches=10000000000
 *     request=5000000000 flex.times=1/2 priority.input=300000 priority.output=1200000
 *
 * Amounts are pico-USD, `/n` for n units, `@tokens:amount` above a size of the input.
 */

const DECLARED = 'declared';

/** The prices as the text of their version. */
export function sheetText({ tokens, quantities = {}, perRequest, terms = {} }: Prices): string {
  const rates = (prefix: string, all: Readonly<Record<string, Rate | undefined>>) =>
    Object.entries(all).flatMap(([name, rate]) => (rate === undefined ? [] : [`${prefix}${name}=${rateText(rate)}`]));
  const words = [
    DECLARED,
    ...rates('', tokens),
    ...rates('', quantities),
    ...(perRequest === undefined ? [] : [`request=${rateText(perRequest)}`]),
    ...Object.entries(terms).flatMap(([name, { times, tokens: own = {} }]) => {
      const prefix = `${encodeURIComponent(name).replaceAll('.', '%2E')}.`;
      const factor = times === undefined ? [] : [`${prefix}times=${times.numerator}/${times.denominator}`];
      return [...factor, ...rates(prefix, own)];
    }),
  ];
  return words.join(' ');
}

/** The prices that {@link sheetText} made the text of; `undefined` for any other text. */
export function sheetOfText(text: string): PriceSheet | undefined {
  const [first, ...words] = text.split(' ');
  if (first !== DECLARED) return undefined;
  const tokens: Partial<Record<TokenClass, Rate>> = {};
  const quantities: Record<string, Rate> = {};
  const terms = new Map<string, { times?: NonNullable<Terms['times']>; tokens: Partial<Record<TokenClass, Rate>> }>();
  let perRequest: Rate | undefined;
  for (const word of words) {
    const [, tier, name = '', value = ''] = /^(?:([^.=]+)\.)?([^.=]+)=(.+)$/.exec(word) ?? [];
    const rate = rateOfText(value);
    const token = TOKEN_CLASSES.find((one) => one === name);
    if (rate === undefined) return undefined;
    if (tier !== undefined) {
      const own = terms.get(decodeURIComponent(tier)) ?? { tokens: {} };
      terms.set(decodeURIComponent(tier), own);
      if (name === 'times') own.times = { numerator: rate.picoUsd, denominator: rate.per };
      else if (token !== undefined) own.tokens[token] = rate;
      else return undefined;
    } else if (token !== undefined) tokens[token] = rate;
    else if (name === 'request') perRequest = rate;
    else if (isQuantity(name)) quantities[name] = rate;
    else return undefined;
  }
  return {
    version: text,
    tokens,
    ...(Object.keys(quantities).length === 0 ? {} : { quantities }),
    ...(perRequest === undefined ? {} : { perRequest }),
    ...(terms.size === 0 ? {} : { terms: Object.fromEntries(terms) }),
  };
}

function rateText({ picoUsd, per, tiers }: Rate): string {
  const dearer = tiers.map((tier) => `@${tier.aboveInputTokens}:${tier.picoUsd}`).join('');
  return `${picoUsd}${per === 1n ? '' : `/${per}`}${dearer}`;
}

function rateOfText(text: string): Rate | undefined {
  const [, amount, per = '1', dearer = ''] =
    /^(\d{1,18})(?:\/([1-9]\d{0,17}))?((?:@\d{1,12}:\d{1,18})*)$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const tiers = [...dearer.matchAll(/@(\d+):(\d+)/g)].map(([, above = '', tier = '']) => ({
    // biome-ignore lint/plugin: a count of tokens, not an amount
    aboveInputTokens: Number(above),
    picoUsd: pico(BigInt(tier)),
  }));
  return { picoUsd: pico(BigInt(amount)), per: BigInt(per), tiers };
}
