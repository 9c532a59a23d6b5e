import { foreign, type Html, html } from './html.ts';
import { instant } from './instants.ts';
import type { PageAlert } from './page-data.ts';

const ALERTS_MAX = 5;

/** The latest alerts about money; nothing at all while there are none. */
export function renderAlerts(alerts: readonly PageAlert[]): Html | undefined {
  if (alerts.length === 0) return undefined;
  const items = alerts
    .slice(0, ALERTS_MAX)
    .map(({ at, message }) => html`<li>${instant(at)} ${foreign(message, 300)}</li>`);
  const more =
    alerts.length > ALERTS_MAX
      ? html`<p class="hint">and ${alerts.length - ALERTS_MAX} more: <code>leeward budgets alerts</code></p>`
      : undefined;
  return html`<section aria-labelledby="alerts-title">
<h2 id="alerts-title">Alerts</h2>
<ul id="alerts">${items}</ul>
${more}
</section>
`;
}
