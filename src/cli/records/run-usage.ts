import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failure.ts';
import { printJson } from '../io.ts';
import type { ServerFlags } from '../running-server.ts';
import { withRecords } from './open-records.ts';
import type { UsageFilter } from './records.ts';
import { printRows } from './row-text.ts';
import { tasksText, usageTable } from './usage-text.ts';

export interface UsageFlags extends ServerFlags {
  readonly by: string;
  readonly since?: number;
  readonly until?: number;
  readonly organisation?: string;
  readonly project?: string;
  readonly key?: string;
  readonly provider?: string;
  readonly model?: string;
  readonly operation?: string;
  readonly route?: string;
  readonly endUser?: string;
  readonly task?: string;
  readonly tag?: string;
  readonly format?: 'csv' | 'jsonl';
  readonly lines?: boolean;
  readonly json?: boolean;
}

/** What calls used and cost, in groups. */
export async function showUsage(flags: UsageFlags, context: Context): Promise<void> {
  const { io, clock } = context;
  const filter = filterOf(flags, clock.now());
  if (flags.format !== undefined || flags.lines === true) return exportUsage(flags, filter, context);
  await withRecords(flags, context, async (records) => {
    const report = await records.usage({ group_by: flags.by, ...filter });
    if (flags.json === true) {
      printJson(io, report);
      return;
    }
    io.out(usageTable(report, io.outTerminal));
    if (report.tasks != null) io.out(tasksText(report.tasks));
    io.err(`from ${report.from} to ${report.to}\n`);
  });
}

const NAMES = new Set(['end_user', 'task', 'tag']);

/** Rows as they come, a page of them at a time: an export may be longer than memory. */
async function exportUsage(flags: UsageFlags, filter: UsageFilter, context: Context): Promise<void> {
  const { format } = flags;
  if (format === undefined) {
    throw new CliFailure('--lines wants a format', {
      exitCode: EXIT.usage,
      next: 'add --format csv or --format jsonl',
    });
  }
  // The period is named even when it ends now: all pages must be about the same one.
  await withRecords(flags, context, async (records) => {
    const by = NAMES.has(flags.by) ? flags.by : 'all';
    const rows = flags.lines === true ? records.eachLine(filter) : records.eachHour({ ...filter, by });
    await printRows(context, format, rows);
  });
}

function filterOf(flags: UsageFlags, nowMs: number): UsageFilter {
  const { organisation, project, key, provider, model, operation, route, endUser, task, tag } = flags;
  return {
    from: flags.since === undefined ? undefined : new Date(flags.since).toISOString(),
    // The end is named even when it is now: pages of one report must be about one period.
    to: new Date(flags.until ?? nowMs).toISOString(),
    organisation,
    project,
    key,
    provider,
    model,
    operation,
    route,
    end_user: endUser,
    task,
    tag,
  };
}
