import { Argument, type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { jsonOption } from '../options.ts';

/** `leeward import litellm|portkey|bifrost`: another gateway's configuration as one of ours. */
export function addImport(program: Command, context: Context): void {
  program
    .command('import')
    // Named here too, because the importers are loaded only when one is asked for.
    .addArgument(new Argument('<product>', 'whose configuration it is').choices(['litellm', 'portkey', 'bifrost']))
    .argument('<file>', 'its configuration: YAML or JSON')
    .summary("write a leeward.yaml from another gateway's configuration")
    .description(
      'Writes a leeward.yaml with what another configuration and Leeward have in common: providers, keys, addresses, ' +
        'timeouts, aliases and routes. Whatever could not be carried over is listed with its line, the reason, and what ' +
        `to do instead; then the exit code is ${EXIT.incomplete}. Secrets are never written: a key that stands in the file ` +
        'becomes a reference to a variable, which is listed.',
    )
    .addOption(new Option('--out <file>', 'the file to write, - for stdout').default('leeward.yaml'))
    .addOption(new Option('--force', 'replace a file that is there'))
    .addOption(new Option('--model <name>', 'the model of Portkey targets that name none'))
    .addOption(jsonOption())
    .action(async (product, file, flags) =>
      (await import('../import/run-import.ts')).runImport(product, file, flags, context),
    );
}
