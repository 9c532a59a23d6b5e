import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { configJsonSchema } from '../../config/file-schema.ts';
import { fileTrouble } from '../../config/interpolate.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failure.ts';
import { printJson } from '../io.ts';
import { configDraft, type DraftProvider } from './config-draft.ts';
import { type IgnoreOutcome, ignoreDataDir } from './git-ignore.ts';

const SCHEMA_FILE = 'config.v1.schema.json';

export interface InitFlags {
  readonly data: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Writes a first configuration and what belongs beside it. @throws `CliFailure` (conflict) when the file is there */
export async function runInit(file: string, flags: InitFlags, { io, clock }: Context): Promise<void> {
  const path = resolve(file);
  if (existsSync(path) && flags.force !== true) {
    const next = 'edit it, name another file, or replace it with --force';
    throw new CliFailure(`${file} is there already`, { exitCode: EXIT.conflict, next });
  }
  const [{ findProviders }, { FIRST_MODELS }] = await Promise.all([
    import('../../compose/find-providers.ts'),
    import('../../compose/start-block.ts'),
  ]);
  const found = await findProviders({ mode: 'dev', env: io.env }, clock);
  const providers = found.providers.map(({ provider, from, models }): DraftProvider => {
    const model = models?.[0] ?? (FIRST_MODELS[provider.name] ?? '').slice(provider.name.length + 1);
    const variable = provider.origin === 'environment' ? { variable: from } : {};
    return { name: provider.name, from, ...variable, ...(model === '' ? {} : { model }) };
  });
  const schemaPath = join(flags.data, SCHEMA_FILE);
  const text = configDraft(providers, shown(relative(dirname(path), resolve(schemaPath))));
  // What is written must be right: the loader has the last word, before anything is.
  loadConfig({ path: file, required: true, env: io.env, readText: () => text });
  mkdirSync(flags.data, { recursive: true, mode: 0o700 });
  place(schemaPath, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  place(path, text);
  const ignored = ignoreDataDir(process.cwd(), resolve(flags.data));
  const next = 'leeward dev';
  if (flags.json === true) {
    printJson(io, {
      path: file,
      schema: schemaPath,
      providers: providers.map(({ name, from, model }) => ({ name, from, model: model ?? null })),
      notices: found.notices,
      gitignore: ignored,
      next,
    });
    return;
  }
  io.out(`${file}\n`);
  for (const line of talk(providers, found.notices, ignored, flags)) io.err(`${line}\n`);
  io.err(`next: ${next}\n`);
}

function talk(
  providers: readonly DraftProvider[],
  notices: readonly string[],
  ignored: IgnoreOutcome,
  { data }: InitFlags,
): string[] {
  const names = providers.map(({ name, from }) => `${name} (${from})`);
  return [
    names.length === 0 ? 'no provider was found; sim/… answers without one' : `found: ${names.join(', ')}`,
    ...notices.map((notice) => `note: ${notice}`),
    ...(ignored === 'added' ? [`${data} holds keys and is in .gitignore now`] : []),
    ...(ignored === 'outside' ? [`${data} lies elsewhere: see that nobody commits it`] : []),
  ];
}

/** Whole or not at all: an editor or a running gateway may be looking. */
function place(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw new CliFailure(`${path} cannot be written: ${fileTrouble(cause)}`, {
      exitCode: EXIT.auth,
      next: 'choose another place',
      cause,
    });
  }
}

function shown(path: string): string {
  const slashes = path.replaceAll('\\', '/');
  return slashes.startsWith('.') && !slashes.startsWith('./') && !slashes.startsWith('../') ? `./${slashes}` : slashes;
}
