import { sleep } from '../../kernel/clock.ts';
import { asking } from '../ask-server.ts';
import type { Context } from '../context.ts';
import { printJson, printJsonLine, tableText } from '../io.ts';
import { paintFor } from '../paint.ts';
import { type ServerFlags, withServer } from '../running-server.ts';
import { askedRecords } from './asked-records.ts';
import { CALL_HEADINGS, callBlock, callRow } from './call-text.ts';
import { withRecords } from './open-records.ts';
import type { CallFilter, CallRecord, Records } from './records.ts';

const WATCH_MS = 1_000;
/** How many calls one look may bring; more than that in a second is no list for a person. */
const WATCHED_CALLS_MAX = 200;
/** A call is looked for this long after it began: until it has ended, or the watch gives up on it. */
const WATCH_BACK_MS = 15 * 60_000;
const SEEN_MAX = 20_000;

export interface CallsFlags extends ServerFlags {
  readonly limit: number;
  readonly since?: number;
  readonly until?: number;
  readonly model?: string;
  readonly provider?: string;
  readonly key?: string;
  readonly project?: string;
  readonly task?: string;
  readonly outcome?: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

export async function listCalls(flags: CallsFlags, context: Context): Promise<void> {
  // Only a server has calls that end while one watches: the store of one that stopped is no stand-in.
  if (flags.watch === true) {
    await withServer(flags, (server) => watch(askedRecords(asking(server, context.clock)), flags, context));
    return;
  }
  await withRecords(flags, context, async (records) => {
    const calls = await records.calls(filterOf(flags));
    if (flags.json === true) printJson(context.io, calls);
    else context.io.out(callTable(calls, context));
  });
}

export async function showCall(id: string, flags: ServerFlags & { json?: boolean }, context: Context): Promise<void> {
  await withRecords(flags, context, async (records) => {
    const call = await records.call(id);
    const { io } = context;
    if (flags.json === true) printJson(io, call);
    else io.out(callBlock(call, paintFor(io.outTerminal, io.env)));
  });
}

function callTable(calls: readonly CallRecord[], { io, clock }: Context): string {
  const rows = calls.map((call) => callRow(call, clock.now()));
  return tableText(CALL_HEADINGS, rows, io.outTerminal);
}

function filterOf(flags: CallsFlags): CallFilter {
  const { limit, model, provider, key, project, task, outcome } = flags;
  return { limit, since: iso(flags.since), until: iso(flags.until), model, provider, key, project, task, outcome };
}

function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

/** Prints each call once it has ended, from now on (or `--since`), until a signal or until nobody reads. */
async function watch(records: Records, flags: CallsFlags, context: Context): Promise<void> {
  const { io, clock } = context;
  const stopping = new AbortController();
  context.outputGone?.addEventListener('abort', () => stopping.abort(), { once: true });
  context.untilSignal().then(
    () => stopping.abort(),
    (error: unknown) => stopping.abort(error),
  );
  const startedAt = flags.since ?? clock.now();
  const seen = new Set<string>();
  if (flags.json !== true) io.err('calls appear as they end; Ctrl-C stops\n');
  while (!stopping.signal.aborted) {
    const since = Math.max(startedAt, clock.now() - WATCH_BACK_MS);
    const calls = await records.calls({ ...filterOf(flags), since: iso(since), limit: WATCHED_CALLS_MAX });
    for (const call of calls.reverse()) {
      if (call.state === 'running' || seen.has(call.id)) continue;
      seen.add(call.id);
      if (flags.json === true) printJsonLine(io, call);
      else
        io.out(
          `${callRow(call, clock.now())
            .filter((cell) => cell !== '')
            .join('  ')}\n`,
        );
    }
    if (seen.size > SEEN_MAX) for (const id of [...seen].slice(0, SEEN_MAX / 2)) seen.delete(id);
    // It is cut short by the end of the watch, which the loop then sees.
    await sleep(clock, WATCH_MS, stopping.signal).catch(() => undefined);
  }
}
