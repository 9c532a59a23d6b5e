import { ServerAbsent } from '../admin-client.ts';
import { asking } from '../ask-server.ts';
import type { Context } from '../context.ts';
import { findServer, noServer, noServerAt, type ServerFlags } from '../running-server.ts';
import { askedRecords } from './asked-records.ts';
import type { Records } from './records.ts';

/**
 * Acts on what was recorded: through the server that runs, or on the store
 * when none does. Everything here only reads, so that asking again elsewhere
 * is harmless.
 *
 * @throws `CliFailure` with exit code 7 when there is neither
 */
export async function withRecords(
  flags: ServerFlags,
  context: Context,
  act: (records: Records) => Promise<void>,
): Promise<void> {
  const server = findServer(flags);
  let absent: unknown;
  if (server !== undefined) {
    try {
      return await act(askedRecords(asking(server, context.clock)));
    } catch (thrown) {
      if (!(thrown instanceof ServerAbsent)) throw thrown;
      absent = thrown;
    }
  }
  if (flags.url !== undefined) throw noServerAt(flags.url, absent);
  if (context.openStoreRecords === undefined) throw noServer(flags.data, absent);
  const store = await context.openStoreRecords(flags.data);
  try {
    await act(askedRecords(async ({ schema, path }) => schema.parse(await store.get(path))));
  } finally {
    await store.close();
  }
}
