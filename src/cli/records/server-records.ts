import type { Clock } from '../../kernel/clock.ts';
import type { AdminServer } from '../admin-client.ts';
import { askServer, askServerForList } from '../ask-server.ts';
import { callRecord, type Records, type UsageReport, usageReport } from './records.ts';

/** Groups of one report are not followed beyond this many pages of 200. */
const REPORT_PAGES_MAX = 500;

/** What a running server has recorded. Every method throws `ServerAbsent` when nothing listens. */
export function serverRecords(server: AdminServer, clock: Clock): Records {
  return {
    calls({ limit, ...filter }) {
      const list = { entry: callRecord, path: pathWith('/admin/calls', filter), countMax: limit };
      return askServerForList(server, list, clock);
    },
    call: (id) => askServer(server, { schema: callRecord, path: `/admin/calls/${encodeURIComponent(id)}` }, clock),
    async usage(query) {
      const ask = (cursor: string | undefined) =>
        askServer(server, { schema: usageReport, path: pathWith('/admin/usage', { ...query, cursor }) }, clock);
      return wholeReport(await ask(undefined), ask);
    },
    close: () => Promise.resolve(),
  };
}

/** All pages as one report. The later ones ask for the first one's period, which otherwise ends with each question. */
async function wholeReport(first: UsageReport, ask: (cursor: string) => Promise<UsageReport>): Promise<UsageReport> {
  const data = [...first.data];
  let cursor = first.next_cursor;
  for (let pages = 1; cursor != null && pages < REPORT_PAGES_MAX; pages++) {
    const page = await ask(cursor);
    data.push(...page.data);
    cursor = page.next_cursor;
  }
  return { ...first, data, next_cursor: null };
}

/** A path with those parameters that say something. */
export function pathWith(path: string, query: object): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
