import { type Ask, askForList, eachOfList } from '../ask-server.ts';
import { callRecord, type Records, taskRecord, type UsageReport, usageReport, usageRow } from './records.ts';

/** Groups of one report are not followed beyond this many pages of 200. */
const REPORT_PAGES_MAX = 500;

/** What was recorded, by questions in the form of the admin API. */
export function askedRecords(ask: Ask): Records {
  return {
    calls: ({ limit, ...filter }) =>
      askForList(ask, { entry: callRecord, path: pathWith('/admin/calls', filter), countMax: limit }),
    eachCall: (filter) => eachOfList(ask, { entry: callRecord, path: pathWith('/admin/calls', filter) }),
    call: (id) => ask({ schema: callRecord, path: `/admin/calls/${encodeURIComponent(id)}` }),
    async usage(query) {
      const page = (cursor?: string) =>
        ask({ schema: usageReport, path: pathWith('/admin/usage', { ...query, cursor }) });
      return wholeReport(await page(), page);
    },
    eachHour: (filter) => eachOfList(ask, { entry: usageRow, path: pathWith('/admin/usage/hours', filter) }),
    eachLine: (filter) => eachOfList(ask, { entry: usageRow, path: pathWith('/admin/usage/lines', filter) }),
    task: (task, project) => ask({ schema: taskRecord, path: pathWith('/admin/task', { task, project }) }),
  };
}

/** All pages as one report. */
async function wholeReport(first: UsageReport, pageAt: (cursor: string) => Promise<UsageReport>): Promise<UsageReport> {
  const data = [...first.data];
  let cursor = first.next_cursor;
  for (let pages = 1; cursor != null && pages < REPORT_PAGES_MAX; pages++) {
    const page = await pageAt(cursor);
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
