import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { addServerOptions, configOption } from '../options.ts';

/** `leeward doctor`: what is well, what is not, and what to do about it. */
export function addDoctor(program: Command, context: Context): void {
  const doctor = program
    .command('doctor')
    .summary('check everything that usually goes wrong, and say what to do')
    .description(
      'Checks Node, the configuration, the disk, the store, the port, the clock and the providers, with a running ' +
        'server or without one. Providers are asked for their list of models, which costs nothing. ' +
        'Ends with 1 when something is broken, with 0 when there are only warnings.',
    )
    .addOption(configOption())
    .addOption(new Option('--offline', 'ask no provider'));
  addServerOptions(doctor).action(async (flags) => (await import('../doctor/run-doctor.ts')).runDoctor(flags, context));
}
