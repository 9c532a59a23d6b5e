import { scaledDecimal } from '../../kernel/decimal.ts';
import { durationText, picoUsdPerToken, usdPerMillionText } from '../units.ts';
import type { SourcePart } from './source-part.ts';

const PICO_DECIMALS = 12;

/** A length of time as the file writes it; `undefined` for one that is no number or out of bounds. */
export function durationOf(part: SourcePart, unitMs: number, maxMs: number): string | undefined {
  const amount = part.number;
  if (amount === undefined) return undefined;
  const ms = Math.round(amount * unitMs);
  return ms >= 1 && ms <= maxMs ? durationText(ms) : undefined;
}

/** US dollars per token as US dollars per million tokens, exactly; `undefined` where that cannot be. */
export function pricePerMillion(part: SourcePart): string | undefined {
  if (part.number === undefined || part.text === undefined) return undefined;
  const pico = scaledDecimal(part.text, PICO_DECIMALS);
  if (pico === undefined) return undefined;
  const text = usdPerMillionText(pico);
  return picoUsdPerToken(text) === pico ? text : undefined;
}

/** A weight within the bounds of the file; 0 says that nothing is to be drawn there. */
export function weightOf(part: SourcePart): number | undefined {
  const weight = part.number;
  return weight !== undefined && weight > 0 && weight <= 1_000_000 ? weight : undefined;
}
