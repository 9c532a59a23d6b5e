import { type Command, Option } from 'commander';
import { USAGE_GROUPINGS } from '../../protocol/usage-grouping.ts';
import type { Context } from '../context.ts';
import { addServerOptions, pastMs } from '../options.ts';

/** `leeward usage`: what calls used and cost. */
export function addUsage(program: Command, context: Context): void {
  const past = (text: string) => pastMs(text, context.clock.now());
  const usage = program
    .command('usage')
    .summary('show what calls used and cost')
    .description(
      'Sums up calls, tokens and cost by the hour: of the running server, or of the store when none runs. A cost that ' +
        'is not known is counted apart, never as 0. Hours, days and months are those of UTC. --format prints the rows ' +
        'themselves, as a file for another program; --lines one for each attempt.',
    )
    .addOption(new Option('--by <what>', 'what to group by').choices(USAGE_GROUPINGS).default('day'))
    .addOption(new Option('--since <when>', 'a length of time (30d) or an instant; default: 7d').argParser(past))
    .addOption(new Option('--until <when>', 'the same, for the other end').argParser(past))
    .addOption(new Option('--organisation <id>', 'of this organisation'))
    .addOption(new Option('--project <id>', 'of this project'))
    .addOption(new Option('--key <key>', 'with this key, by its id'))
    .addOption(new Option('--provider <provider>', 'of this provider'))
    .addOption(new Option('--model <model>', 'of this model'))
    .addOption(new Option('--operation <operation>', 'such as chat or embed'))
    .addOption(new Option('--route <route>', 'over this route'))
    .addOption(new Option('--end-user <user>', 'for this end user'))
    .addOption(new Option('--task <task>', 'of this task'))
    .addOption(new Option('--tag <tag>', 'with this tag'))
    .addOption(new Option('--format <format>', 'print rows by the hour').choices(['csv', 'jsonl']).conflicts('json'))
    .addOption(new Option('--lines', 'print a row for each attempt; with --format').conflicts('json'));
  addServerOptions(usage).action(async (flags) => (await import('../records/run-usage.ts')).showUsage(flags, context));
}
