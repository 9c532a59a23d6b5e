import { clockTime } from '../../observability/format.ts';
import { type Html, html } from './html.ts';

/** An instant as `12:04:11`: in UTC as sent, in the reader's zone once the script runs; the date and UTC on hover. */
export function instant(at: number): Html {
  const iso = new Date(at).toISOString();
  const title = `${iso.slice(0, 10)} ${iso.slice(11, 23)} UTC`;
  return html`<time datetime="${iso}" title="${title}">${clockTime(at, 'UTC')}</time>`;
}
