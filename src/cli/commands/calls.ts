import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { addServerOptions, countUpTo, pastMs } from '../options.ts';

/** `leeward calls list|show`: what was asked, who answered, and why. */
export function addCalls(program: Command, context: Context): void {
  const past = (text: string) => pastMs(text, context.clock.now());
  const calls = program
    .command('calls')
    .helpCommand(false)
    .summary('list calls, and show what happened in one')
    .description('Shows recorded calls: of the running server, or of the store when none runs.');
  const list = calls
    .command('list')
    .summary('list calls, the newest first')
    .description('Lists calls, the newest first. --json prints one array; with --watch one call a line, as they end.')
    .addOption(new Option('--limit <count>', 'how many at most').argParser(countUpTo(10_000)).default(20))
    .addOption(new Option('--since <when>', 'a length of time (7d) or an instant; default: 7d').argParser(past))
    .addOption(new Option('--until <when>', 'the same, for the other end').argParser(past))
    .addOption(new Option('--model <model>', 'as it was asked for, or as it answered'))
    .addOption(new Option('--provider <provider>', 'calls with an attempt there'))
    .addOption(new Option('--key <key>', 'calls with this key, by its id'))
    .addOption(new Option('--project <id>', 'calls of this project'))
    .addOption(new Option('--task <task>', 'calls of this task'))
    .addOption(
      new Option('--outcome <outcome>', 'how they ended').choices([
        'ok',
        'failed',
        'truncated',
        'cancelled',
        'interrupted',
        'running',
      ]),
    )
    .addOption(new Option('--watch', 'go on with each call that ends, until Ctrl-C').conflicts('until'));
  addServerOptions(list).action(async (flags) => (await import('../records/run-calls.ts')).listCalls(flags, context));
  const show = calls
    .command('show')
    .argument('<call>', 'its id: x-leeward-request-id of the answer')
    .summary('show one call with every attempt')
    .description('Shows one call: its attempts with their reasons, timings, usage, cost and errors.');
  addServerOptions(show).action(async (id, flags) =>
    (await import('../records/run-calls.ts')).showCall(id, flags, context),
  );
}
