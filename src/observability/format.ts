import type { AttemptView, CallView } from '../protocol/call-view.ts';
import type { Dialect } from '../protocol/operation.ts';

const NANO_PER_USD = 1_000_000_000n;
const NANO_PER_CENT = 10_000_000n;
const SIGNIFICANT_DIGITS = 3;
const NAME_CHARS_MAX = 64;

/**
 * What could move a terminal's cursor, reorder a line or hide in it: controls
 * (so every ANSI sequence), zero-width and direction marks, fillers, tag characters.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const PATHS: Record<Dialect, string> = {
  'openai-chat': '/v1/chat/completions',
  'openai-completions': '/v1/completions',
  'openai-embeddings': '/v1/embeddings',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
  gemini: '/v1beta/models/…:generateContent',
  'gemini-embeddings': '/v1beta/models/…:embedContent',
};

/**
 * An amount to three significant digits and at least cents: `$0.0000312`,
 * `$0.50`, `$1,234.57`. Only zero itself is `$0`.
 */
export function formatUsd(nano: bigint): string {
  if (nano === 0n) return '$0';
  const sign = nano < 0n ? '-' : '';
  const rounded = roundedForPeople(nano < 0n ? -nano : nano);
  const whole = (rounded / NANO_PER_USD).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = (rounded % NANO_PER_USD).toString().padStart(9, '0').replace(/0+$/, '').padEnd(2, '0');
  return `${sign}$${whole}.${fraction}`;
}

/** From a dollar up, cents; below, three digits wherever they stand. Halves round away from zero. */
function roundedForPeople(size: bigint): bigint {
  const digits = size.toString().length;
  const belowDollar = digits > SIGNIFICANT_DIGITS ? 10n ** BigInt(digits - SIGNIFICANT_DIGITS) : 1n;
  const step = size >= NANO_PER_USD ? NANO_PER_CENT : belowDollar;
  return ((size + step / 2n) / step) * step;
}

/** A duration as people say it: `0.4 ms`, `340 ms`, `1.24 s`, `12.3 s`, `1 m 05 s`, `3 h 12 m`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  const size = Math.max(0, ms);
  if (size === 0) return '0 ms';
  if (size < 9.95) return `${trimmed(size, 1)} ms`;
  if (size < 999.5) return `${Math.round(size)} ms`;
  if (size < 9_995) return `${(size / 1_000).toFixed(2)} s`;
  if (size < 59_950) return `${(size / 1_000).toFixed(1)} s`;
  const seconds = Math.round(size / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${padded(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} m`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}

function trimmed(value: number, decimals: number): string {
  const text = value.toFixed(decimals).replace(/\.0+$/, '');
  // A duration that was measured is never shown as none.
  return text === '0' ? '<0.1' : text;
}

function padded(value: number): string {
  return value.toString().padStart(2, '0');
}

/** A whole number with thousands marked: `1,204`. */
export function formatCount(count: number): string {
  return count.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Foreign text made safe to look at: what cannot be seen is spelled out (`\u{202e}`), half characters replaced. */
export function visibleText(text: string, charsMax = 1_000): string {
  const whole = text.length > charsMax ? `${text.slice(0, charsMax)}…` : text;
  return whole
    .toWellFormed()
    .replace(UNSEEN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`);
}

/** What a call cost, as far as it is known. */
export type CallCost =
  | { readonly kind: 'known'; readonly nanoUsd: bigint }
  /** Some attempts are priced, another one is not. */
  | { readonly kind: 'at-least'; readonly nanoUsd: bigint }
  /** The usage is known and its price is not. */
  | { readonly kind: 'unpriced' }
  /** Nobody has said what was used. */
  | { readonly kind: 'unknown' }
  /** No attempt got as far as costing something. */
  | { readonly kind: 'none' };

/**
 * Adds up a call's attempts. A refused attempt without usage counts as not
 * billed; one that was under way and broke off without usage as unknown.
 */
export function callCost(call: CallView): CallCost {
  let sum: bigint | undefined;
  let unpriced = false;
  let unknown = false;
  for (const attempt of call.attempts) {
    if (attempt.costNanoUsd !== undefined) sum = (sum ?? 0n) + attempt.costNanoUsd;
    else if (attempt.usage !== undefined) unpriced = true;
    else if (attempt.outcome !== 'failed' && attempt.outcome !== undefined) unknown = true;
  }
  if (sum !== undefined) return { kind: unpriced || unknown ? 'at-least' : 'known', nanoUsd: sum };
  if (unpriced) return { kind: 'unpriced' };
  return unknown ? { kind: 'unknown' } : { kind: 'none' };
}

/** `$0.000042`, `≥ $0.01`, `unpriced`, `unknown`, or `–` where nothing was billed. */
export function formatCost(cost: CallCost): string {
  switch (cost.kind) {
    case 'known':
      return formatUsd(cost.nanoUsd);
    case 'at-least':
      return `≥ ${formatUsd(cost.nanoUsd)}`;
    case 'none':
      return '–';
    default:
      return cost.kind;
  }
}

/**
 * One ended call as a line for the terminal, its parts two spaces apart:
 * `12:04:11  POST /v1/chat/completions  demo → sim/sim-small  200  6 ms  17+48 tokens  $0.0000312`.
 *
 * @param timeZone IANA name; the machine's own when absent
 */
export function formatCallLine(call: CallView, timeZone?: string): string {
  const last = call.attempts.at(-1);
  const target = last === undefined ? 'no target' : visibleText(`${last.provider}/${last.model}`, NAME_CHARS_MAX);
  const asked = visibleText(call.modelAsked, NAME_CHARS_MAX);
  const tokens = last === undefined ? undefined : tokensText(last);
  const parts = [
    clockTime(call.startedAt, timeZone),
    `POST ${PATHS[call.dialect]}`,
    asked === target ? target : `${asked} → ${target}`,
    call.clientStatus === undefined ? undefined : String(call.clientStatus),
    troubleText(call, last),
    call.totalMs === undefined ? 'running' : formatDuration(call.totalMs),
    tokens,
    call.totalMs === undefined ? undefined : formatCost(callCost(call)),
    call.attempts.length > 1 ? `${call.attempts.length} attempts` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join('  ');
}

function tokensText({ usage }: AttemptView): string | undefined {
  if (usage?.inputTokens === undefined && usage?.outputTokens === undefined) return undefined;
  return `${usage.inputTokens ?? '?'}+${usage.outputTokens ?? '?'} tokens`;
}

/** What went wrong, in one word; `undefined` while nothing has. */
function troubleText(call: CallView, last: AttemptView | undefined): string | undefined {
  if (call.totalMs === undefined) return undefined;
  const code = call.errorCode ?? (last?.outcome === 'ok' ? undefined : last?.outcome);
  return code === undefined ? undefined : visibleText(code, NAME_CHARS_MAX);
}

const clocks = new Map<string | undefined, Intl.DateTimeFormat>();
const CLOCKS_MAX = 8;

/** `12:04:11`. Making a formatter costs a hundred times its use, hence the small memory. */
export function clockTime(at: number, timeZone?: string): string {
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    if (clocks.size >= CLOCKS_MAX) clocks.clear();
    clock = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      ...(timeZone === undefined ? {} : { timeZone }),
    });
    clocks.set(timeZone, clock);
  }
  return clock.format(at);
}
