import { formatCount, formatDuration } from '../../observability/format.ts';
import {
  type ForecastDocument,
  OWN_TEXT,
  type SideJson,
  type SliceJson,
  type WindowJson,
} from '../forecast-document.ts';
import { shareText } from '../report-words.ts';
import { type Band, type Line, type PlotFacts, plotHtml } from './plot.ts';
import { escaped } from './text.ts';
import { roundTicks } from './ticks.ts';

const HOUR_LABELS = 8;
const TARGET_COLOURS = 6;

/** The day as plots, one above the other on the same hours, with the weather as bands behind them. */
export function dayPlots(document: ForecastDocument): string {
  const minutes = (secondsOf(document.to) - secondsOf(document.from)) / 60;
  const valueWidth = document.slice_minutes / minutes;
  const shared = { bands: bandsOf(document), hours: hoursOf(document), valueWidth };
  const all = [weatherLanes(document, shared.hours), availability(document), latency(document)];
  const plots = [...all, answers(document), traffic(document)];
  return `<h2>Over the day</h2>${plots.map((plot) => (typeof plot === 'string' ? plot : plotHtml({ ...shared, ...plot }))).join('\n')}`;
}

type Plot = Omit<PlotFacts, 'bands' | 'hours' | 'valueWidth'>;

function availability({ gateway, alone }: ForecastDocument): Plot {
  const lines = bothSides(gateway, alone, ({ availability: share }) => share);
  const lowest = Math.min(1, ...lines.flatMap(({ values }) => values.filter((value) => value !== null)));
  const min = lowest > 0.95 ? 0.95 : lowest > 0.8 ? 0.8 : lowest > 0.5 ? 0.5 : 0;
  return {
    title: 'Availability',
    summary: `Availability over the day: ${shareText(gateway.availability)} with Leeward, ${shareText(alone.availability)} with the first target alone`,
    lines,
    min,
    max: 1,
    ticks: roundTicks(min, 1),
    label: (share) => `${Number((share * 100).toFixed(1))} %`,
  };
}

function latency({ gateway, alone }: ForecastDocument): Plot {
  const p95 = bothSides(gateway, alone, ({ first_token_ms: quantiles }) => quantiles?.p95 ?? null, ', p95');
  const p50 = valuesOf(gateway, ({ first_token_ms: quantiles }) => quantiles?.p50 ?? null);
  const lines = [...p95, { name: 'Leeward, p50', className: 'half', values: p50 }];
  const highest = Math.max(1, ...lines.flatMap(({ values }) => values.filter((value) => value !== null)));
  const ticks = roundTicks(0, highest);
  return {
    title: 'Time to the first token',
    summary: `Time to the first token over the day, p95 ${gateway.first_token_ms === null ? 'unknown' : formatDuration(gateway.first_token_ms.p95)} with Leeward`,
    lines,
    min: 0,
    max: ticks.at(-1) ?? highest,
    ticks,
    label: (ms) => (ms === 0 ? '0' : formatDuration(ms).replace(/\.0+ /, ' ')),
  };
}

function answers({ gateway }: ForecastDocument): Plot {
  const texts = gateway.answered_by_text > 0 ? [OWN_TEXT] : [];
  const names = [...gateway.targets.map(({ target }) => target), ...texts];
  const shown = names.length > TARGET_COLOURS ? names.slice(0, TARGET_COLOURS - 1) : names;
  const shareOf = (slice: SliceJson, name: string) => {
    const total = Object.values(slice.answered_by).reduce((sum, count) => sum + count, 0);
    return total === 0 ? 0 : (slice.answered_by[name] ?? 0) / total;
  };
  const lines: Line[] = shown.map((name, index) => ({
    name,
    className: `t t${index}`,
    values: valuesOf(gateway, (slice) => shareOf(slice, name)),
  }));
  const others = names.slice(shown.length);
  if (others.length > 0) {
    const rest = (slice: SliceJson) => others.reduce((sum, name) => sum + shareOf(slice, name), 0);
    const name = `${others.length} others`;
    lines.push({ name, className: `t t${TARGET_COLOURS - 1}`, values: valuesOf(gateway, rest) });
  }
  return {
    title: 'Who answered, with Leeward',
    summary: `Share of the answers by target: ${gateway.targets.map((one) => `${one.target} ${shareText(one.share_of_answers)}`).join(', ')}`,
    lines,
    stacked: true,
    min: 0,
    max: 1,
    ticks: [0, 0.5, 1],
    label: (share) => `${share * 100} %`,
  };
}

