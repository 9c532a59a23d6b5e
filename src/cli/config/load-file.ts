import type { LoadedConfig } from '../../config/config.ts';
import { discoverFromEnvironment } from '../../config/discover.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { Io } from '../io.ts';

/** The file that everything reads unless told otherwise. */
export const USUAL_FILE = 'leeward.yaml';

/**
 * The configuration that a gateway started here would have: the file's, and
 * what the environment adds. The usual file may be missing, a named one not.
 *
 * @throws ConfigError, whose report is then printed
 */
export async function loadFile(file: string | undefined, io: Io): Promise<LoadedConfig> {
  const { isKey } = await import('../../compose/declared-key.ts');
  return loadConfig({
    path: file ?? USUAL_FILE,
    required: file !== undefined,
    env: io.env,
    found: discoverFromEnvironment(io.env).map(({ provider }) => provider),
    isKey,
  });
}
