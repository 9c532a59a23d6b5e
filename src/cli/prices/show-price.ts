import { askForList, asking } from '../ask-server.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failure.ts';
import { printJson, tableText } from '../io.ts';
import { pathWith } from '../records/asked-records.ts';
import { type ServerFlags, withServer } from '../running-server.ts';
import { type PriceSheetAnswer, priceSheet } from './price-answers.ts';
import { rateText } from './rate-text.ts';

export interface PriceFlags extends ServerFlags {
  readonly organisation?: string;
  readonly json?: boolean;
}

export async function showPrice(model: string, flags: PriceFlags, { io, clock }: Context): Promise<void> {
  const path = pathWith('/admin/prices', { model, organisation: flags.organisation });
  const [sheet] = await withServer(flags, (server) =>
    askForList(asking(server, clock), { entry: priceSheet, path, countMax: 1 }),
  );
  if (sheet === undefined) {
    throw new CliFailure(`no price is known of ${model}`, {
      exitCode: EXIT.notFound,
      next: 'name it as provider/model; "leeward prices list" has those with a price, and providers.<name>.prices gives it one',
    });
  }
  if (flags.json === true) printJson(io, sheet);
  else {
    io.out(`${sheet.id}\n${sheet.version}\n\n`);
    io.out(tableText(['', 'PRICE'], rows(sheet), io.outTerminal));
  }
}

function rows(sheet: PriceSheetAnswer): string[][] {
  const of = (unit: string, rates: PriceSheetAnswer['tokens'], prefix = '') =>
    Object.entries(rates).map(([name, rate]) => [`${prefix}${name}`, rateText(unit, rate)]);
  return [
    ...of('token', sheet.tokens),
    ...sheet.unknown.map((name) => [name, 'unknown']),
    ...of('unit', sheet.quantities),
    ...(sheet.per_request === null ? [] : [['request', rateText('request', sheet.per_request)]]),
    ...Object.entries(sheet.terms).flatMap(([tier, { times, tokens, ordinary }]) => [
      ...(times === null ? [] : [[`${tier}: tokens`, `× ${times}${exceptions(ordinary)}`]]),
      ...of('token', tokens, `${tier}: `),
    ]),
  ];
}

function exceptions(ordinary: readonly string[]): string {
  return ordinary.length === 0 ? '' : `, but ${ordinary.join(', ')} as ever`;
}
