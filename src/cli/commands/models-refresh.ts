import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { printJson } from '../io.ts';
import { dataOption, jsonOption } from '../options.ts';

interface RefreshFlags {
  readonly data: string;
  readonly from?: string;
  readonly json?: boolean;
}

/** `leeward models refresh`: newer models and prices than those of the package. */
export function addModelsRefresh(models: Command, context: Context): void {
  models
    .command('refresh')
    .summary('fetch the newest list of models and prices')
    .description(
      'Fetches a published list of models and prices and keeps it in the data directory, where a server takes it at its next start. Without a connection everything stays as it is.',
    )
    .addOption(
      new Option('--from <file|url>', "genai-prices' or LiteLLM's list (default: where genai-prices is published)"),
    )
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((flags: RefreshFlags) => refresh(flags, context));
}

async function refresh(flags: RefreshFlags, { io, clock }: Context): Promise<void> {
  const { refreshModels } = await import('../../compose/refresh-models.ts');
  const { from, data } = flags;
  const done = await refreshModels({ dataDir: data, ...(from === undefined ? {} : { from }) }, clock);
  if (flags.json === true) {
    printJson(io, done);
    return;
  }
  io.out(`${done.models} models of ${done.vendors} vendors from ${done.from}\n`);
  io.out(`version ${done.version} (before: ${done.previousVersion}), kept in ${done.path}\n`);
  io.err('a running server takes them at its next start\n');
}
