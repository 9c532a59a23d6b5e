import { expect, test } from 'vitest';
import { renderPage } from './page.ts';
import { STARTED_AT, testPage } from './page-test-data.ts';

test('alerts stand on the page, the newest first, and nothing does while there are none', () => {
  const page = testPage();
  expect(renderPage(page, STARTED_AT).body).not.toContain('Alerts');
  const alerts = Array.from({ length: 7 }, (_, n) => ({ at: STARTED_AT, message: `alert ${7 - n} <b>` }));
  const { body } = renderPage({ ...page, alerts: () => alerts }, STARTED_AT);
  expect(body).toContain('<h2 id="alerts-title">Alerts</h2>');
  expect(body.indexOf('alert 7')).toBeLessThan(body.indexOf('alert 6'));
  expect(body).toContain('and 2 more: <code>leeward budgets alerts</code>');
  expect(body).not.toContain('alert 2');
  expect(body).not.toContain('alert 7 <b>');
});
