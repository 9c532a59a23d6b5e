import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { addServerOptions, countUpTo, pastMs } from '../options.ts';

const MINUTE_MS = 60_000;

/** `leeward reconcile`: the ledger against a provider's own usage export. */
export function addReconcile(program: Command, context: Context): void {
  // A period may end in the future; a length of time only reaches back.
  const instant = (text: string) => pastMs(text, /^\d{4}-/.test(text) ? Number.POSITIVE_INFINITY : context.clock.now());
  const reconcile = program
    .command('reconcile')
    .summary("compare what was recorded with a provider's usage export")
    .description(
      'Compares the attempts at one provider with its own export, line by line by request id, or by model and time ' +
        `where the export sums up. Ends with ${EXIT.difference} when they differ. --apply books what the provider says, so ` +
        'that nothing differs any more.',
    )
    .requiredOption('--provider <provider>', 'whose attempts, by its name in leeward.yaml')
    .requiredOption('--file <file>', 'its export: CSV, JSON lines or JSON')
    .addOption(
      new Option('--format <format>', 'whose way of counting it follows (default: by the provider)').choices([
        'generic',
        'openai',
        'anthropic',
        'leeward-sim',
      ]),
    )
    .addOption(
      new Option('--map <column=field>', 'what a column of another name says; can be repeated')
        .argParser<string[]>((text, before) => [...before, text])
        .default([], 'none'),
    )
    .addOption(
      new Option('--from <when>', 'attempts from then on (default: the days of the export)').argParser(instant),
    )
    .addOption(new Option('--to <when>', 'attempts before then').argParser(instant))
    .addOption(
      new Option('--bucket <length>', 'of an export that sums up: minute, hour or day').argParser((text) => {
        const ms = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: 1_440 * MINUTE_MS }[text];
        if (ms === undefined) throw new InvalidArgumentError('It must be minute, hour or day.');
        return ms;
      }),
    )
    .addOption(
      new Option('--list <count>', 'how many differences to show, the largest first')
        .argParser(countUpTo(100_000))
        .default(20),
    )
    .addOption(new Option('--complete', 'the export holds all of its period: what it lacks was not billed'))
    .addOption(new Option('--apply', 'book what the provider says'));
  addServerOptions(reconcile).action(async (flags) =>
    (await import('../reconcile/run-reconcile.ts')).runReconcile(flags, context),
  );
}
