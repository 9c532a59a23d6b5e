import { expect, test } from 'vitest';
import type { PageUsageReport } from './page-data.ts';
import { renderUsage } from './usage-page.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

const figures: PageUsageReport['total'] = {
  calls: 2,
  attempts: 3,
  errors: 1,
  input_tokens: 20,
  cached_input_tokens: null,
  cache_write_tokens: null,
  output_tokens: 40,
  reasoning_tokens: null,
  cost_nano_usd: '3000000',
  cost_usd: '0.003',
  charge_nano_usd: null,
  charge_usd: null,
  reported_nano_usd: null,
  reported_usd: null,
  calls_without_cost: 1,
  attempts_without_cost: 1,
  estimated_attempts: 0,
  overruns: 0,
  mean_ms: null,
  mean_first_token_ms: null,
};

const group = (name: string | null) => ({ group: name, project: null, outcome: null, ...figures });

const report = (given: Partial<PageUsageReport> = {}): PageUsageReport => ({
  group_by: 'model',
  from: '2026-11-14T12:00:00.000Z',
  to: '2026-11-21T13:00:00.000Z',
  data: [group('sim/<b>'), group(null)],
  total: figures,
  tasks: null,
  next_cursor: null,
  replayed_until: '2026-11-21T12:00:00.000Z',
  ...given,
});

const body = (given: Partial<PageUsageReport>, query = '') =>
  renderUsage({ report: report(given) }, new URLSearchParams(query), NOW).body;

test('a group leads to its own days, unknown is not 0, and nothing of a name is markup', () => {
  const page = body({}, 'group_by=model&from=2026-11-14');
  expect(page).toContain('href="/usage?group_by=day&amp;from=2026-11-14&amp;model=sim%2F%3Cb%3E"');
  expect(page).toContain('sim/&lt;b&gt;');
  expect(page).not.toContain('<b>');
  expect(page).toContain('>none</span>');
  expect(page).toContain('<td class="figure">?</td>');
  expect(page).toContain('<td class="figure">–</td>');
  expect(page).toContain('aria-current="true">model</a>');
  expect(page).toContain('aria-current="true">7 days</a>');
});

test('times lead nowhere, more groups are behind a link, and what narrows has a way out', () => {
  const page = body({ group_by: 'day', data: [group('2026-11-20')], next_cursor: 'c1' }, 'task=t&project=p');
  expect(page).toContain('<th scope="row">2026-11-20</th>');
  expect(page).toContain('href="/usage?task=t&amp;project=p&amp;cursor=c1"');
  expect(page).toContain('href="/usage?project=p"');
  // The hours hold one name at a time: another one takes its place.
  expect(page).toContain('href="/usage?project=p&amp;group_by=tag"');
});

test('by task the page says what one, and one that succeeded, cost', () => {
  const money = { nano_usd: '2000000000', usd: '2' };
  const tasks = { tasks: 3, judged: 2, successful: 1, success_rate: 0.5, cost: money, cost_per_task: money };
  const page = body({ group_by: 'task', tasks: { ...tasks, cost_per_successful_task: money } });
  expect(page).toContain('3 tasks at $2.00 each; 1 of 2 judged succeeded, $2.00 for each success.');
});

test('a question that is none, and a time without calls, are said', () => {
  const refused = renderUsage({ refused: 'group_by <x> is not known' }, new URLSearchParams(), NOW);
  expect([refused.status, refused.body]).toEqual([400, expect.stringContaining('group_by &lt;x&gt; is not known')]);
  expect(body({ data: [] })).toContain('Nothing was used then.');
});
