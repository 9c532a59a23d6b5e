import { z } from 'zod';
import { formatCount } from '../observability/format.ts';
import { askForList, asking } from './ask-server.ts';
import type { Context } from './context.ts';
import { printJson, tableText } from './io.ts';
import { usdPerMillion } from './money-text.ts';
import { pathWith } from './records/asked-records.ts';
import { type ServerFlags, withServer } from './running-server.ts';

/** The part of `GET /admin/models` that is shown; the rest is let through for `--json`. */
const model = z.looseObject({
  id: z.string(),
  operation: z.string().nullish(),
  modalities_in: z.array(z.string()).nullish(),
  modalities_out: z.array(z.string()).nullish(),
  context_window: z.number().nullish(),
  input_pico_usd: z.string().nullish(),
  output_pico_usd: z.string().nullish(),
  deprecated_at: z.string().nullish(),
  origin: z.string().nullish(),
});

export interface ModelsFlags extends ServerFlags {
  readonly provider?: string;
  readonly search?: string;
  readonly modality?: string;
  readonly operation?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export async function listModels(flags: ModelsFlags, { io, clock }: Context): Promise<void> {
  const { provider, search, modality, operation, limit } = flags;
  const path = pathWith('/admin/models', { provider, search, modality, operation });
  // One more than wanted tells whether there are more.
  const found = await withServer(flags, (server) =>
    askForList(asking(server, clock), { entry: model, path, countMax: limit + 1 }),
  );
  const models = found.slice(0, limit);
  if (flags.json === true) printJson(io, models);
  else {
    const rows = models.map((one) => [
      one.id,
      one.operation ?? '',
      modalities(one.modalities_in, one.modalities_out),
      one.context_window == null ? '' : formatCount(one.context_window),
      usdPerMillion(one.input_pico_usd),
      usdPerMillion(one.output_pico_usd),
      one.deprecated_at ?? '',
      one.origin ?? '',
    ]);
    const headings = ['MODEL', 'OPERATION', 'TAKES → GIVES', 'CONTEXT', 'INPUT', 'OUTPUT', 'DEPRECATED', 'FROM'];
    io.out(tableText(headings, rows, io.outTerminal));
  }
  if (found.length > limit) io.err(`there are more: name a --provider, --search for some, or raise --limit\n`);
}

function modalities(taken: readonly string[] | null | undefined, given: readonly string[] | null | undefined): string {
  if (taken == null && given == null) return '';
  return `${(taken ?? ['?']).join(' ')} → ${(given ?? ['?']).join(' ')}`;
}
