import { type NanoUsd, nano, nanoRoundedUp, pico } from '../../kernel/amounts.ts';
import { isQuantity, QUANTITIES } from '../../protocol/usage.ts';
import { type Fraction, ONE, roundedDown, roundedUp, times, whole } from './fraction.ts';
import type { BookPrice, CallPrice, CallUse, PriceBook, Tier } from './plan.ts';
import type { Fields } from './plan-fields.ts';
import { COUNT, QUANTITY, SHARE, TOKENS, USD, USD_PER_MILLION } from './plan-number.ts';

const NANO_PER_USD = whole(1_000_000_000n);
const STEPS_MAX = 50;
/** USD for a million tokens in pico-USD for one. */
const PICO_PER_USD_A_MILLION = whole(1_000_000n);
/** Pico-USD a token of output, up to which a model counts as cheap, and below which as middle. */
const CHEAP_UP_TO = 2_000_000n;
const FRONTIER_FROM = 10_000_000n;

/** What says how much one call costs; exactly one of `price`, `model` and `steps` does. */
export const PRICE_KEYS = ['price', 'units', 'unit', 'model', 'tokens', 'quantities', 'steps'];
const STEP_KEYS = ['name', 'price', 'units', 'unit', 'model', 'tokens', 'quantities'];

/** As leeward.yaml names them. */
const INPUT = 'input_usd_per_million';
const CACHED_INPUT = 'cached_input_usd_per_million';
const OUTPUT = 'output_usd_per_million';

export interface Priced {
  readonly call: CallPrice;
  /** As the price of its output says; absent where no price list was asked. */
  readonly tier?: Tier;
}

/** What one call costs by these fields. `undefined` after a problem was told. */
export function readPrice(fields: Fields, name: string, book: PriceBook, inherited?: Fields): Priced | undefined {
  fields.onlyOne('price', 'model', 'steps');
  if (fields.has('steps')) return readSteps(fields, book);
  if (fields.has('model')) return readModel(fields, book, inherited);
  if (fields.has('price')) return readUnits(fields, name);
  fields.refuseWhole('priced: by price (US dollars a call), by model and tokens, or by steps');
  return undefined;
}

function readSteps(fields: Fields, book: PriceBook): Priced | undefined {
  const parts = fields.items('steps', STEP_KEYS, STEPS_MAX).map((step, index) => {
    const label = step.text('name') ?? `step ${index + 1}`;
    const priced = readPrice(step, label, book);
    return priced && { label, amount: priced.call.amount };
  });
  const known = parts.filter((part) => part !== undefined);
  if (known.length === 0 || known.length < parts.length) return undefined;
  return { call: callOf(known) };
}

function readUnits(fields: Fields, label: string): Priced | undefined {
  const price = fields.number('price', USD);
  const units = fields.has('units') ? fields.number('units', COUNT) : ONE;
  // A label alone, for who reads the plan; checked like everything else.
  fields.text('unit');
  if (price === undefined || units === undefined) return undefined;
  return { call: callOf([{ label, amount: usdRoundedUp(times(price, units)) }]) };
}

function readModel(fields: Fields, book: PriceBook, inherited: Fields | undefined): Priced | undefined {
  const model = fields.text('model') ?? '';
  const holds = fields.has('tokens') || fields.has('quantities');
  const use = readUse(holds || inherited === undefined ? fields : inherited);
  if (use === undefined) return undefined;
  const priced = book.priceOf(model, use);
  if (priced === undefined) {
    const guess = book.nearest(model);
    const likely = guess === undefined ? '' : `, or ${guess}`;
    fields.refuse('model', `a model with a known price as provider/model${likely}; or give its "price:"`);
    return undefined;
  }
  const tier = tierOf(priced);
  return { call: callOf([{ label: model, amount: priced.amount }]), ...(tier === undefined ? {} : { tier }) };
}

