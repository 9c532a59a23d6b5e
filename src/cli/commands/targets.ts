import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { addServerOptions } from '../options.ts';

/** `leeward targets`: what routing knows of the places that calls go to. */
export function addTargets(program: Command, context: Context): void {
  const targets = program
    .command('targets')
    .summary('show which targets calls may go to now, and why not to others')
    .description(
      'Shows every target that was called since the server started: whether calls may go to it now, and if not, why and for how long.',
    )
    .addOption(new Option('--provider <provider>', 'of this provider'))
    .addOption(new Option('--closed', 'those alone that calls may not go to'));
  addServerOptions(targets).action(async (flags) => (await import('../list-targets.ts')).listTargets(flags, context));
}
