import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { addServerOptions, instantMs } from '../options.ts';

/** Windows of the calendar, or one without end. */
export const PERIODS = ['lifetime', 'month', 'week', 'day', 'hour'];

/** `leeward keys create|list|revoke`: through the running server, or on the store when none runs. */
export function addKeys(program: Command, context: Context): void {
  const keys = program
    .command('keys')
    .helpCommand(false)
    .summary('create, list and revoke keys')
    .description('Manages the keys that clients call with.');
  addCreate(keys, context);
  addServerOptions(keys.command('list'))
    .summary('list all keys')
    .description('Lists all keys, without their secrets.')
    .action(async (flags) => (await import('../manage-keys.ts')).listKeys(flags, context));
  addServerOptions(keys.command('revoke'))
    .argument('<key>', 'the id of the key, as "keys list" shows it')
    .summary('revoke a key for good')
    .description('Revokes a key and its sub-keys. It cannot be undone, and calls under way are finished.')
    .action(async (id, flags) => (await import('../manage-keys.ts')).revokeKey(id, flags, context));
}

function addCreate(keys: Command, context: Context): void {
  const expires = (text: string) => instantMs(text, context.clock.now());
  const create = keys
    .command('create')
    .argument('[name]', 'what the key is for, as records show it')
    .addOption(new Option('--name <name>', 'the same, as an option'))
    .summary('create a key')
    .description('Creates a key and prints it, once: it cannot be shown again.')
    .addOption(new Option('--project <id>', 'the project it belongs to'))
    .addOption(new Option('--parent <key>', 'make it a sub-key of the key with this id'))
    .addOption(new Option('--expires <when>', 'a length of time (30d) or a date (2027-01-31)').argParser(expires))
    .addOption(new Option('--scope <scope...>', 'what the key may do besides calling models, such as metrics'))
    .addOption(
      new Option('--cap <usd>', 'what it may spend in a window, as in 5.00; a call that might exceed it is refused'),
    )
    .addOption(new Option('--per <period>', 'how long a window is (default: lifetime)').choices(PERIODS))
    .addOption(new Option('--soft <usd>', 'an alert is raised once in a window when this much is spent'))
    .addOption(new Option('--time-zone <zone>', 'whose calendar windows keep to (default: UTC)'))
    .addOption(new Option('--models <pattern...>', "the only models it may use, as in 'openai/*'"))
    .addOption(new Option('--routes <name...>', 'the only routes and aliases it may name; "direct" for plain models'))
    .addOption(new Option('--addresses <range...>', 'where its calls may come from, as in 10.0.0.0/8'));
  addServerOptions(create).action(async (name, flags) =>
    (await import('../manage-keys.ts')).createKey(name, flags, context),
  );
}
