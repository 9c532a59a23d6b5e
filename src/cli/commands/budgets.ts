import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { addServerOptions } from '../options.ts';
import { PERIODS } from './keys.ts';

/** `leeward budgets list|show|set|remove|alerts`: through the running server, or on the store when none runs. */
export function addBudgets(program: Command, context: Context): void {
  const budgets = program
    .command('budgets')
    .helpCommand(false)
    .summary('cap what may be spent, and see what is left')
    .description('Manages budgets: how much may be spent by whom in which window. Amounts are US dollars, exact.');
  const list = scoped(budgets.command('list'))
    .summary('list the budgets in force')
    .description('Lists budgets with what is spent, held by calls under way, and left.');
  addServerOptions(list).action(async (flags) => (await import('../money/run-budgets.ts')).listBudgets(flags, context));
  addServerOptions(budgets.command('show'))
    .argument('<budget>', 'the id of the budget, as "budgets list" shows it')
    .summary('show one budget and its windows')
    .description(
      'Shows a budget and what was spent in its latest windows, for each end user or task where it is one of each.',
    )
    .action(async (id, flags) => (await import('../money/run-budgets.ts')).showBudget(id, flags, context));
  addSet(budgets, context);
  addServerOptions(budgets.command('remove'))
    .argument('<budget>', 'the id of the budget, as "budgets list" shows it')
    .summary('remove a budget')
    .description(
      'Removes a budget: what it capped is capped no more. Its history stays, and counts again when it is set again.',
    )
    .action(async (id, flags) => (await import('../money/run-budgets.ts')).removeBudget(id, flags, context));
  addServerOptions(budgets.command('alerts'))
    .summary('list what the server has told of money')
    .description('Lists alerts since the start of the running server, the newest first.')
    .action(async (flags) => (await import('../money/run-budgets.ts')).listAlerts(flags, context));
}

function addSet(budgets: Command, context: Context): void {
  const set = scoped(budgets.command('set'))
    .summary('set a budget')
    .description(
      'Sets a budget: that of the same scope, subject and period is changed, otherwise one is made. It is set as a whole: a limit that is not named is taken away.',
    )
    .addOption(new Option('--per <period>', 'how long a window of the calendar is').choices(PERIODS))
    .addOption(new Option('--hard <usd>', 'the cap, as in 5.00: a call that might exceed it is refused'))
    .addOption(new Option('--soft <usd>', 'an alert is raised once in a window when this much is spent'))
    .addOption(new Option('--each <what>', 'one amount for each').choices(['end_user', 'task']))
    .addOption(new Option('--time-zone <zone>', 'whose calendar, as in Europe/Berlin (default: UTC)'))
    .addOption(new Option('--credit', 'prepaid: what may be spent is what was bought with "credits top-up"'))
    .addOption(new Option('--rate <pattern=factor...>', "how charges count, as in 'openai/*=1.2'"));
  addServerOptions(set).action(async (flags) => (await import('../money/run-budgets.ts')).setBudget(flags, context));
}

function scoped(command: Command): Command {
  return command
    .addOption(new Option('--key <id>', 'of the key with this id, and of its sub-keys'))
    .addOption(new Option('--project <id>', 'of the project with this id'))
    .addOption(new Option('--organisation', 'of the whole organisation'));
}
