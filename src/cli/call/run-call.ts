import { formatCount, formatDuration, visibleText } from '../../observability/format.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failure.ts';
import { type Io, printJson } from '../io.ts';
import { usdShown } from '../money-text.ts';
import { paintFor } from '../paint.ts';
import { type Caller, callerOf } from './caller.ts';
import { type ChatOutcome, chat } from './chat.ts';
import { member } from './chat-reader.ts';
import { chatBody, chatHeaders, curlLine } from './chat-request.ts';
import { type CallRecord, recordOfCall } from './record.ts';

const PROMPT_BYTES_MAX = 20 * 2 ** 20;

export interface CallFlags {
  readonly data: string;
  readonly url?: string;
  readonly system?: string;
  readonly maxTokens?: number;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly route?: string;
  readonly timeout: number;
  readonly json?: boolean;
  readonly raw?: boolean;
  readonly curl?: boolean;
  readonly dryRun?: boolean;
}

/** One call from the terminal, to its end. @throws `CliFailure` when it did not end well */
export async function runCall(
  model: string,
  given: string | undefined,
  flags: CallFlags,
  context: Context,
): Promise<void> {
  const { io, clock } = context;
  const caller = callerOf(flags, io.env);
  const prompt = await promptOf(given, io);
  const { system, maxTokens, set: fields } = flags;
  const body = chatBody({ model, prompt, system, maxTokens, fields });
  const headers = chatHeaders(flags.route);
  if (flags.curl === true) {
    io.out(`${curlLine(caller.url, caller.keyShell, headers, body)}\n`);
    return;
  }
  const ending = new AbortController();
  const timer = clock.after(flags.timeout, () => ending.abort(timedOut(flags.timeout)));
  endWith(context, ending);
  const printer = textPrinter(flags, io);
  try {
    if (flags.dryRun === true) {
      const { dryCall } = await import('./dry-call.ts');
      await dryCall({ caller, body, headers, json: flags.json === true, signal: ending.signal }, io);
      return;
    }
    const outcome = await settled(chat({ caller, body, headers, signal: ending.signal, clock, ...printer }), ending);
    printer.end();
    if (ending.signal.aborted) leave(ending.signal.reason, outcome?.requestId);
    else if (outcome !== undefined) await tell(outcome, caller, flags, context);
  } finally {
    timer.cancel();
  }
}

/** What came of it; `undefined` when it was ended before there was an answer. */
async function settled(running: Promise<ChatOutcome>, ending: AbortController): Promise<ChatOutcome | undefined> {
  try {
    return await running;
  } catch (thrown) {
    if (!ending.signal.aborted) throw thrown;
    return undefined;
  }
}

async function promptOf(given: string | undefined, io: Io): Promise<string> {
  if (given !== undefined && given !== '-') return given;
  if (io.input === undefined || (given === undefined && io.input.isTerminal)) {
    const next = 'put it behind the model, or send it on standard input';
    throw new CliFailure('there is no prompt', { exitCode: EXIT.usage, next });
  }
  const text = (await io.input.text(PROMPT_BYTES_MAX)).replace(/\r?\n$/, '');
  if (text === '')
    throw new CliFailure('the prompt on standard input is empty', { exitCode: EXIT.usage, next: 'say something' });
  return text;
}

/** A signal, or a reader that went away, ends the call; closing its connection cancels it upstream. */
function endWith(context: Context, ending: AbortController): void {
  context.outputGone?.addEventListener('abort', () => ending.abort(OUTPUT_GONE), { once: true });
  context.untilSignal().then(
    () => ending.abort(INTERRUPTED),
    (error: unknown) => ending.abort(error),
  );
}

const INTERRUPTED = Symbol('interrupted');
const OUTPUT_GONE = Symbol('output gone');

function timedOut(timeoutMs: number): CliFailure {
  return new CliFailure(`the answer took longer than ${formatDuration(timeoutMs)}`, {
    exitCode: EXIT.timeout,
    next: 'allow more with --timeout',
  });
}

