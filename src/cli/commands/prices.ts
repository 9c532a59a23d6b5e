import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { addServerOptions, countUpTo } from '../options.ts';

/** `leeward prices list|show|explain`: what models charge, and how a call came to its cost. */
export function addPrices(program: Command, context: Context): void {
  const prices = program
    .command('prices')
    .helpCommand(false)
    .summary('show what models charge, and how a call came to its cost')
    .description('Prices as the running server knows them, and the arithmetic of recorded calls.');
  const organisation = () => new Option('--organisation <id>', 'as agreed with this one');
  const list = prices
    .command('list')
    .summary('list the models that have a price')
    .description('Lists the models that have a price. Prices of tokens are for a million.')
    .addOption(new Option('--provider <provider>', 'of this provider'))
    .addOption(new Option('--search <text>', 'with this in the name'))
    .addOption(organisation())
    .addOption(new Option('--limit <count>', 'how many at most').argParser(countUpTo(100_000)).default(200));
  addServerOptions(list).action(async (flags) => (await import('../prices/list-prices.ts')).listPrices(flags, context));
  const show = prices
    .command('show')
    .argument('<model>', 'as provider/model')
    .summary('show everything that a model charges for')
    .description('Shows every price of a model: tokens, other units, fees, service tiers and batches.')
    .addOption(organisation());
  addServerOptions(show).action(async (model, flags) =>
    (await import('../prices/show-price.ts')).showPrice(model, flags, context),
  );
  const explain = prices
    .command('explain')
    .argument('<call>', 'its id: x-leeward-request-id of the answer')
    .summary("show the arithmetic of a call's cost")
    .description(
      "Reckons each attempt's cost again from its record, line by line, at the prices that were in force when it began.",
    );
  addServerOptions(explain).action(async (id, flags) =>
    (await import('../prices/explain-cost.ts')).explainCall(id, flags, context),
  );
}
