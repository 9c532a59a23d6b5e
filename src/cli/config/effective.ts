import { stringify } from 'yaml';
import { z } from 'zod';
import { type ConfigChange, changeText, configDiff } from '../../config/config-diff.ts';
import { type EffectiveConfig, effectiveConfig } from '../../config/effective-config.ts';
import type { JsonObject } from '../../config/plain-json.ts';
import { askServer } from '../ask-server.ts';
import type { Context } from '../context.ts';
import { type Io, printJson } from '../io.ts';
import { requireServer, type ServerFlags } from '../running-server.ts';
import { loadFile } from './load-file.ts';

const section = z.record(z.string(), z.json()).transform((value): JsonObject => value);

/** The answer to `GET /admin/config`; what it holds besides is let through. */
const runningConfig = z.looseObject({
  version: z.string(),
  path: z.string().nullable(),
  server: section,
  providers: section,
  aliases: section,
  routes: section,
  keys: section,
  policies: section,
  budgets: section,
  prices: z.array(section),
  money: section,
  sim: section,
  log: section,
  store: section,
  retention_days: z.number(),
  answer_retention_days: z.number(),
  usage_retention_days: z.number(),
});

export interface PrintFlags extends ServerFlags {
  readonly json?: boolean;
  readonly running?: boolean;
}

/** What is in force with a file, or on the running server. */
export async function printEffective(file: string | undefined, flags: PrintFlags, context: Context): Promise<void> {
  const { io } = context;
  const effective = flags.running === true ? await runningEffective(flags, context) : await fileEffective(file, io);
  if (flags.json === true) printJson(io, effective);
  else io.out(stringify(effective, { lineWidth: 0 }));
}

/** What a file would change: against another file, or against the running server. */
export async function printDiff(
  files: { readonly file: string | undefined; readonly other: string | undefined },
  flags: ServerFlags & { readonly json?: boolean },
  context: Context,
): Promise<void> {
  const { io } = context;
  const { file, other } = files;
  // With two files the first is the one to start from.
  const after = await fileEffective(other ?? file, io);
  const before = other === undefined ? await runningEffective(flags, context) : await fileEffective(file, io);
  const changes = configDiff(before, after);
  if (flags.json === true) {
    printJson(io, { same: changes.length === 0, before: side(before), after: side(after), changes });
    return;
  }
  io.out(changes.map((change: ConfigChange) => `${changeText(change)}\n`).join(''));
  const count = changes.length === 0 ? 'nothing differs' : `${changes.length} differ`;
  io.err(`${before.version} → ${after.version}: ${count}; secrets are not compared\n`);
}

function side({ version, path }: EffectiveConfig) {
  return { version, path };
}

async function fileEffective(file: string | undefined, io: Io): Promise<EffectiveConfig> {
  const loaded = await loadFile(file, io);
  for (const line of loaded.warnings) io.err(`${line}\n`);
  return effectiveConfig(loaded);
}

function runningEffective(flags: ServerFlags, { clock }: Context): Promise<EffectiveConfig> {
  return askServer(requireServer(flags), { schema: runningConfig, path: '/admin/config' }, clock);
}
