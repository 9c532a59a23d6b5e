import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { addServerOptions } from '../options.ts';

/** `leeward credits top-up|refund|adjust|transfer|list`: through the running server, or on the store when none runs. */
export function addCredits(program: Command, context: Context): void {
  const credits = program
    .command('credits')
    .helpCommand(false)
    .summary('buy, return and move prepaid credit')
    .description(
      'Books prepaid credit. Each booking has an id of your own choice, such as the number of an invoice: the same twice is booked once.',
    );
  const book = (name: string, kind: 'top_up' | 'refund' | 'adjustment' | 'transfer', own: readonly Option[]) => {
    const command = credits
      .command(name)
      .argument('<budget>', 'the id of a budget with credit, as "budgets list" shows it')
      .addOption(new Option('--amount <usd>', 'how much, as in 100.00').makeOptionMandatory())
      .addOption(new Option('--id <id>', 'what makes it the same booking when it is sent again').makeOptionMandatory());
    for (const option of own) command.addOption(option);
    command.addOption(new Option('--note <text>', 'what it is about'));
    addServerOptions(command).action(async (budget, flags) =>
      (await import('../money/run-credits.ts')).bookCredit(kind, budget, flags, context),
    );
    return command;
  };
  book('top-up', 'top_up', [new Option('--paid <usd>', 'what was paid for it').makeOptionMandatory()])
    .summary('buy credit')
    .description('Books credit that was bought, and what was paid for it.');
  book('refund', 'refund', [new Option('--paid <usd>', 'what the buyer gets back').makeOptionMandatory()])
    .summary('hand unused credit back')
    .description('Hands credit back, no more than is left.');
  book('adjust', 'adjustment', [
    new Option('--towards <side>', 'whether more or less counts as spent')
      .choices(['more', 'less'])
      .makeOptionMandatory(),
  ])
    .summary('put right what is spent')
    .description('Puts right what counts as spent on a budget, now, with no call to blame.');
  book('transfer', 'transfer', [new Option('--to <budget>', 'the budget that gets it').makeOptionMandatory()])
    .summary('move credit to another budget')
    .description('Moves credit, no more than is left.');
  const list = credits.command('list').addOption(new Option('--budget <id>', 'of one budget alone'));
  addServerOptions(list)
    .summary('list bookings')
    .description('Lists what was booked by hand, the newest first.')
    .action(async (flags) => (await import('../money/run-credits.ts')).listBookings(flags, context));
}
