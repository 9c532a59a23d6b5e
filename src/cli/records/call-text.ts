import { clockTime, formatCount, formatDuration, visibleText } from '../../observability/format.ts';
import { usdShown } from '../money-text.ts';
import type { Paint } from '../paint.ts';
import type { AttemptRecord, CallRecord } from './records.ts';

export const CALL_HEADINGS = ['TIME', 'CALL', 'MODEL', 'ANSWERED BY', 'RESULT', 'TOKENS', 'COST', 'TOOK'] as const;

const DAY_MS = 86_400_000;
const NAME_CHARS_MAX = 80;
/** A reason names every target that was passed over, each with why. */
const DETAIL_CHARS_MAX = 2_000;

/** A call as a row of a table. */
export function callRow(call: CallRecord, nowMs: number): string[] {
  return [
    timeText(call.created_at, nowMs),
    call.id,
    visibleText(call.model_asked, NAME_CHARS_MAX),
    call.provider == null ? '' : visibleText(`${call.provider}/${call.model ?? ''}`, NAME_CHARS_MAX),
    resultText(call),
    tokensText(call.usage),
    costText(call),
    call.total_ms == null ? '' : formatDuration(call.total_ms),
  ];
}

/** Nothing for a call that still runs, a dash for one that nobody bills because no attempt got anywhere. */
function costText({ state, cost, attempts }: CallRecord): string {
  if (state === 'running') return '';
  const billed = attempts.some(({ outcome, usage }) => outcome !== 'failed' || usage != null);
  return cost == null && !billed ? '–' : usdShown(cost);
}

/** `200`, `404 no_route`, `200 client_closed`, `running`. */
function resultText({ state, status, error, outcome }: CallRecord): string {
  if (state === 'running') return 'running';
  const trouble = error ?? (outcome === 'ok' ? undefined : outcome);
  return [status, trouble].filter((part) => part != null).join(' ');
}

/** The time alone for the last day, with its date before. */
function timeText(instant: string, nowMs: number): string {
  const at = Date.parse(instant);
  if (Number.isNaN(at)) return visibleText(instant, 30);
  return nowMs - at < DAY_MS ? clockTime(at) : `${instant.slice(0, 10)} ${clockTime(at)}`;
}

function tokensText(usage: CallRecord['usage']): string {
  if (usage == null || (usage.input_tokens == null && usage.output_tokens == null)) return '';
  return `${countText(usage.input_tokens)}+${countText(usage.output_tokens)}`;
}

function countText(count: number | null | undefined): string {
  return count == null ? '?' : formatCount(count);
}

/** A call with its attempts, for a person who wants to know what happened. */
export function callBlock(call: CallRecord, paint: Paint): string {
  const facts: [string, string | undefined][] = [
    ['result', resultText(call)],
    ['asked for', `${visibleText(call.model_asked, NAME_CHARS_MAX)}  (${operationText(call)})`],
    [
      'answered by',
      call.provider == null ? undefined : `${call.provider}/${visibleText(call.model ?? '', NAME_CHARS_MAX)}`,
    ],
    ['route', call.route ?? undefined],
    ['began', call.created_at],
    ['took', call.total_ms == null ? undefined : formatDuration(call.total_ms)],
    ['usage', usageText(call.usage)],
    ['cost', costText(call)],
    ['charge', call.charge == null ? undefined : usdShown(call.charge)],
    ['key', call.key ?? undefined],
    ['project', call.project ?? undefined],
    ['task', call.task ?? undefined],
    ['end user', call.end_user ?? undefined],
    ['tags', call.tags?.join(', ')],
    ['client id', call.client_request_id ?? undefined],
    ['trace', call.trace_id ?? undefined],
    ['config', call.config_version ?? undefined],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`  ${paint.dim(name.padEnd(12))}${visibleText(value, 400)}`],
  );
  const attempts = call.attempts.flatMap((attempt) => attemptLines(attempt, paint));
  return `${[paint.bold(call.id), ...lines, ...attempts].join('\n')}\n`;
}

function operationText({ operation, dialect, stream }: CallRecord): string {
  return [operation, dialect, stream === true ? 'streamed' : undefined].filter((part) => part != null).join(', ');
}

function attemptLines(attempt: AttemptRecord, paint: Paint): string[] {
  const ok = attempt.outcome === 'ok';
  const outcome = attempt.outcome ?? 'running';
  const result = [attempt.status, attempt.error].filter((part) => part != null).join(' ');
  const head = [
    `attempt ${attempt.attempt}`,
    visibleText(`${attempt.provider}/${attempt.model}`, NAME_CHARS_MAX),
    ok ? paint.good(outcome) : paint.bad(outcome),
    result,
    attempt.total_ms == null ? '' : formatDuration(attempt.total_ms),
  ];
  const first = attempt.first_token_ms == null ? undefined : `first token ${formatDuration(attempt.first_token_ms)}`;
  const usage = usageText(attempt.usage);
  const source = attempt.usage_source == null ? '' : ` (counted by: ${attempt.usage_source})`;
  const details = [
    attempt.route_reason == null ? undefined : `why: ${attempt.route_reason}`,
    attempt.error_message ?? undefined,
    usage === undefined ? undefined : `${usage}${source}, cost ${usdShown(attempt.cost)}`,
    chargeText(attempt),
    [first, attempt.finish_reason == null ? undefined : `ended by ${attempt.finish_reason}`].filter(Boolean).join(', '),
    attempt.credential == null ? undefined : `credential ${attempt.credential}`,
    attempt.upstream_request_id == null ? undefined : `the provider's id ${attempt.upstream_request_id}`,
  ];
  return [
    `  ${head.filter((part) => part !== '').join('  ')}`,
    ...details.flatMap((detail) =>
      detail === undefined || detail === '' ? [] : [`    ${paint.dim(visibleText(detail, DETAIL_CHARS_MAX))}`],
    ),
  ];
}

function chargeText({ charge, hold, overrun }: AttemptRecord): string | undefined {
  if (charge == null && hold == null) return undefined;
  const held = hold == null ? '' : ` of ${usdShown(hold)} held`;
  return `charged ${usdShown(charge)}${held}${overrun === true ? ', an overrun' : ''}`;
}

function usageText(usage: CallRecord['usage']): string | undefined {
  if (usage == null) return undefined;
  const details = usage.details == null ? '' : `, ${detailsText(usage.details)}`;
  const written = (usage.cache_write_tokens ?? 0) > 0 ? ` (${countText(usage.cache_write_tokens)} to the cache)` : '';
  const cached = (usage.cached_input_tokens ?? 0) > 0 ? ` (${countText(usage.cached_input_tokens)} cached)` : '';
  const reasoning = (usage.reasoning_tokens ?? 0) > 0 ? ` (${countText(usage.reasoning_tokens)} reasoning)` : '';
  return `${countText(usage.input_tokens)} tokens in${cached}${written}, ${countText(usage.output_tokens)} out${reasoning}${details}`;
}

/** `input audio tokens 5, images:1024x1024:high 2, service tier flex`. */
function detailsText(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .map(([name, value]) =>
      typeof value === 'object' && value !== null
        ? detailsText(value as Record<string, unknown>)
        : `${name.replaceAll('_', ' ')} ${String(value)}`,
    )
    .join(', ');
}
