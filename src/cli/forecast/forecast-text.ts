import type { ForecastDocument, SideJson, WindowJson } from '../../forecast/forecast-document.ts';
import { formatCount, visibleText } from '../../observability/format.ts';
import { type Terminal, tableText } from '../io.ts';
import { usdShown } from '../money-text.ts';

const NAME_CHARS_MAX = 60;
const TEXT_CHARS_MAX = 600;
const WINDOWS_SHOWN = 12;

/** How a forecast's figures are put, which the page shares. */
export interface ReportRows {
  titleOf(document: ForecastDocument): string;
  subtitleOf(document: ForecastDocument): string;
  sideRows(side: SideJson): readonly (readonly [name: string, value: string])[];
  errorRows(gateway: SideJson, alone: SideJson): readonly (readonly [code: string, gateway: number, alone: number])[];
  readings(document: ForecastDocument): readonly string[];
}

/** A forecast for people. */
export function forecastText(document: ForecastDocument, rows: ReportRows, terminal?: Terminal): string {
  const { gateway, alone } = document;
  const before = rows.sideRows(alone);
  const sides = rows.sideRows(gateway).map(([name, value], index) => [name, value, before[index]?.[1] ?? '']);
  const errors = rows
    .errorRows(gateway, alone)
    .map(([code, here, there]) => [visibleText(code, NAME_CHARS_MAX), formatCount(here), formatCount(there)]);
  const blocks = [
    `${visibleText(rows.titleOf(document), TEXT_CHARS_MAX)}\n${visibleText(rows.subtitleOf(document), TEXT_CHARS_MAX)}\n`,
    tableText(['', 'LEEWARD', 'FIRST TARGET ALONE'], sides, terminal),
    targetTable(document, terminal),
    errors.length === 0 ? '' : tableText(['INSTEAD OF AN ANSWER', 'LEEWARD', 'ALONE'], errors, terminal),
    weatherTable(document.weather_windows, terminal),
    rows
      .readings(document)
      .map((text) => `${visibleText(text, TEXT_CHARS_MAX)}\n`)
      .join(''),
  ];
  return blocks.filter((block) => block !== '').join('\n');
}

function targetTable({ gateway, alone }: ForecastDocument, terminal: Terminal | undefined): string {
  const before = new Map(alone.targets.map((one) => [one.target, one]));
  const rows = gateway.targets.map((one) => [
    visibleText(one.target, NAME_CHARS_MAX),
    one.tier ?? '–',
    formatCount(one.attempts),
    formatCount(one.answered),
    percent(one.share_of_answers),
    percent(before.get(one.target)?.share_of_answers ?? null),
    usdShown(one.cost),
  ]);
  const text = gateway.answered_by_text;
  const texts = text === 0 ? [] : [['a text of the route', '', '', formatCount(text), '', '', '']];
  const tiers = gateway.tiers.map((one) => [
    `all ${one.tier ?? 'without a price tier'}`,
    '',
    '',
    formatCount(one.answered),
    percent(one.share_of_answers),
    '',
    usdShown(one.cost),
  ]);
  const headings = ['TARGET', 'TIER', 'ATTEMPTS', 'ANSWERED', 'SHARE', 'ALONE', 'COST IN SAMPLE'];
  return tableText(headings, [...rows, ...texts, ...tiers], terminal);
}

function weatherTable(windows: readonly WindowJson[], terminal: Terminal | undefined): string {
  if (windows.length === 0) return '';
  const rows = windows
    .slice(0, WINDOWS_SHOWN)
    .map(({ provider, model, from, to, what }) => [
      visibleText(model === null ? provider : `${provider}/${model}`, NAME_CHARS_MAX),
      `${from}–${to}`,
      what,
    ]);
  const more = windows.length - WINDOWS_SHOWN;
  return `${tableText(['WEATHER OF', 'WHEN', 'WHAT'], rows, terminal)}${more > 0 ? `and ${more} more: --json has them\n` : ''}`;
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
}
