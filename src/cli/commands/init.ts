import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { dataOption, jsonOption } from '../options.ts';

/** `leeward init`: a first configuration file from what is here. */
export function addInit(program: Command, context: Context): void {
  program
    .command('init')
    .argument('[file]', 'the file to write', 'leeward.yaml')
    .summary('write a leeward.yaml for the providers that are found here')
    .description(
      'Writes a commented configuration for the providers whose keys are in the environment and the servers on this ' +
        'machine. Keys themselves are never written, only the names of their variables. Calls nobody for money.',
    )
    .addOption(new Option('--force', 'replace a file that is there'))
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (file, flags) => (await import('../init/run-init.ts')).runInit(file, flags, context));
}
