import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../kernel/errors.ts';
import { type AdminServer, ServerAbsent } from './admin-client.ts';
import { EXIT } from './exit-codes.ts';
import { CliFailure } from './failure.ts';

/** What the command line says about the server to speak to. */
export interface ServerFlags {
  readonly data: string;
  readonly url?: string | undefined;
  readonly token?: string | undefined;
}

/**
 * The server that `--url` names, or the one that says it runs on the data
 * directory; `undefined` when none does. The directory's token is for the
 * directory's server alone: another address never gets it.
 *
 * @throws `CliFailure` (not allowed) without a token
 */
export function findServer({ data, url, token }: ServerFlags): AdminServer | undefined {
  if (url !== undefined) {
    if (token !== undefined) return { url, token };
    throw new CliFailure(`no admin token for ${url}`, {
      exitCode: EXIT.auth,
      next: 'set LEEWARD_ADMIN_TOKEN to what is in admin-token on that machine',
    });
  }
  const local = localServer(data)?.adminUrl;
  if (local === undefined) return undefined;
  const kept = token ?? readIfThere(join(data, 'admin-token'))?.trim();
  if (kept === undefined || kept === '') {
    throw new CliFailure(`${join(data, 'admin-token')} is not there`, {
      exitCode: EXIT.auth,
      next: 'restart the server, which writes it',
    });
  }
  return { url: local, token: kept };
}

/** The server to speak to. @throws `CliFailure` (not found) when none runs */
export function requireServer(flags: ServerFlags): AdminServer {
  const server = findServer(flags);
  if (server === undefined) throw noServer(flags.data);
  return server;
}

/** Acts on the server. @throws `CliFailure` (not found) when none is there, also one that only seemed to be */
export async function withServer<T>(flags: ServerFlags, act: (server: AdminServer) => Promise<T>): Promise<T> {
  const server = requireServer(flags);
  try {
    return await act(server);
  } catch (thrown) {
    if (!(thrown instanceof ServerAbsent)) throw thrown;
    throw flags.url === undefined ? noServer(flags.data, thrown) : noServerAt(flags.url, thrown);
  }
}

/** Nothing listens at an address that was given by hand. */
export function noServerAt(url: string, cause?: unknown): CliFailure {
  return new CliFailure(`nothing listens at ${url}`, {
    exitCode: EXIT.notFound,
    next: 'check the address and whether the server runs',
    cause,
  });
}

export function noServer(dataDir: string, cause?: unknown): CliFailure {
  return new CliFailure(`no server runs on ${dataDir}`, {
    exitCode: EXIT.notFound,
    next: 'start one with "leeward dev", or name its directory with --data',
    cause,
  });
}

/** Where clients reach the server of this directory, while the process that wrote `server.json` lives. */
export function localServerUrl(dataDir: string): string | undefined {
  return localServer(dataDir)?.url;
}

/** What `server.json` says, while the process that wrote it lives. */
function localServer(dataDir: string): ServerFacts | undefined {
  const text = readIfThere(join(dataDir, 'server.json'));
  if (text === undefined) return undefined;
  const facts = serverFacts(text);
  // Half-written while a server starts or stops: as good as not there.
  return facts !== undefined && isAlive(facts.pid) ? facts : undefined;
}

interface ServerFacts {
  readonly pid: number;
  readonly url: string;
  /** Where the admin API listens, when it has a listener of its own. */
  readonly adminUrl: string;
}

function serverFacts(text: string): ServerFacts | undefined {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('url' in value)) return undefined;
  const { pid, url } = value;
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 0) return undefined;
  if (typeof url !== 'string' || !isHttpUrl(url)) return undefined;
  const adminUrl = 'admin_url' in value ? value.admin_url : undefined;
  return { pid, url, adminUrl: typeof adminUrl === 'string' && isHttpUrl(adminUrl) ? adminUrl : url };
}

export function isHttpUrl(text: string): boolean {
  return /^https?:\/\/\S+$/.test(text) && URL.canParse(text);
}

/** A file's text, `undefined` when there is none. @throws `CliFailure` (not allowed) when it cannot be read */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR') return undefined;
    throw new CliFailure(`${path} cannot be read (${errorCode(cause)})`, {
      exitCode: EXIT.auth,
      next: 'run this as the user who started the server',
      cause,
    });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No facts can be read from `undefined`, which is what the caller then finds.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, as another user.
    return errorCode(error) === 'EPERM';
  }
}
