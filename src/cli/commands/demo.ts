import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';

/** `leeward demo`: half a minute with a real gateway and providers that are simulated. */
export function addDemo(program: Command, context: Context): void {
  program
    .command('demo')
    .summary('see in half a minute what it does, on simulated providers')
    .description(
      'Runs a real gateway with two simulated providers in a temporary directory, makes calls, and lets a provider ' +
        'fail. Needs no account and no network, costs nothing, and leaves nothing behind.',
    )
    .addOption(new Option('--fast', 'without pauses'))
    .action(async (flags) => (await import('../demo/run-demo.ts')).runDemo(flags, context));
}
