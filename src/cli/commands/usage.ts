import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { addServerOptions, pastMs } from '../options.ts';

const GROUPS = ['day', 'hour', 'model', 'provider', 'key', 'project', 'task', 'operation'];

/** `leeward usage`: what calls used and cost. */
export function addUsage(program: Command, context: Context): void {
  const past = (text: string) => pastMs(text, context.clock.now());
  const usage = program
    .command('usage')
    .summary('show what calls used and cost')
    .description(
      'Sums up calls, tokens and cost: of the running server, or of the store when none runs. A cost that is not ' +
        'known is counted apart, never as 0. Days and hours are those of UTC.',
    )
    .addOption(new Option('--by <what>', 'what to group by').choices(GROUPS).default('day'))
    .addOption(new Option('--since <when>', 'a length of time (30d) or an instant; default: 7d').argParser(past))
    .addOption(new Option('--until <when>', 'the same, for the other end').argParser(past));
  addServerOptions(usage).action(async (flags) => (await import('../records/run-usage.ts')).showUsage(flags, context));
}
