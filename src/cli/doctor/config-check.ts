import { createServer } from 'node:net';
import type { Config, ProviderConfig } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import { checkKey, type KeyCheck, type Probe } from '../../config/discover.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { Clock } from '../../kernel/clock.ts';
import { errorCode } from '../../kernel/errors.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const DEFAULT_FILE = 'leeward.yaml';

export interface CheckedConfig {
  readonly findings: readonly Finding[];
  /** Absent when it is wrong. */
  readonly config: Config | undefined;
}

/** The configuration as a start from here would load it. */
export function configCheck(
  path: string | undefined,
  env: NodeJS.ProcessEnv,
  found: readonly ProviderConfig[],
): CheckedConfig {
  try {
    const loaded = loadConfig({ path: path ?? DEFAULT_FILE, required: path !== undefined, env, found });
    const { config, version, warnings } = loaded;
    const detail =
      loaded.path === undefined
        ? `no ${DEFAULT_FILE}; the defaults and what is found here (version ${version})`
        : `${loaded.path} is valid, version ${version}`;
    const findings = warnings.map((text) => warn('config', text, 'see "leeward config validate"'));
    return { findings: [ok('config', detail), ...findings], config };
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    const [problem] = thrown.problems;
    const more = thrown.problems.length > 1 ? `, and ${thrown.problems.length - 1} more` : '';
    const where = problem === undefined ? thrown.message : `${thrown.path}:${problem.line}  ${problem.message}${more}`;
    return { findings: [fail('config', where, 'see "leeward config validate" and correct it')], config: undefined };
  }
}

/** Whether a server could listen there. */
export function portCheck(host: string, port: number): Promise<Finding> {
  const place = `${host}:${port}`;
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      const code = errorCode(error) ?? error.message;
      const why = code === 'EADDRINUSE' ? 'another program listens there' : `nobody may listen there (${code})`;
      resolve(fail('port', `${place}: ${why}`, 'stop that program, or choose another with --port or server.port'));
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(ok('port', `${place} is free`))));
  });
}

/** Each provider by what costs nothing: its list of models, or what its preset asks in its place. */
export async function providerChecks(config: Config, probe: Probe, clock: Clock): Promise<Finding[]> {
  const found = await Promise.all(
    [...config.providers.values()].flatMap((provider) => {
      if (provider.credentials.length === 0) return [Promise.resolve(ok(`provider ${provider.name}`, 'needs no key'))];
      return provider.credentials.map(async (credential) => {
        const several = provider.credentials.length > 1 ? ` (${credential.name})` : '';
        return keyFinding(`provider ${provider.name}${several}`, await checkKey(provider, credential, probe, clock));
      });
    }),
  );
  return found.length === 0 ? [ok('providers', 'none but sim/…, which always answers')] : found;
}

function keyFinding(check: string, result: KeyCheck): Finding {
  switch (result.kind) {
    case 'ok':
      return ok(check, result.models === undefined ? 'its key is good' : `its key is good, ${result.models} models`);
    case 'refused':
      return fail(check, `its key was refused (${result.status})`, 'put a valid key where its configuration reads it');
    case 'unreachable':
      return warn(check, `no answer: ${result.reason}`, 'check base_url, proxy and network');
    case 'unchecked':
      return ok(check, `its key was not checked: ${result.reason}`);
  }
}
