import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { addServerOptions, lengthMs } from '../options.ts';

/** `leeward plan`: what expected traffic would cost in a month. */
export function addPlan(program: Command, context: Context): void {
  const plan = program
    .command('plan')
    .argument('[file]', 'a plan as YAML or JSON, - for standard input')
    .summary('reckon what a month of expected traffic will cost')
    .description(
      'Reckons a month: the bill by route and tier, the share of frontier models, the cost of a task that succeeds, ' +
        'the total cost of ownership, and from where on a dedicated GPU pays. Flags win over the file. Shares are ' +
        'written with their %.',
    )
    .addOption(new Option('--users <count>', 'users in a month'))
    .addOption(new Option('--active <share>', 'of them, those that use it, as in 20%'))
    .addOption(new Option('--sessions <count>', 'of each of these, in a month (default: 1)'))
    .addOption(new Option('--tasks <count>', 'in a session (default: 1)'))
    .addOption(new Option('--success <share>', 'of the tasks, those that succeed'))
    .addOption(new Option('--times <factor>', 'multiplies every volume'))
    .addOption(new Option('--calls <count>', 'for each task'))
    .addOption(new Option('--price <usd>', 'for one call, as in 0.008').conflicts('model'))
    .addOption(new Option('--model <provider/model>', 'whose list price one call costs'))
    .addOption(new Option('--input-tokens <count>', 'of one call'))
    .addOption(new Option('--output-tokens <count>', 'of one call'))
    .addOption(new Option('--split <shares>', 'of cheap, middle and frontier models, as in 65/25/10'))
    .addOption(new Option('--retries <rate>', 'calls that are made once more, as in 2%'))
    .addOption(new Option('--cache-hits <share>', 'calls that the gateway answers from its cache'))
    .addOption(new Option('--gpu <usd>', 'an hour of a dedicated GPU, as in 2.60'))
    .addOption(new Option('--gpu-hours <count>', 'paid for in a month (default: 720)'))
    .addOption(
      new Option('--from-usage <length>', 'begin with the traffic of this length of time, as in 30d').argParser(
        lengthMs,
      ),
    );
  addServerOptions(plan).action(async (file, flags) =>
    (await import('../plan/run-plan.ts')).runPlan(file, flags, context),
  );
}
