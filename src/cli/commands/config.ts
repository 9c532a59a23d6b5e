import type { Command } from 'commander';
import { ConfigError } from '../../config/config-error.ts';
import { discoverFromEnvironment } from '../../config/discover.ts';
import { configJsonSchema } from '../../config/file-schema.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, printJson } from '../io.ts';
import { jsonOption } from '../options.ts';

/** `leeward config validate|schema`: what can be said about a configuration without starting anything. */
export function addConfig(program: Command, context: Context): void {
  const config = program
    .command('config')
    .helpCommand(false)
    .summary('check leeward.yaml')
    .description('Checks and describes the configuration.');
  config
    .command('validate')
    .argument('[file]', 'the file to check', 'leeward.yaml')
    .summary('report everything that is wrong with a file')
    .description('Reports every problem of a configuration file at once, with its line and column. Calls nobody.')
    .addOption(jsonOption())
    .action((file: string, flags: { readonly json?: boolean }) => {
      if (flags.json === true) context.setExitCode(validateAsJson(file, context.io));
      else validate(file, context.io);
    });
  config
    .command('schema')
    .summary('print the JSON Schema that editors complete from')
    .description(
      'Prints the JSON Schema of leeward.yaml. Save it, and name it in the first line of the file:\n  # yaml-language-server: $schema=./leeward.schema.json',
    )
    .action(() => printJson(context.io, configJsonSchema()));
}

function load(file: string, io: Io) {
  const found = discoverFromEnvironment(io.env).map(({ provider }) => provider);
  return loadConfig({ path: file, required: true, env: io.env, found });
}

/** @throws ConfigError, whose report is then printed */
function validate(file: string, io: Io): void {
  const { config, version, warnings } = load(file, io);
  for (const line of warnings) io.err(`${line}\n`);
  const declared = [...config.providers.values()].filter(({ origin }) => origin === 'file').length;
  const counts = `${declared} provider${declared === 1 ? '' : 's'}, ${config.routes.size} route${config.routes.size === 1 ? '' : 's'}`;
  io.out(`${file} is valid: ${counts}, version ${version}\n`);
}

function validateAsJson(file: string, io: Io): number {
  try {
    const { version, warnings } = load(file, io);
    printJson(io, { valid: true, path: file, version, problems: [], warnings });
    return EXIT.ok;
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    const problems = thrown.problems.length > 0 ? thrown.problems : [{ message: thrown.message, severity: 'error' }];
    printJson(io, { valid: false, path: file, problems });
    return EXIT.config;
  }
}
