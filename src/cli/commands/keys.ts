import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { printJson, tableText } from '../io.ts';
import type { KeyRequest, Keyring, KeyView } from '../keyring.ts';
import { openKeyring } from '../open-keyring.ts';
import { dataOption, instantMs, jsonOption } from '../options.ts';

/** Records should say who made a key that nobody named. */
const UNNAMED = 'cli';

interface KeysFlags {
  readonly data: string;
  readonly json?: boolean;
}

interface CreateFlags extends KeysFlags {
  readonly name?: string;
  readonly parent?: string;
  readonly expires?: number;
  readonly scope?: readonly string[];
}

/** `leeward keys create|list|revoke`: through the running server, or on the store when none runs. */
export function addKeys(program: Command, context: Context): void {
  const keys = program
    .command('keys')
    .helpCommand(false)
    .summary('create, list and revoke keys')
    .description('Manages the keys that clients call with.');
  addCreate(keys, context);
  keys
    .command('list')
    .summary('list all keys')
    .description('Lists all keys, without their secrets.')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((flags: KeysFlags) =>
      withKeyring(flags, context, async (keyring) => {
        const list = await keyring.list();
        if (flags.json === true) printJson(context.io, list);
        else context.io.out(keyTable(list, context.clock.now()));
      }),
    );
  keys
    .command('revoke')
    .argument('<id>', 'the id of the key, as "keys list" shows it')
    .summary('revoke a key for good')
    .description('Revokes a key and its sub-keys. It cannot be undone, and calls under way are finished.')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((id: string, flags: KeysFlags) =>
      withKeyring(flags, context, async (keyring) => {
        const revoked = await keyring.revoke(id);
        if (flags.json === true) printJson(context.io, revoked);
        else context.io.err(`${revoked.id} is revoked\n`);
      }),
    );
}

function addCreate(keys: Command, context: Context): void {
  keys
    .command('create')
    .argument('[name]', 'what the key is for, as records show it')
    .addOption(new Option('--name <name>', 'the same, as an option'))
    .summary('create a key')
    .description('Creates a key and prints it, once: it cannot be shown again.')
    .addOption(new Option('--parent <id>', 'make it a sub-key of this key'))
    .addOption(
      new Option('--expires <when>', 'a length of time (30d) or a date (2027-01-31)').argParser((text: string) =>
        instantMs(text, context.clock.now()),
      ),
    )
    .addOption(new Option('--scope <scope...>', 'what the key may do besides calling models, such as metrics'))
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((name: string | undefined, flags: CreateFlags) =>
      withKeyring(flags, context, async (keyring) => {
        const created = await keyring.create(keyRequest(name ?? flags.name ?? UNNAMED, flags));
        if (flags.json === true) {
          printJson(context.io, created);
          return;
        }
        context.io.out(`${created.key}\n`);
        context.io.err(`${created.id} is created; its secret is not kept and cannot be shown again\n`);
      }),
    );
}

function keyRequest(name: string, flags: CreateFlags): KeyRequest {
  return {
    name,
    ...(flags.parent === undefined ? {} : { parent: flags.parent }),
    ...(flags.expires === undefined ? {} : { expires_at: new Date(flags.expires).toISOString() }),
    ...(flags.scope === undefined ? {} : { scopes: flags.scope }),
  };
}

async function withKeyring(
  flags: KeysFlags,
  context: Context,
  act: (keyring: Keyring) => Promise<void>,
): Promise<void> {
  const { clock, openStoreKeyring } = context;
  const keyring = await openKeyring(flags.data, {
    clock,
    ...(openStoreKeyring === undefined ? {} : { openStore: openStoreKeyring }),
  });
  try {
    await act(keyring);
  } finally {
    await keyring.close();
  }
}

function keyTable(keys: readonly KeyView[], nowMs: number): string {
  const rows = keys.map((key) => [
    key.id,
    key.name ?? '',
    `${key.prefix ?? ''}…${key.last4 ?? ''}`,
    key.project ?? '',
    stateOf(key, nowMs),
    dayOf(key.created_at),
  ]);
  return tableText(['ID', 'NAME', 'KEY', 'PROJECT', 'STATE', 'CREATED'], rows);
}

function stateOf(key: KeyView, nowMs: number): string {
  if (key.revoked_at != null) return 'revoked';
  if (key.expires_at == null) return 'active';
  const expiresMs = new Date(key.expires_at).getTime();
  return expiresMs <= nowMs ? 'expired' : `until ${dayOf(key.expires_at)}`;
}

function dayOf(instant: string | number | null | undefined): string {
  if (instant == null) return '';
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? String(instant) : date.toISOString().slice(0, 10);
}