function traffic({ gateway, calls, slice_minutes: minutes }: ForecastDocument): Plot {
  const values = valuesOf(gateway, (slice) => (slice.calls * calls.each_stands_for) / minutes);
  const ticks = roundTicks(0, Math.max(1, ...values.filter((value) => value !== null)));
  return {
    title: 'Calls a minute',
    summary: `Traffic: about ${formatCount(calls.expected)} calls`,
    lines: [{ name: 'Calls a minute', className: 'half', values }],
    stacked: true,
    min: 0,
    max: ticks.at(-1) ?? 1,
    ticks,
    label: (count) => formatCount(count),
  };
}

function bothSides(
  gateway: SideJson,
  alone: SideJson,
  pick: (slice: SliceJson) => number | null,
  suffix = '',
): readonly Line[] {
  return [
    { name: `First target alone${suffix}`, className: 'alone', values: valuesOf(alone, pick) },
    { name: `Leeward${suffix}`, className: 'gateway', values: valuesOf(gateway, pick) },
  ];
}

function valuesOf({ slices }: SideJson, pick: (slice: SliceJson) => number | null): readonly (number | null)[] {
  return slices.map((slice) => (slice.calls === 0 ? null : pick(slice)));
}

/** Each provider's weather in a lane of its own: in the plots it can only be seen that there was some. */
function weatherLanes(document: ForecastDocument, hours: readonly string[]): string {
  const { weather_windows: windows } = document;
  const names = [...new Set(windows.map(laneOf))];
  if (names.length === 0) return '';
  const lanes = names.map((name) => {
    const bands = windows.filter((window) => laneOf(window) === name).map((window) => bandOf(window, document));
    const drawn = bands.map(
      ({ from, to, className, title }) =>
        `<i class="${className}" style="left:${percent(from)};width:${percent(to - from)}" title="${escaped(title)}"></i>`,
    );
    const told = bands.map(({ title }) => title).join('; ');
    return `<span>${escaped(name)}</span><div class="lane" role="img" aria-label="${escaped(told)}">${drawn.join('')}</div>`;
  });
  return `<figure>
<figcaption><h3>Weather</h3><ul class="legend"><li><i class="band outage"></i>outage</li><li><i class="band slow"></i>slow</li><li><i class="band limit"></i>throttled, or less capacity</li></ul></figcaption>
<div class="lanes">${lanes.join('\n')}<div class="hours">${hours.map((hour) => `<span>${hour}</span>`).join('')}</div></div>
</figure>`;
}

function laneOf({ provider, model }: WindowJson): string {
  return model === null ? provider : `${provider}/${model}`;
}

const BAND_CLASSES: Readonly<Record<WindowJson['kind'], string>> = {
  outage: 'outage',
  refusal: 'outage',
  latency: 'slow',
  throttle: 'limit',
  capacity: 'limit',
};

function bandsOf(document: ForecastDocument): readonly Band[] {
  return document.weather_windows.map((window) => bandOf(window, document));
}

function bandOf(window: WindowJson, { from, to }: ForecastDocument): Band {
  const [begin, end] = [secondsOf(from), secondsOf(to)];
  const share = (time: string) => (secondsOf(time) - begin) / (end - begin);
  return {
    from: share(window.from),
    to: share(window.to),
    className: BAND_CLASSES[window.kind],
    title: `${laneOf(window)}: ${window.what}, ${window.from} to ${window.to}`,
  };
}

function hoursOf({ from, to }: ForecastDocument): readonly string[] {
  const [begin, end] = [secondsOf(from), secondsOf(to)];
  return Array.from({ length: HOUR_LABELS + 1 }, (_, index) => {
    const minutes = Math.round((begin + ((end - begin) * index) / HOUR_LABELS) / 60);
    return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  });
}

function secondsOf(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return hours * 3_600 + minutes * 60 + seconds;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(3))}%`;
}
