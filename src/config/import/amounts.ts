import { scaledDecimal } from '../../kernel/decimal.ts';
import { durationMs, durationText, picoUsdPerToken, usdPerMillionText } from '../units.ts';
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

/** A part of an attempt's time, unless it is longer than all of it. Both as the file writes them. */
export function withinTotal(part: string | undefined, total: string | undefined): string | undefined {
  const [partMs, totalMs] = [part, total].map((text) => (text === undefined ? undefined : durationMs(text)));
  return partMs !== undefined && totalMs !== undefined && partMs > totalMs ? undefined : part;
}

/** Why {@link withinTotal} left something away, and what to do. */
export const LONGER_THAN_TOTAL = ['it is longer than the whole attempt may take, or out of bounds', 'nothing'] as const;
