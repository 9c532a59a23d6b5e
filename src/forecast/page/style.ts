/** The page's style: readable in light and dark, on a wide screen, on a narrow one and on paper. */
export const FORECAST_STYLE = `
:root {
  color-scheme: light dark;
  --back: #f7f8f8; --front: #ffffff; --text: #1b2225; --muted: #5c686e; --line: #e1e6e7;
  --gateway: #0b7285; --alone: #b3541e; --bad: #b3261e; --warn: #865300;
  --outage: rgb(214 69 58 / 16%); --slow: rgb(222 158 30 / 18%); --limit: rgb(112 85 214 / 15%);
  --t0: #0b7285; --t1: #d9822b; --t2: #7055d6; --t3: #3b8f4a; --t4: #c23a72; --t5: #8a949a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0f1315; --front: #151a1d; --text: #dfe5e7; --muted: #93a0a6; --line: #2b3338;
    --gateway: #5ac3d3; --alone: #f0935a; --bad: #ff8b80; --warn: #e2b04a;
    --outage: rgb(255 120 108 / 22%); --slow: rgb(240 190 80 / 20%); --limit: rgb(160 140 255 / 24%);
    --t0: #3aa5b7; --t1: #d68a3f; --t2: #9383e6; --t3: #59ad68; --t4: #d8608f; --t5: #7d888e;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 76rem; padding: 1.5rem clamp(0.75rem, 3vw, 2rem) 4rem;
  background: var(--back); color: var(--text);
  font: 0.875rem/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif;
  font-variant-numeric: tabular-nums;
}
h1, h2, h3, p, ul, dl, dd, figure { margin: 0; padding: 0; }
h1 { font-size: 1.25rem; letter-spacing: -0.01em; }
h2 { font-size: 1rem; margin-top: 2rem; }
h3 { font-size: 0.875rem; font-weight: 650; }
ul { list-style: none; }
.muted, .about { color: var(--muted); }
.about { max-width: 60rem; margin-top: 0.25rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: 0.75rem; margin-top: 1rem; }
.fact { background: var(--front); border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem 1rem; }
.fact b { display: block; font-size: 1.5rem; font-weight: 650; color: var(--gateway); letter-spacing: -0.01em; }
.fact .versus { color: var(--alone); }
figure { margin-top: 1rem; background: var(--front); border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem 1rem 0.5rem; }
figcaption { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; align-items: baseline; }
.legend { display: flex; flex-wrap: wrap; gap: 0.15rem 1rem; color: var(--muted); font-size: 0.8125rem; }
.legend li { display: flex; align-items: center; gap: 0.4rem; overflow-wrap: anywhere; }
.legend i { flex: none; width: 0.9rem; height: 0.2rem; border-radius: 1px; background: currentColor; }
.legend i.band { height: 0.7rem; border: 1px solid var(--line); }
.legend i.t { height: 0.7rem; }
.plot { display: grid; grid-template-columns: 3.75rem minmax(0, 1fr); margin-top: 0.75rem; }
.plot svg { display: block; width: 100%; height: 11rem; border-bottom: 1px solid var(--line); overflow: visible; }
.values { position: relative; }
.values span { position: absolute; right: 0.5rem; transform: translateY(50%); color: var(--muted); font-size: 0.75rem; white-space: nowrap; }
.hours { grid-column: 2; display: flex; justify-content: space-between; color: var(--muted); font-size: 0.75rem; padding-top: 0.25rem; }
.hours span { width: 0; display: flex; justify-content: center; }
.grid { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
.line { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke: currentColor; }
.area { stroke: none; fill: currentColor; }
.gateway { color: var(--gateway); }
.alone { color: var(--alone); }
path.alone { stroke-dasharray: 5 3; }
.half { color: var(--gateway); opacity: 0.55; }
path.half { stroke-width: 1.25; }
.t0 { color: var(--t0); } .t1 { color: var(--t1); } .t2 { color: var(--t2); }
.t3 { color: var(--t3); } .t4 { color: var(--t4); } .t5 { color: var(--t5); }
.band { stroke: none; }
rect.outage { fill: var(--outage); } rect.slow { fill: var(--slow); } rect.limit { fill: var(--limit); }
i.outage { background: var(--outage); } i.slow { background: var(--slow); } i.limit { background: var(--limit); }
.lanes { margin: 0.5rem 0 0 3.75rem; }
.lanes > span { display: block; color: var(--muted); font-size: 0.75rem; overflow-wrap: anywhere; margin-top: 0.2rem; }
.lanes > .hours { margin-top: 0.15rem; }
.lane { position: relative; height: 0.85rem; background: var(--back); border-radius: 3px; overflow: hidden; }
.lane i { position: absolute; top: 0; bottom: 0; min-width: 2px; }
.lane i.outage { background: var(--bad); opacity: 0.75; } .lane i.slow { background: var(--t1); opacity: 0.75; } .lane i.limit { background: var(--t2); opacity: 0.75; }
.scroll { overflow-x: auto; margin-top: 0.75rem; background: var(--front); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 0.35rem 0.75rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
tr:last-child > * { border-bottom: none; }
th:first-child, td:first-child { text-align: left; white-space: normal; min-width: 9rem; overflow-wrap: anywhere; }
thead th { color: var(--muted); font-weight: 500; }
tbody th { font-weight: 500; }
.notes { margin-top: 0.5rem; display: grid; gap: 0.35rem; max-width: 60rem; }
.notes li { padding-left: 1rem; text-indent: -1rem; }
.notes li::before { content: '– '; color: var(--muted); }
.bad { color: var(--bad); }
@media (max-width: 40rem) {
  .hours span:nth-child(even) { display: none; }
  .plot svg { height: 9rem; }
  .plot { grid-template-columns: 3.25rem minmax(0, 1fr); }
  .lanes { margin-left: 3.25rem; }
  th, td { padding: 0.35rem 0.5rem; }
  .sides td { white-space: normal; }
}
@media print { body { background: none; } figure, .scroll, .fact { break-inside: avoid; } }
`;
