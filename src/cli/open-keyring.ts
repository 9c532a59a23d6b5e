import type { Clock } from '../kernel/clock.ts';
import { type AdminServer, ServerAbsent } from './admin-client.ts';
import { askForList, asking, askServer } from './ask-server.ts';
import { createdKey, type Keyring, keyView, type OpenStoreKeyring } from './keyring.ts';
import { findServer, noServer, noServerAt, type ServerFlags } from './running-server.ts';

export interface KeyringParts {
  readonly clock: Clock;
  /** Absent while the store cannot be opened from here. */
  readonly openStore?: OpenStoreKeyring;
}

/**
 * The keys of a data directory: through the server that runs on it, because
 * the embedded store belongs to one process; through the store itself when no
 * server runs. A server named by its address has no store here to fall back on.
 *
 * @throws `CliFailure` with exit code 7 when there is neither
 */
export async function openKeyring(flags: ServerFlags, parts: KeyringParts): Promise<Keyring> {
  const server = findServer(flags);
  const openStore = async (): Promise<Keyring> => {
    if (parts.openStore !== undefined && flags.url === undefined) return parts.openStore(flags.data);
    throw flags.url === undefined ? noServer(flags.data) : noServerAt(flags.url);
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

/** Every method throws `ServerAbsent` when nothing listens. */
function serverKeyring(server: AdminServer, clock: Clock): Keyring {
  return {
    create: (request) =>
      askServer(server, { schema: createdKey, method: 'POST', path: '/admin/keys', body: request }, clock),
    list: () => askForList(asking(server, clock), { entry: keyView, path: '/admin/keys' }),
    revoke: (id) => {
      const path = `/admin/keys/${encodeURIComponent(id)}/revoke`;
      return askServer(server, { schema: keyView, method: 'POST', path, body: {} }, clock);
    },
    close: () => Promise.resolve(),
  };
}
