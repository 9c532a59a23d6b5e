import { z } from 'zod';
import { formatDuration, visibleText } from '../../observability/format.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure, exitCodeOfAnswer, whatAndNext } from '../failure.ts';
import { type Io, printJson, tableText } from '../io.ts';
import { usdShown } from '../money-text.ts';
import type { Caller } from './caller.ts';
import { answeredError, parsed } from './chat-reader.ts';
import { connectionFailure, send, textOf } from './send.ts';

const money = z.object({ nano_usd: z.string(), usd: z.string() }).nullish();

/** The part of the answer that is shown; the rest is let through for `--json`. */
const dryRun = z.looseObject({
  would: z.enum(['attempt', 'text', 'refuse']),
  error: z.looseObject({ code: z.string(), status: z.number(), message: z.string() }).nullish(),
  route: z.string().nullish(),
  attempts_max: z.number().nullish(),
  total_ms: z.number().nullish(),
  wait_ms: z.number(),
  degraded: z.string().nullish(),
  text: z.string().nullish(),
  targets: z.array(
    z.looseObject({
      target: z.string(),
      verdict: z.string(),
      reason: z.string(),
      closure: z.looseObject({ reason: z.string(), for_ms: z.number().nullish() }).nullish(),
      most: money,
      output_tokens_max: z.number().nullish(),
      lane: z.string().nullish(),
      losses: z.array(z.looseObject({ field: z.string() })).nullish(),
      refusal: z.looseObject({ message: z.string() }).nullish(),
    }),
  ),
  money: z.looseObject({ capped: z.boolean(), hold: money }),
  on: z.record(z.string(), z.array(z.string())).nullish(),
  degrade: z.array(z.looseObject({ target: z.string().nullish(), text: z.string().nullish() })).nullish(),
});

type DryRun = z.output<typeof dryRun>;

export interface DryCall {
  readonly caller: Caller;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/**
 * Asks the server what would happen to the call, and tells.
 *
 * @throws `CliFailure` as the call itself would end, where it would be refused
 */
export async function dryCall(call: DryCall, io: Io): Promise<void> {
  const run = await asked(call);
  if (call.json) printJson(io, run);
  else io.out(runText(run, io));
  const { error } = run;
  if (error == null) return;
  const { what, next } = whatAndNext(error.message);
  throw new CliFailure(`it would be refused: ${what.replace(/\.$/, '')} (${error.code})`, {
    exitCode: exitCodeOfAnswer(error.code, error.status),
    next: next ?? 'see "leeward targets"',
  });
}

async function asked({ caller, body, headers, signal }: DryCall): Promise<DryRun> {
  const url = `${caller.url}/v1/chat/completions`;
  const text = await textOf(
    await send({
      method: 'POST',
      url,
      key: caller.key,
      headers: { ...headers, 'x-leeward-dry-run': 'true' },
      body,
      signal,
    }),
  ).catch((thrown: unknown) => {
    throw signal.aborted ? thrown : connectionFailure(url, thrown);
  });
  const json = parsed(text);
  const answer = dryRun.safeParse(json);
  if (answer.success) return answer.data;
  const error = answeredError(json);
  if (error === undefined) {
    throw new CliFailure(`the server at ${caller.url} answered something else than it should`, {
      exitCode: EXIT.unexpected,
      next: 'use the leeward of the same version',
      cause: answer.error,
    });
  }
  const { what, next } = whatAndNext(error.message);
  throw new CliFailure(what, {
    exitCode: exitCodeOfAnswer(error.code, 400),
    next: next ?? 'see "leeward call --help"',
  });
}

function runText(run: DryRun, io: Io): string {
  const lines = [firstLine(run)];
  if (run.degraded != null) lines.push(`degraded: ${run.degraded}`);
  if (run.targets.length > 0) {
    const rows = run.targets.map((target) => [
      target.target,
      target.verdict.replaceAll('_', ' '),
      target.most == null ? '' : usdShown(target.most),
      target.output_tokens_max == null ? '' : String(target.output_tokens_max),
      [whyText(target), ...laneText(target)].join(', '),
    ]);
    lines.push(tableText(['TARGET', 'VERDICT', 'AT MOST', 'TOKENS', 'WHY'], rows, io.outTerminal).trimEnd());
  }
  if (run.money.capped && run.money.hold != null) lines.push(`held meanwhile: ${usdShown(run.money.hold)}`);
  for (const [cause, targets] of Object.entries(run.on ?? {})) {
    if (targets.length > 0) lines.push(`on ${cause}: ${targets.join(', ')}`);
  }
  for (const { target, text } of run.degrade ?? []) lines.push(`then: ${target ?? `the text ${JSON.stringify(text)}`}`);
  return `${lines.map((line) => (line.includes('\n') ? line : visibleText(line, 500))).join('\n')}\n`;
}

function firstLine({
  would,
  targets,
  route,
  attempts_max: attempts,
  total_ms: totalMs,
  wait_ms,
  text,
}: DryRun): string {
  if (would === 'refuse') return 'would be refused';
  if (would === 'text') return `would be answered with the text ${JSON.stringify(text ?? '')}`;
  const chosen = targets.find(({ verdict }) => verdict === 'chosen');
  return [
    `would go to ${chosen?.target ?? '?'}`,
    route == null ? undefined : `by ${route}`,
    attempts == null ? undefined : `${attempts === 1 ? '1 attempt' : `${attempts} attempts`} at most`,
    totalMs == null ? undefined : `over after ${formatDuration(totalMs)}`,
    wait_ms === 0 ? undefined : `after a wait of ${formatDuration(wait_ms)}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** So many fields are named; `--json` names them all. */
const FIELDS_SHOWN_MAX = 5;

function laneText({ lane, losses, refusal }: DryRun['targets'][number]): string[] {
  if (refusal != null) return [`cannot take it: ${refusal.message.replace(/\.$/, '')}`];
  const lost = (losses ?? []).map(({ field }) => field);
  const more = lost.length > FIELDS_SHOWN_MAX ? ` and ${lost.length - FIELDS_SHOWN_MAX} more` : '';
  const without = lost.length === 0 ? [] : [`without ${lost.slice(0, FIELDS_SHOWN_MAX).join(', ')}${more}`];
  return lane === 'translated' ? ['translated', ...without] : without;
}

function whyText({ reason, closure }: DryRun['targets'][number]): string {
  if (closure == null) return reason;
  const still = closure.for_ms == null ? '' : ` (for ${formatDuration(closure.for_ms)})`;
  return reason.includes(closure.reason) ? `${reason}${still}` : `${closure.reason}${still}, ${reason}`;
}
