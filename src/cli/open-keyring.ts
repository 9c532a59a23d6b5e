import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { errorCode } from '../kernel/errors.ts';
import { type AdminServer, adminRequest, ServerAbsent } from './admin-client.ts';
import { EXIT } from './exit-codes.ts';
import { CliFailure } from './failure.ts';
import { createdKey, type Keyring, keyList, keyView, type OpenStoreKeyring } from './keyring.ts';

const serverFile = z.object({ pid: z.int().positive(), url: z.url({ protocol: /^https?$/ }) });

export interface KeyringParts {
  readonly clock: Clock;
  /** Absent while the store cannot be opened from here. */
  readonly openStore?: OpenStoreKeyring;
}

/**
 * The keys of a data directory: through the server that runs on it, because
 * the embedded store belongs to one process; through the store itself when no
 * server runs.
 *
 * @throws `CliFailure` with exit code 7 when there is neither
 */
export async function openKeyring(dataDir: string, parts: KeyringParts): Promise<Keyring> {
  const server = runningServer(dataDir);
  const openStore = async (): Promise<Keyring> => {
    if (parts.openStore !== undefined) return parts.openStore(dataDir);
    const next = 'start one with "leeward dev", or name its directory with --data';
    throw new CliFailure(`no server runs on ${dataDir}`, { exitCode: EXIT.notFound, next });
  };
  if (server === undefined) return openStore();
  return withFallback(serverKeyring(server, parts.clock), openStore);
}

/**
 * A pid is reused, and a crash leaves server.json behind: whether anything
 * listens decides. When nothing does, nothing was sent either, so that doing
 * the same on the store cannot do it twice.
 */
function withFallback(server: Keyring, openStore: () => Promise<Keyring>): Keyring {
  let store: Keyring | undefined;
  const attempt = async <T>(act: (keyring: Keyring) => Promise<T>): Promise<T> => {
    if (store !== undefined) return await act(store);
    try {
      return await act(server);
    } catch (thrown) {
      if (!(thrown instanceof ServerAbsent)) throw thrown;
      store = await openStore();
      return await act(store);
    }
  };
  return {
    create: (request) => attempt((keyring) => keyring.create(request)),
    list: () => attempt((keyring) => keyring.list()),
    revoke: (id) => attempt((keyring) => keyring.revoke(id)),
    close: async () => await store?.close(),
  };
}

/** The server that says it runs on this directory, or `undefined` when none does. */
function runningServer(dataDir: string): AdminServer | undefined {
  const text = readIfThere(join(dataDir, 'server.json'));
  if (text === undefined) return undefined;
  const facts = serverFile.safeParse(jsonOf(text));
  // Half-written while a server starts or stops: as good as not there.
  if (!facts.success || !isAlive(facts.data.pid)) return undefined;
  const token = readIfThere(join(dataDir, 'admin-token'))?.trim();
  if (token === undefined || token === '') {
    throw new CliFailure(`${join(dataDir, 'admin-token')} is not there`, {
      exitCode: EXIT.auth,
      next: 'restart the server, which writes it',
    });
  }
  return { url: facts.data.url, token };
}

function readIfThere(path: string): string | undefined {
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
    // The schema refuses `undefined` and says so in its own way.
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

/** Every method throws `ServerAbsent` when nothing listens. */
function serverKeyring(server: AdminServer, clock: Clock): Keyring {
  const ask = async <T>(schema: z.ZodType<T>, method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> => {
    const answer = schema.safeParse(await adminRequest(server, { method, path, body }, clock));
    if (answer.success) return answer.data;
    const what = `the server at ${server.url} answered something else than ${method} ${path} should`;
    throw new CliFailure(what, {
      exitCode: EXIT.unexpected,
      next: 'use the leeward of the same version',
      cause: answer.error,
    });
  };
  return {
    create: (request) => ask(createdKey, 'POST', '/admin/keys', request),
    list: () => ask(keyList, 'GET', '/admin/keys'),
    revoke: (id) => ask(keyView, 'POST', `/admin/keys/${encodeURIComponent(id)}/revoke`, {}),
    close: () => Promise.resolve(),
  };
}