/** @throws what the call is ended with; without a word when its reader is gone, as a pipe expects */
function leave(reason: unknown, requestId: string | undefined): void {
  if (reason === OUTPUT_GONE) return;
  if (reason !== INTERRUPTED) throw reason;
  const next =
    requestId === undefined ? 'nothing was answered yet' : `"leeward calls show ${requestId}" says what it used`;
  throw new CliFailure('the call was cancelled', { exitCode: EXIT.interrupted, next });
}

/** Text for a person as it comes, bytes for `--raw`, nothing before the end for `--json`. */
function textPrinter(flags: CallFlags, io: Io) {
  let last = '';
  const plain = flags.json !== true && flags.raw !== true;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    onText(text: string) {
      if (!plain) return;
      last = text;
      io.out(io.outTerminal === undefined ? text : harmless(text));
    },
    onBytes(bytes: Buffer) {
      if (flags.raw === true) io.out(decoder.decode(bytes, { stream: true }));
    },
    /** The line of a terminal is ended before anything else is said. */
    end() {
      if (last !== '' && !last.endsWith('\n')) io.out('\n');
    },
  };
}

/** A model's answer may hold anything: on a terminal nothing but text, tabs and line ends gets through. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (char) => (char === '\n' || char === '\t' ? char : ''));
}

/** What is said once the answer is over. */
async function tell(outcome: ChatOutcome, caller: Caller, flags: CallFlags, context: Context): Promise<void> {
  const { io, clock } = context;
  const record = outcome.requestId === undefined ? undefined : await recordOfCall(outcome.requestId, caller, clock);
  if (flags.json === true) printJson(io, document(outcome, record));
  if (outcome.failure !== undefined) throw outcome.failure;
  if (flags.json !== true) io.err(`${paintFor(io.errTerminal, io.env).dim(summary(outcome, record))}\n`);
}

function document(outcome: ChatOutcome, record: CallRecord | undefined): unknown {
  const { answer, failure } = outcome;
  return {
    request_id: outcome.requestId ?? null,
    text: answer.text,
    tool_calls: answer.toolCalls,
    finish_reason: answer.finishReason ?? null,
    usage: answer.usage ?? null,
    provider: outcome.provider ?? null,
    model: outcome.model ?? null,
    route: outcome.route ?? null,
    route_reason: outcome.routeReason ?? null,
    first_text_ms: outcome.firstTextMs === undefined ? null : Math.round(outcome.firstTextMs),
    total_ms: Math.round(outcome.totalMs),
    error: failure === undefined ? null : { message: failure.message, next: failure.next },
    call: record ?? null,
  };
}

/** `sim/sim-small  asked for sim/sim-small  9+48 tokens  $0.0000312  first text 6 ms  total 76 ms  call_…`. */
function summary(outcome: ChatOutcome, record: CallRecord | undefined): string {
  const { answer } = outcome;
  const names = answer.toolCalls.map(({ name, arguments: given }) => `${name}(${given})`);
  const parts = [
    `${outcome.provider ?? '?'}/${outcome.model ?? '?'}`,
    outcome.routeReason,
    Number(outcome.attempts ?? 1) > 1 ? `${outcome.attempts} attempts` : undefined,
    tokens(answer.usage),
    `cost ${usdShown(record?.cost)}`,
    outcome.firstTextMs === undefined ? undefined : `first text ${formatDuration(outcome.firstTextMs)}`,
    `total ${formatDuration(outcome.totalMs)}`,
    answer.finishReason === 'stop' ? undefined : `ended by ${answer.finishReason ?? 'nothing'}`,
    ...names.map((name) => `calls ${name}`),
    outcome.requestId,
  ];
  return parts
    .filter((part) => part !== undefined)
    .map((part) => visibleText(part, 200))
    .join('  ');
}

function tokens(usage: unknown): string | undefined {
  const count = (name: string) => {
    const value = member(usage, name);
    return typeof value === 'number' ? formatCount(value) : '?';
  };
  return usage === undefined ? undefined : `${count('prompt_tokens')}+${count('completion_tokens')} tokens`;
}
