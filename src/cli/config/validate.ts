import { ConfigError } from '../../config/config-error.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, printJson } from '../io.ts';
import { loadFile, USUAL_FILE } from './load-file.ts';

/** @throws ConfigError, whose report is then printed */
export async function validate(file: string | undefined, io: Io): Promise<void> {
  const { config, version, warnings, path } = await loadFile(file, io);
  for (const line of warnings) io.err(`${line}\n`);
  const origins = [...config.providers.values()].map(({ origin }) => origin);
  if (path === undefined) {
    const found = counted(origins.length, 'provider');
    io.out(`there is no ${USUAL_FILE} here: the defaults and ${found} of the environment hold, version ${version}\n`);
    io.err('"leeward init" writes one\n');
    return;
  }
  const declared = counted(origins.filter((origin) => origin === 'file').length, 'provider');
  const keys = config.keys.size === 0 ? '' : `, ${counted(config.keys.size, 'key')}`;
  io.out(`${path} is valid: ${declared}, ${counted(config.routes.size, 'route')}${keys}, version ${version}\n`);
}

/** @returns the exit code */
export async function validateAsJson(file: string | undefined, io: Io): Promise<number> {
  try {
    const { version, warnings, path } = await loadFile(file, io);
    printJson(io, { valid: true, path: path ?? null, version, problems: [], warnings });
    return EXIT.ok;
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    const problems = thrown.problems.length > 0 ? thrown.problems : [{ message: thrown.message, severity: 'error' }];
    printJson(io, { valid: false, path: thrown.path, problems });
    return EXIT.config;
  }
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