function readUse(fields: Fields): CallUse | undefined {
  const quantities = readQuantities(fields.fields('quantities'));
  if (!fields.has('tokens')) {
    if (fields.has('quantities')) return quantities && { input: 0n, cachedInput: 0n, output: 0n, quantities };
    fields.refuse(
      'tokens',
      'there beside model (or quantities, where it is not sold by the token): what one call uses',
    );
    return undefined;
  }
  const tokens = fields.fields('tokens', ['input', 'cached_input', 'output']);
  if (!tokens.has('input')) tokens.refuse('input', TOKENS.allowed);
  const input = tokens.number('input', TOKENS);
  const output = tokens.has('output') ? tokens.number('output', TOKENS) : whole(0n);
  const cached = readCached(tokens, input);
  if (!(input && output && quantities) || cached === undefined) return undefined;
  return { input: roundedUp(input), cachedInput: cached, output: roundedUp(output), quantities };
}

function readQuantities(fields: Fields): Record<string, Fraction> | undefined {
  const found: Record<string, Fraction> = {};
  for (const name of fields.keys) {
    if (!isQuantity(name)) {
      fields.refuse(name, `under a name such as ${QUANTITIES.join(', ')}`);
      return undefined;
    }
    const count = fields.number(name, QUANTITY);
    if (count === undefined) return undefined;
    found[name] = count;
  }
  return found;
}

/** A number of tokens, or a share of the input, of which the dearer reading counts: fewer cached ones. */
function readCached(tokens: Fields, input: Fraction | undefined): bigint | undefined {
  if (!tokens.has('cached_input')) return 0n;
  const isShare = tokens.text('cached_input')?.endsWith('%') === true;
  const value = tokens.number('cached_input', isShare ? SHARE : TOKENS);
  if (value === undefined || input === undefined) return undefined;
  const cached = isShare ? times(value, input) : value;
  const count = roundedDown(cached);
  if (count * input.den > input.num) {
    tokens.refuse('cached_input', 'at most the input: it is a part of it');
    return undefined;
  }
  return count;
}

/** Prices of models that the plan itself gives, before those of a price book. */
export function readOwnPrices(fields: Fields, book: PriceBook): PriceBook {
  const own = new Map<string, OwnPrice>();
  for (const model of fields.keys) {
    const price = fields.fields(model, [INPUT, CACHED_INPUT, OUTPUT]);
    const input = price.number(INPUT, USD_PER_MILLION);
    if (!price.has(INPUT)) price.refuse(INPUT, USD_PER_MILLION.allowed);
    const output = price.has(OUTPUT) ? price.number(OUTPUT, USD_PER_MILLION) : whole(0n);
    const cached = price.has(CACHED_INPUT) ? price.number(CACHED_INPUT, USD_PER_MILLION) : input;
    if (input === undefined || output === undefined || cached === undefined) continue;
    own.set(model, { input: picoOf(input), cachedInput: picoOf(cached), output: picoOf(output) });
  }
  if (own.size === 0) return book;
  return {
    priceOf(model, use) {
      const price = own.get(model);
      if (price === undefined) return book.priceOf(model, use);
      // A price list of tokens says nothing of pictures and seconds.
      return Object.keys(use.quantities).length > 0 ? undefined : ownPriceOf(price, use);
    },
    nearest: (model) => book.nearest(model),
  };
}

interface OwnPrice {
  readonly input: bigint;
  readonly cachedInput: bigint;
  readonly output: bigint;
}

function ownPriceOf(price: OwnPrice, { input, cachedInput, output }: CallUse): BookPrice {
  const total = (input - cachedInput) * price.input + cachedInput * price.cachedInput + output * price.output;
  return { amount: nanoRoundedUp(pico(total)), outputPicoUsd: price.output };
}

/** Exact: the kind of number holds no more decimals than a pico-USD a token has. */
function picoOf(usdPerMillion: Fraction): bigint {
  return roundedUp(times(usdPerMillion, PICO_PER_USD_A_MILLION));
}

export function tierOf({ outputPicoUsd }: Pick<BookPrice, 'outputPicoUsd'>): Tier | undefined {
  if (outputPicoUsd === undefined) return undefined;
  if (outputPicoUsd <= CHEAP_UP_TO) return 'cheap';
  return outputPicoUsd < FRONTIER_FROM ? 'middle' : 'frontier';
}

/** US dollars as nano-USD, rounded up once. */
export function usdRoundedUp(usd: Fraction): NanoUsd {
  return nano(roundedUp(times(usd, NANO_PER_USD)));
}

function callOf(parts: CallPrice['parts']): CallPrice {
  return { amount: nano(parts.reduce((total, { amount }) => total + amount, 0n)), parts };
}
