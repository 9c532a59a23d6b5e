import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { printJson } from '../io.ts';
import { jsonOption } from '../options.ts';
import { VERSION } from '../package-facts.ts';

/** `leeward version`: what to put into a bug report. */
export function addVersion(program: Command, context: Context): void {
  program
    .command('version')
    .summary('print the version, and what it runs on')
    .description('Prints the version of Leeward, of Node, and the platform.')
    .addOption(jsonOption())
    .action((flags: { readonly json?: boolean }) => {
      const platform = `${process.platform}-${process.arch}`;
      if (flags.json === true) printJson(context.io, { version: VERSION, node: process.versions.node, platform });
      else context.io.out(`leeward ${VERSION} (node ${process.versions.node}, ${platform})\n`);
    });
}
