import type { Context } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { CliFailure } from './failure.ts';
import { printJson, type Terminal, tableText } from './io.ts';
import type { KeyRequest, Keyring, KeyView } from './keyring.ts';
import { openKeyring } from './open-keyring.ts';
import type { ServerFlags } from './running-server.ts';

/** Records should say who made a key that nobody named. */
const UNNAMED = 'cli';

export interface KeysFlags extends ServerFlags {
  readonly json?: boolean;
}

export interface CreateFlags extends KeysFlags {
  readonly name?: string;
  readonly project?: string;
  readonly parent?: string;
  readonly expires?: number;
  readonly scope?: readonly string[];
  readonly models?: readonly string[];
  readonly routes?: readonly string[];
  readonly addresses?: readonly string[];
  readonly cap?: string;
  readonly soft?: string;
  readonly per?: string;
  readonly timeZone?: string;
}

export async function createKey(name: string | undefined, flags: CreateFlags, context: Context): Promise<void> {
  const request = keyRequest(name ?? flags.name ?? UNNAMED, flags);
  await withKeyring(flags, context, async (keyring) => {
    const created = await keyring.create(request);
    if (flags.json === true) {
      printJson(context.io, created);
      return;
    }
    context.io.out(`${created.key}\n`);
    context.io.err(`${created.id} is created; its secret is not kept and cannot be shown again\n`);
  });
}

export async function listKeys(flags: KeysFlags, context: Context): Promise<void> {
  await withKeyring(flags, context, async (keyring) => {
    const list = await keyring.list();
    if (flags.json === true) printJson(context.io, list);
    else context.io.out(keyTable(list, context.clock.now(), context.io.outTerminal));
  });
}

export async function revokeKey(id: string, flags: KeysFlags, context: Context): Promise<void> {
  await withKeyring(flags, context, async (keyring) => {
    const revoked = await keyring.revoke(id);
    if (flags.json === true) printJson(context.io, revoked);
    else context.io.err(`${revoked.id} is revoked\n`);
  });
}

function keyRequest(name: string, flags: CreateFlags): KeyRequest {
  return {
    name,
    ...(flags.project === undefined ? {} : { project: flags.project }),
    ...(flags.parent === undefined ? {} : { parent: flags.parent }),
    ...(flags.expires === undefined ? {} : { expires_at: new Date(flags.expires).toISOString() }),
    ...(flags.scope === undefined ? {} : { scopes: flags.scope }),
    ...allowOf(flags),
    ...capOf(flags),
  };
}

function capOf({ cap, soft, per, timeZone }: CreateFlags): Pick<KeyRequest, 'cap'> {
  if (cap === undefined && soft === undefined) {
    if (per === undefined && timeZone === undefined) return {};
    throw new CliFailure('--per and --time-zone say nothing without a cap', {
      exitCode: EXIT.usage,
      next: 'add --cap, as in --cap 5.00 --per day',
    });
  }
  return {
    cap: {
      per: per ?? 'lifetime',
      ...(cap === undefined ? {} : { hard_usd: cap }),
      ...(soft === undefined ? {} : { soft_usd: soft }),
      ...(timeZone === undefined ? {} : { time_zone: timeZone }),
    },
  };
}

function allowOf({ models, routes, addresses }: CreateFlags): Pick<KeyRequest, 'allow'> {
  if (models === undefined && routes === undefined && addresses === undefined) return {};
  return {
    allow: {
      ...(models === undefined ? {} : { models }),
      ...(routes === undefined ? {} : { routes }),
      ...(addresses === undefined ? {} : { addresses }),
    },
  };
}

async function withKeyring(
  flags: KeysFlags,
  context: Context,
  act: (keyring: Keyring) => Promise<void>,
): Promise<void> {
  const { clock, openStoreKeyring } = context;
  const keyring = await openKeyring(flags, {
    clock,
    ...(openStoreKeyring === undefined ? {} : { openStore: openStoreKeyring }),
  });
  try {
    await act(keyring);
  } finally {
    await keyring.close();
  }
}

function keyTable(keys: readonly KeyView[], nowMs: number, terminal?: Terminal): string {
  // Where keys come from is worth a column once they come from two places.
  const declared = keys.some(({ origin }) => origin === 'file');
  const rows = keys.map((key) => [
    key.id,
    key.name ?? '',
    key.prefix == null || key.prefix === '' ? '' : `${key.prefix}…${key.last4 ?? ''}`,
    key.project ?? '',
    stateOf(key, nowMs),
    dayOf(key.created_at),
    ...(declared ? [key.origin ?? ''] : []),
  ]);
  const headings = ['ID', 'NAME', 'KEY', 'PROJECT', 'STATE', 'CREATED', ...(declared ? ['FROM'] : [])];
  return tableText(headings, rows, terminal);
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
