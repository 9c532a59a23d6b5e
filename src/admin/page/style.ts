/**
 * The page's style. Colours are few on purpose: one accent, and red and amber
 * only for what went wrong. All text keeps a contrast of 4.5 or more in both
 * schemes.
 */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --back: #f7f8f8;
  --front: #ffffff;
  --raised: #f1f4f4;
  --text: #1b2225;
  --muted: #5c686e;
  --line: #e1e6e7;
  --accent: #0b7285;
  --accent-pale: #b9dce2;
  --bad: #b3261e;
  --warn: #865300;
  --mono: ui-monospace, 'SF Mono', SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
  --columns: 4.25rem minmax(0, 1fr) 10rem 4rem 5.5rem 3.5rem 6rem 5rem 4.75rem;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0f1315;
    --front: #151a1d;
    --raised: #1b2125;
    --text: #dfe5e7;
    --muted: #93a0a6;
    --line: #262d31;
    --accent: #5ac3d3;
    --accent-pale: #2d6b76;
    --bad: #ff8b80;
    --warn: #e2b04a;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto;
  max-width: 86rem;
  padding: 1.25rem 1.5rem 4rem;
  background: var(--back);
  color: var(--text);
  font: 0.8125rem/1.4 system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif;
  font-variant-numeric: tabular-nums;
}
h1, h2, p, ol, ul, dl, dd { margin: 0; padding: 0; }
ol, ul { list-style: none; }
a { color: var(--accent); text-underline-offset: 0.15em; }
code, pre { font-family: var(--mono); font-size: 0.75rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; border-radius: 3px; }
.label { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 1.25rem; }
h1 { font-size: 1.0625rem; font-weight: 650; letter-spacing: -0.01em; }
.logo { fill: var(--accent); margin-right: 0.45rem; vertical-align: -0.2rem; }
#server { display: flex; flex-wrap: wrap; gap: 0.1rem 0; color: var(--muted); }
#server > .config-problem { flex-basis: 100%; color: var(--bad); overflow-wrap: anywhere; }
#server > span:not(:last-child)::after { content: '·'; margin: 0 0.5rem; color: var(--muted); }
h2 { font-size: 0.8125rem; font-weight: 650; }
section { margin-top: 1.5rem; }
.section-line { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.75rem; }
.hint { color: var(--muted); }

.mark { flex: none; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
.standing { display: inline-flex; align-items: baseline; gap: 0.35rem; min-width: 0; }
.standing .mark { transform: translateY(0.1rem); }
.standing > span { min-width: 0; overflow-wrap: anywhere; }
.mark.good, .mark.still { color: var(--muted); }
.bad, .mark.bad { color: var(--bad); }
.warn, .mark.warn { color: var(--warn); }
.busy, .mark.busy { color: var(--accent); }
.still { color: var(--muted); }

#providers, #targets {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr));
  gap: 1px;
  margin-top: 0.5rem;
  overflow: hidden;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: var(--front);
}
#providers:empty { display: none; }
.targets-section:has(#targets:empty) { display: none; }
.provider { padding: 0.5rem 0.75rem; box-shadow: 0 0 0 1px var(--line); min-width: 0; }
.provider-line { display: flex; justify-content: space-between; gap: 0.75rem; }
.provider .name { font-weight: 600; overflow-wrap: anywhere; }
.provider .standing { flex: none; }
.provider-facts, .last-error, .provider-detail { color: var(--muted); overflow-wrap: anywhere; }
.provider-facts > span:not(:last-child)::after { content: ' ·'; }
.last-error, .provider-detail { margin-top: 0.15rem; color: var(--text); }
.last-error time { margin-right: 0.3rem; color: var(--muted); }

#live { margin-left: auto; display: flex; align-items: baseline; gap: 0.6rem; color: var(--muted); }
#live[hidden] { display: none; }
#live-state::before {
  content: '';
  display: inline-block;
  width: 0.45rem;
  height: 0.45rem;
  margin-right: 0.4rem;
  border: 1.5px solid var(--muted);
  border-radius: 50%;
  vertical-align: 0.03rem;
}
#live[data-state='live'] #live-state::before { border-color: var(--accent); background: var(--accent); }
button {
  padding: 0.1rem 0.55rem;
  border: 1px solid var(--line);
  border-radius: 4px;
  background: var(--front);
  color: var(--text);
  font: inherit;
  cursor: pointer;
}
button:hover { border-color: var(--muted); }

