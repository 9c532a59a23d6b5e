import type { Command } from 'commander';
import { Option } from 'commander';
import type { Context } from '../context.ts';
import { printJson } from '../io.ts';
import { dataOption, jsonOption, tokenOption, urlOption } from '../options.ts';
import type { ServerFlags } from '../running-server.ts';

interface DiffFlags extends ServerFlags {
  readonly json?: boolean;
}

/** `leeward config`: what a configuration says, and what it would change. Reading one is heavy, and loaded when asked for. */
export function addConfig(program: Command, context: Context): void {
  const config = program
    .command('config')
    .helpCommand(false)
    .summary('check and compare configurations')
    .description('Checks, prints and compares configurations.');
  addValidate(config, context);
  addPrint(config, context);
  addDiff(config, context);
  config
    .command('key')
    .summary('make a key to declare in a file')
    .description('Makes a key for clients, and the hash that declares it under "keys" in leeward.yaml. Keeps neither.')
    .addOption(jsonOption())
    .action(async (flags: { readonly json?: boolean }) => {
      const { printNewKey } = await import('../config/new-key.ts');
      await printNewKey(context.io, flags.json === true);
    });
  config
    .command('schema')
    .summary('print the JSON Schema that editors complete from')
    .description(
      'Prints the JSON Schema of leeward.yaml; a running gateway serves it too. Name it in the first line of the file:\n  # yaml-language-server: $schema=http://127.0.0.1:5339/schemas/config.v1.json',
    )
    .action(async () => {
      const { configJsonSchema } = await import('../../config/file-schema.ts');
      printJson(context.io, configJsonSchema());
    });
}

function addValidate(config: Command, context: Context): void {
  config
    .command('validate')
    .argument('[file]', 'the file to check (default: leeward.yaml, when there is one)')
    .summary('report everything that is wrong with a file')
    .description('Reports every problem of a configuration file at once, with its line and column. Calls nobody.')
    .addOption(jsonOption())
    .action(async (file: string | undefined, flags: { readonly json?: boolean }) => {
      const { validate, validateAsJson } = await import('../config/validate.ts');
      if (flags.json === true) context.setExitCode(await validateAsJson(file, context.io));
      else await validate(file, context.io);
    });
}

function addPrint(config: Command, context: Context): void {
  config
    .command('print')
    .argument('[file]', 'the file (default: leeward.yaml, when there is one)')
    .summary('print what is in force with a file')
    .description(
      'Prints the whole configuration with its defaults and without its secrets. Each provider, route, alias and key says where it comes from.',
    )
    .addOption(new Option('--running', 'what is in force on the running server instead'))
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(tokenOption())
    .addOption(jsonOption())
    .action(async (file: string | undefined, flags: DiffFlags & { readonly running?: boolean }) => {
      const { printEffective } = await import('../config/effective.ts');
      await printEffective(file, flags, context);
    });
}

function addDiff(config: Command, context: Context): void {
  config
    .command('diff')
    .argument('[file]', 'the file (default: leeward.yaml, when there is one)')
    .argument('[other]', 'a second file, to see what leads from the first to it')
    .summary('show what a file would change')
    .description('Compares a file with what is in force on the running server, or two files. Ends with 0 either way.')
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(tokenOption())
    .addOption(jsonOption())
    .action(async (file: string | undefined, other: string | undefined, flags: DiffFlags) => {
      const { printDiff } = await import('../config/effective.ts');
      await printDiff({ file, other }, flags, context);
    });
}
