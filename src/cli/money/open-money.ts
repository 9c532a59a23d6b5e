import { ServerAbsent } from '../admin-client.ts';
import { type Ask, asking } from '../ask-server.ts';
import type { Context } from '../context.ts';
import { findServer, noServer, noServerAt, type ServerFlags } from '../running-server.ts';

/**
 * Acts on budgets and credits: through the server that runs, or on the store
 * when none does. Where nothing listens nothing was asked, so that asking the
 * store does nothing twice.
 *
 * @throws `CliFailure` with exit code 7 when there is neither
 */
export async function withMoney(flags: ServerFlags, context: Context, act: (ask: Ask) => Promise<void>): Promise<void> {
  const server = findServer(flags);
  let absent: unknown;
  if (server !== undefined) {
    try {
      return await act(asking(server, context.clock));
    } catch (thrown) {
      if (!(thrown instanceof ServerAbsent)) throw thrown;
      absent = thrown;
    }
  }
  if (flags.url !== undefined) throw noServerAt(flags.url, absent);
  if (context.openStoreMoney === undefined) throw noServer(flags.data, absent);
  const store = await context.openStoreMoney(flags.data);
  try {
    await act(async ({ schema, method = 'GET', path, body }) => schema.parse(await store.ask({ method, path, body })));
  } finally {
    await store.close();
  }
}
