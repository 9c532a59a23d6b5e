import { join } from 'node:path';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failure.ts';
import { localServerUrl, noServer, readIfThere } from '../running-server.ts';
import { quoted } from './chat-request.ts';

/** Where a call goes, and with which key. */
export interface Caller {
  readonly url: string;
  readonly key: string;
  /** How a shell gets at the key, for a line that may be shown. */
  readonly keyShell: string;
}

/**
 * The server and the key of a call: `LEEWARD_API_KEY`, or the key that
 * `leeward dev` keeps, which is sent to the server of its own directory only.
 *
 * @throws `CliFailure` without a server or a key
 */
export function callerOf(flags: { readonly data: string; readonly url?: string }, env: NodeJS.ProcessEnv): Caller {
  const local = flags.url === undefined ? localServerUrl(flags.data) : undefined;
  const url = flags.url ?? local;
  if (url === undefined) throw noServer(flags.data);
  const given = env['LEEWARD_API_KEY']?.trim() ?? '';
  if (given !== '') return { url, key: given, keyShell: '$LEEWARD_API_KEY' };
  const path = join(flags.data, 'dev.key');
  const kept = local === undefined ? undefined : readIfThere(path)?.trim();
  if (kept !== undefined && kept !== '') return { url, key: kept, keyShell: `$(cat ${quoted(path)})` };
  throw new CliFailure(`there is no key for ${url}`, {
    exitCode: EXIT.auth,
    next: 'make one with "leeward keys create", and set LEEWARD_API_KEY to it',
  });
}
