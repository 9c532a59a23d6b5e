import type { Context } from '../context.ts';
import { printJson } from '../io.ts';
import type { ServerFlags } from '../running-server.ts';
import { withRecords } from './open-records.ts';
import { usageTable } from './usage-text.ts';

export interface UsageFlags extends ServerFlags {
  readonly by: string;
  readonly since?: number;
  readonly until?: number;
  readonly json?: boolean;
}

/** What calls used and cost, in groups. */
export async function showUsage(flags: UsageFlags, context: Context): Promise<void> {
  const { io, clock } = context;
  // The end is named even when it is now: pages of one report must be about one period.
  const to = new Date(flags.until ?? clock.now()).toISOString();
  const from = flags.since === undefined ? undefined : new Date(flags.since).toISOString();
  await withRecords(flags, context, async (records) => {
    const report = await records.usage({ group_by: flags.by, from, to });
    if (flags.json === true) {
      printJson(io, report);
      return;
    }
    io.out(usageTable(report, io.outTerminal));
    io.err(`from ${report.from} to ${report.to}\n`);
  });
}