.headings, summary { display: grid; grid-template-columns: var(--columns); column-gap: 0.75rem; align-items: baseline; }
.headings { padding: 0.5rem 0.75rem 0.35rem; color: var(--muted); font-size: 0.75rem; }
.headings:has(+ #calls:empty) { display: none; }
.figure { text-align: right; white-space: nowrap; }
#calls { border: 1px solid var(--line); border-radius: 6px; background: var(--front); overflow: hidden; }
#calls:empty { border: 0; }
:not(:empty) + .empty { display: none; }
.empty { margin-top: 0.5rem; padding: 0.75rem; border: 1px dashed var(--line); border-radius: 6px; color: var(--muted); }
.empty pre { margin-top: 0.5rem; }
.call + .call { border-top: 1px solid var(--line); }
summary { padding: 0.4rem 0.75rem; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary:hover { background: var(--raised); }
details[open] > summary { background: var(--raised); }
.call:target > details > summary { box-shadow: inset 3px 0 var(--accent); }
summary .time { color: var(--muted); }
.targets, .why, .cached { display: block; overflow-wrap: anywhere; }
.targets > span { display: inline-block; max-width: 100%; vertical-align: top; }
.arrow, .none, .blank, .why, .cached, .operation { color: var(--muted); }
.answered { font-weight: 600; }
.failed, .failed s { color: var(--muted); text-decoration-color: var(--bad); }
.operation { padding: 0 0.3rem; border: 1px solid var(--line); border-radius: 3px; font-size: 0.6875rem; }
.why, .cached { font-size: 0.75rem; }

.detail { padding: 0.25rem 0.75rem 0.9rem calc(0.75rem + 4.25rem + 0.75rem); background: var(--raised); }
.attempt { padding: 0.5rem 0 0.6rem; }
.attempt + .attempt, .detail > .facts { border-top: 1px solid var(--line); }
.detail > .facts { padding-top: 0.6rem; }
.attempt-line { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.75rem; }
.attempt .number { color: var(--muted); }
.attempt .target { font-weight: 600; overflow-wrap: anywhere; }
.timeline { display: block; width: 100%; height: 4px; margin: 0.4rem 0 0.5rem; border-radius: 2px; }
.rail { fill: var(--line); }
.wait { fill: var(--accent-pale); }
.flow { fill: var(--accent); }
.lost .wait, .lost .flow { fill: var(--bad); }
.error { margin-bottom: 0.4rem; color: var(--bad); overflow-wrap: anywhere; max-width: 60rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0.35rem 1.5rem; }
.facts dt { color: var(--muted); font-size: 0.75rem; }
.facts dd { overflow-wrap: anywhere; }
.command {
  position: relative;
  margin: 0.75rem 0 0;
  padding: 0.55rem 0.75rem;
  border: 1px solid var(--line);
  border-radius: 4px;
  background: var(--front);
  color: var(--text);
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}
.command button { position: absolute; top: 0.3rem; right: 0.3rem; font-family: system-ui, sans-serif; }
.command:has(button) { padding-right: 4.75rem; }
.choices { display: flex; flex-wrap: wrap; gap: 0.15rem 0.9rem; margin-top: 0.4rem; }
.choices [aria-current] { color: var(--text); font-weight: 650; text-decoration: none; }
.wide { margin-top: 0.75rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; background: var(--front); }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.3rem 0.75rem; text-align: left; vertical-align: baseline; }
thead th { color: var(--muted); font-size: 0.75rem; font-weight: 400; }
th.figure, td.figure { text-align: right; }
tbody th { font-weight: 400; overflow-wrap: anywhere; }
tbody tr, tfoot tr { border-top: 1px solid var(--line); }
tfoot th, tfoot td { font-weight: 650; }
.claim { max-width: 34rem; margin: 12vh auto 0; }
.claim p { margin-top: 0.9rem; }

@media (max-width: 62rem) {
  :root { --columns: 4.25rem minmax(0, 1fr) 10.5rem 6.5rem 4.75rem; }
  .headings .figure:not(:nth-last-child(3), :last-child), summary .attempts, summary .in, summary .out, summary .first { display: none; }
}
@media (max-width: 40rem) {
  body { padding: 0.9rem 0.75rem 3rem; }
  .headings { display: none; }
  #calls { margin-top: 0.5rem; }
  summary { display: flex; flex-wrap: wrap; gap: 0.1rem 0.9rem; padding: 0.55rem 0.75rem; }
  summary .time { order: 1; }
  summary .standing { order: 2; margin-left: auto; }
  summary .path { order: 3; flex-basis: 100%; }
  summary .figure { order: 4; display: block; font-size: 0.75rem; }
  summary .figure.blank, summary .attempts.single { display: none; }
  .cached { display: inline; }
  summary .figure .label { position: static; width: auto; height: auto; clip-path: none; color: var(--muted); }
  .detail { padding-left: 0.75rem; }
}
@media (prefers-reduced-motion: no-preference) {
  .mark.busy { animation: turn 1.6s linear infinite; transform-origin: center; transform-box: fill-box; }
  .standing .mark.busy { transform: none; align-self: center; }
  @keyframes turn { to { rotate: 1turn; } }
}
`;
