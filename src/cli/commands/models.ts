import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { addServerOptions, countUpTo } from '../options.ts';
import { addModelsRefresh } from './models-refresh.ts';

/** `leeward models`: what calls can name. */
export function addModels(program: Command, context: Context): void {
  const models = program
    .command('models')
    .helpCommand(false)
    .summary('list the models that calls can name')
    .description('Models as the running server knows them.');
  const list = models
    .command('list', { isDefault: true })
    .summary('list models (default)')
    .description('Lists the models that calls can name, with what is known of them. Prices are for a million tokens.')
    .addOption(new Option('--provider <provider>', 'of this provider'))
    .addOption(new Option('--search <text>', 'with this in the name'))
    .addOption(new Option('--modality <name>', 'that take or give it, such as image'))
    .addOption(new Option('--operation <name>', 'that serve it, such as chat or embed'))
    .addOption(new Option('--limit <count>', 'how many at most').argParser(countUpTo(100_000)).default(200));
  addServerOptions(list).action(async (flags) => (await import('../list-models.ts')).listModels(flags, context));
  addModelsRefresh(models, context);
}
