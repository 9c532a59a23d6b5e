import { askForList, asking } from '../ask-server.ts';
import type { Context } from '../context.ts';
import { printJson, tableText } from '../io.ts';
import { pathWith } from '../records/asked-records.ts';
import { type ServerFlags, withServer } from '../running-server.ts';
import { type PriceSheetAnswer, priceSheet } from './price-answers.ts';
import { priceText } from './rate-text.ts';

export interface PricesFlags extends ServerFlags {
  readonly provider?: string;
  readonly search?: string;
  readonly organisation?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export async function listPrices(flags: PricesFlags, { io, clock }: Context): Promise<void> {
  const { provider, search, organisation, limit } = flags;
  const path = pathWith('/admin/prices', { provider, search, organisation });
  // One more than wanted tells whether there are more.
  const found = await withServer(flags, (server) =>
    askForList(asking(server, clock), { entry: priceSheet, path, countMax: limit + 1 }),
  );
  const sheets = found.slice(0, limit);
  if (flags.json === true) printJson(io, sheets);
  else {
    const headings = ['MODEL', 'INPUT', 'CACHED', 'OUTPUT', 'ALSO', 'VERSION'];
    io.out(tableText(headings, sheets.map(priceRow), io.outTerminal));
  }
  if (found.length > limit) io.err('there are more: name a --provider, --search for some, or raise --limit\n');
}

const MAIN: readonly string[] = ['input', 'cachedInput', 'output'];
const VERSION_CHARS = 40;

function priceRow(sheet: PriceSheetAnswer): string[] {
  const token = (name: string) => {
    const rate = sheet.tokens[name];
    return rate === undefined ? '' : priceText('token', rate.pico_usd, rate.per);
  };
  const others = [
    ...Object.keys(sheet.tokens).filter((name) => !MAIN.includes(name)),
    ...Object.keys(sheet.quantities),
    ...(sheet.per_request === null ? [] : ['request']),
    ...Object.keys(sheet.terms),
  ];
  const also = others.length > 3 ? `${others.slice(0, 3).join(' ')} +${others.length - 3}` : others.join(' ');
  const version =
    sheet.version.length > VERSION_CHARS ? `${sheet.version.slice(0, VERSION_CHARS - 1)}…` : sheet.version;
  return [sheet.id, token('input'), token('cachedInput'), token('output'), also, version];
}
