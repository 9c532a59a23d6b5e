import { escaped } from './text.ts';

/** What is drawn over the day: one value a slice, `null` where there is none. */
export interface Line {
  readonly name: string;
  readonly className: string;
  readonly values: readonly (number | null)[];
}

/** A stretch of the plot, as shares of its width. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly className: string;
  readonly title: string;
}

export interface PlotFacts {
  readonly title: string;
  /** What is seen, for who does not see it. */
  readonly summary: string;
  readonly lines: readonly Line[];
  readonly bands: readonly Band[];
  readonly min: number;
  readonly max: number;
  /** Values that get a line of their own and a label. */
  readonly ticks: readonly number[];
  readonly hours: readonly string[];
  /** Of the width, what one value takes; the last one may take less. */
  readonly valueWidth: number;
  /** Lines are filled down to the axis, each on top of the one before. */
  readonly stacked?: boolean;
  label(value: number): string;
}

const WIDTH = 1_000;
const HEIGHT = 240;

/** A plot as a figure. The drawing stretches with the page and the words beside it do not, so that both are read at any width. */
export function plotHtml(facts: PlotFacts): string {
  const { title, summary, bands, ticks, hours, label } = facts;
  const drawn = facts.stacked === true ? areas(facts) : facts.lines.map((line) => path(line, facts)).join('');
  const grid = ticks
    .map(
      (tick) =>
        `<line class="grid" x1="0" x2="${WIDTH}" y1="${number(yOf(tick, facts))}" y2="${number(yOf(tick, facts))}"/>`,
    )
    .join('');
  const labels = ticks
    .map((tick) => `<span style="bottom:${percent(heightOf(tick, facts))}">${escaped(label(tick))}</span>`)
    .join('');
  return `<figure>
<figcaption><h3>${escaped(title)}</h3>${legend(facts)}</figcaption>
<div class="plot">
<div class="values">${labels}</div>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${escaped(summary)}">${bands
    .map(bandRect)
    .join('')}${grid}${drawn}</svg>
<div class="hours">${hours.map((hour) => `<span>${escaped(hour)}</span>`).join('')}</div>
</div>
</figure>`;
}

function legend({ lines }: PlotFacts): string {
  if (lines.length < 2) return '';
  const items = lines.map(({ name, className }) => `<li><i class="${className}"></i>${escaped(name)}</li>`);
  return `<ul class="legend">${items.join('')}</ul>`;
}

function bandRect({ from, to, className, title }: Band): string {
  const width = Math.max(1, (to - from) * WIDTH);
  return `<rect class="band ${className}" x="${number(from * WIDTH)}" y="0" width="${number(width)}" height="${HEIGHT}"><title>${escaped(title)}</title></rect>`;
}

/** A step for each slice; a gap where there is no value. */
function path({ className, values, name }: Line, facts: PlotFacts): string {
  let drawn = '';
  let pen = false;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      pen = false;
      continue;
    }
    const y = number(yOf(value, facts));
    drawn += `${pen ? 'L' : 'M'}${xOf(index, facts)} ${y}L${xOf(index + 1, facts)} ${y}`;
    pen = true;
  }
  return `<path class="line ${className}" d="${drawn}"><title>${escaped(name)}</title></path>`;
}

function areas(facts: PlotFacts): string {
  const { lines } = facts;
  const count = lines[0]?.values.length ?? 0;
  const below = new Array<number>(count).fill(0);
  return lines
    .map(({ className, values, name }) => {
      const bottoms = [...below];
      let upper = '';
      for (let index = 0; index < count; index++) {
        below[index] = (below[index] ?? 0) + (values[index] ?? 0);
        const y = number(yOf(below[index] ?? 0, facts));
        upper += `${index === 0 ? 'M' : 'L'}${xOf(index, facts)} ${y}L${xOf(index + 1, facts)} ${y}`;
      }
      let lower = '';
      for (let index = count - 1; index >= 0; index--) {
        const y = number(yOf(bottoms[index] ?? 0, facts));
        lower += `L${xOf(index + 1, facts)} ${y}L${xOf(index, facts)} ${y}`;
      }
      return `<path class="area ${className}" d="${upper}${lower}Z"><title>${escaped(name)}</title></path>`;
    })
    .join('');
}

function xOf(index: number, { valueWidth }: PlotFacts): string {
  return number(Math.min(1, index * valueWidth) * WIDTH);
}

function yOf(value: number, facts: PlotFacts): number {
  return HEIGHT * (1 - heightOf(value, facts));
}

function heightOf(value: number, { min, max }: PlotFacts): number {
  return Math.min(1, Math.max(0, (value - min) / (max - min)));
}

function percent(share: number): string {
  return `${number(share * 100)}%`;
}

function number(value: number): string {
  return String(Number(value.toFixed(1)));
}
