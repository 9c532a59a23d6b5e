/**
 * The page's script, as the browser gets it: local times, growing durations,
 * copy buttons, and rows that follow the live feed. The page is complete
 * without it.
 *
 * A row that changes keeps its own `<details>` element, so that what is open
 * stays open and what has the focus keeps it; only the parts whose markup
 * differs are replaced. Markup comes from our server, escaped there; the
 * page's policy forbids anything in it to run.
 */
export const PAGE_SCRIPT = `'use strict';
(() => {
  const ROWS_MAX = 50;
  const calls = document.getElementById('calls');
  const live = document.getElementById('live');
  const liveState = document.getElementById('live-state');
  const liveToggle = document.getElementById('live-toggle');
  const shown = new Map();
  let clockOffsetMs = Number(document.documentElement.dataset.now) - Date.now();
  let feed;
  let paused = false;

  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  const padded = (value) => String(value).padStart(2, '0');

  function localTimes(root) {
    for (const time of root.querySelectorAll('time')) time.textContent = clock.format(new Date(time.dateTime));
  }

  function elapsedText(ms) {
    if (ms < 59950) return (ms / 1000).toFixed(1) + ' s';
    const seconds = Math.round(ms / 1000);
    if (seconds < 3600) return Math.floor(seconds / 60) + ' m ' + padded(seconds % 60) + ' s';
    const minutes = Math.floor(seconds / 60);
    if (minutes < 1440) return Math.floor(minutes / 60) + ' h ' + padded(minutes % 60) + ' m';
    return Math.floor(minutes / 1440) + ' d ' + Math.floor((minutes % 1440) / 60) + ' h';
  }

  function growDurations() {
    if (document.hidden) return;
    const now = Date.now() + clockOffsetMs;
    for (const span of document.querySelectorAll('.elapsed')) {
      const text = elapsedText(Math.max(0, now - Number(span.dataset.since)));
      if (span.textContent !== text) span.textContent = text;
    }
  }

  function dressed(root) {
    localTimes(root);
    if (navigator.clipboard === undefined) return;
    for (const command of root.querySelectorAll('.command')) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = 'Copy';
      command.append(button);
    }
  }

  function rowsOf(html) {
    const template = document.createElement('template');
    template.innerHTML = html;
    return [...template.content.children];
  }

  function replaceInside(old, fresh) {
    old.replaceChildren(...fresh.childNodes);
  }

  function update(row, html) {
    if (shown.get(row.id) === html) return;
    shown.set(row.id, html);
    dressed(row);
    const known = document.getElementById(row.id);
    if (known === null) {
      calls.prepend(row);
      return;
    }
    for (const part of ['summary', '.detail']) {
      const old = known.querySelector(part);
      const fresh = row.querySelector(part);
      if (old.innerHTML !== fresh.innerHTML) replaceInside(old, fresh);
    }
  }

  function forgetOldest() {
    while (calls.children.length > ROWS_MAX) {
      shown.delete(calls.lastElementChild.id);
      calls.lastElementChild.remove();
    }
  }

  function onCalls({ now, html }) {
    clockOffsetMs = now - Date.now();
    const rows = rowsOf(html);
    const ids = new Set(rows.map((row) => row.id));
    for (const known of [...calls.children]) {
      if (ids.has(known.id)) continue;
      shown.delete(known.id);
      known.remove();
    }
    const order = [...ids];
    for (const row of rows.reverse()) update(row, row.outerHTML);
    const inOrder = order.every((id, index) => calls.children[index]?.id === id);
    if (!inOrder) calls.replaceChildren(...order.map((id) => document.getElementById(id)));
    growDurations();
  }

  function onCall({ html }) {
    for (const row of rowsOf(html)) update(row, row.outerHTML);
    forgetOldest();
    growDurations();
  }

  function fill(id, html) {
    const part = document.getElementById(id);
    part.innerHTML = html;
    localTimes(part);
    growDurations();
  }

  function say(state, text) {
    live.dataset.state = state;
    if (liveState.textContent !== text) liveState.textContent = text;
    liveToggle.textContent = paused ? 'Resume' : 'Pause';
    liveToggle.hidden = state === 'over';
  }

  function close() {
    if (feed !== undefined) feed.close();
    feed = undefined;
  }

  function open() {
    if (feed !== undefined || paused || document.hidden) return;
    say('opening', 'Connecting');
    feed = new EventSource('/page/live');
    const take = (name, fn) => feed.addEventListener(name, (event) => fn(JSON.parse(event.data)));
    feed.onopen = () => say('live', 'Live');
    feed.onerror = () => {
      if (feed.readyState === EventSource.CLOSED) say('over', 'Not live: reload the page');
      else say('opening', 'Reconnecting');
    };
    take('calls', onCalls);
    take('call', onCall);
    take('providers', ({ html }) => fill('providers', html));
    take('targets', ({ html }) => fill('targets', html));
    take('server', ({ html }) => fill('server', html));
  }

  function openTarget() {
    const row = location.hash.startsWith('#call_') ? document.getElementById(location.hash.slice(1)) : null;
    if (row !== null) row.querySelector('details').open = true;
  }

  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.parentElement.querySelector('code').textContent);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Select it';
      getSelection().selectAllChildren(button.parentElement.querySelector('code'));
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('.command button');
    if (button !== null) copy(button);
  });
  liveToggle.addEventListener('click', () => {
    paused = !paused;
    if (paused) {
      close();
      say('paused', 'Paused');
    } else open();
  });
  // A hidden page holds one of the browser's few connections to us for nobody.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) close();
    else open();
  });
  addEventListener('hashchange', openTarget);
  // A page that is left frozen must not keep its feed; the one that comes back opens a new one.
  addEventListener('pagehide', close);
  addEventListener('pageshow', open);

  document.getElementById('time-heading').textContent = 'Time';
  dressed(document);
  openTarget();
  growDurations();
  setInterval(growDurations, 1000);
  live.hidden = false;
  open();
})();
`;
