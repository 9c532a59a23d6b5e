import { systemClock } from '../kernel/clock.ts';
import { errorCode } from '../kernel/errors.ts';
import { EXIT } from './exit-codes.ts';
import { CliFailure, failureText } from './failure.ts';
import type { Terminal } from './io.ts';
import type { Keyring } from './keyring.ts';
import { LauncherLink } from './launcher-link.ts';
import { runProgram } from './program.ts';
import { untilSignal } from './signals.ts';
import { standardInput } from './standard-input.ts';

/** Some terminals do not tell their width. */
const COLUMNS_UNTOLD = 80;

const link = new LauncherLink(process, systemClock);
link.open();

const outputGone = new AbortController();
let outputLost = false;
process.stdout.on('error', onOutputError);
// With nowhere left to say it, there is nothing to do about it either.
process.stderr.on('error', () => undefined);

const exitCode = await runProgram(process.argv.slice(2), {
  io: {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: process.env,
    outTerminal: terminalOf(process.stdout),
    errTerminal: terminalOf(process.stderr),
    input: standardInput(() => process.stdin),
  },
  clock: systemClock,
  outputGone: outputGone.signal,
  startGateway: async (options) => (await import('../main.ts')).runGateway(options),
  openStoreKeyring,
  openStoreMoney: async (dataDir) =>
    (await import('../compose/offline-money.ts')).openOfflineMoney(dataDir, systemClock, process.env),
  openStoreRecords: async (dataDir) =>
    (await import('../compose/offline-records.ts')).openOfflineRecords(dataDir, systemClock, process.env),
  serveSimulator: async (options) => (await import('./serve-simulator.ts')).serveSimulator(options, systemClock),
  onLauncherGone: (listener) => link.onGone(listener),
  untilSignal: () => untilSignal(process),
});
link.close();
if (exitCode !== EXIT.ok) process.exitCode = exitCode;

/** A full disk below a log must not end a gateway, but a script has to learn that its data is not all there. */
function onOutputError(error: Error): void {
  // `leeward keys list | head -1` closes the pipe early: a reader that has seen enough is no error.
  const code = errorCode(error);
  outputGone.abort(error);
  if (code === 'EPIPE' || code === 'EIO' || outputLost) return;
  outputLost = true;
  process.exitCode ??= EXIT.unexpected;
  const next = 'free some space, or send it elsewhere';
  const failure = new CliFailure(`the output cannot be written (${code})`, {
    exitCode: EXIT.unexpected,
    next,
    cause: error,
  });
  process.stderr.write(failureText(failure, process.env));
}

function terminalOf(stream: NodeJS.WriteStream): Terminal | undefined {
  if (!stream.isTTY) return undefined;
  return {
    get columns() {
      return stream.columns > 0 ? stream.columns : COLUMNS_UNTOLD;
    },
  };
}

async function openStoreKeyring(dataDir: string): Promise<Keyring> {
  const [{ openOfflineKeyring }, { createdKey, keyView }] = await Promise.all([
    import('../compose/offline-keyring.ts'),
    import('./keyring.ts'),
  ]);
  const keyring = await openOfflineKeyring(dataDir, systemClock, process.env);
  return {
    async create({ name, project, parent, scopes, expires_at, allow, cap }) {
      const request = {
        name,
        ...(parent === undefined ? {} : { parent }),
        ...(project === undefined ? {} : { project }),
        ...(scopes === undefined ? {} : { scopes }),
        ...(allow === undefined ? {} : { allow }),
        ...(expires_at === undefined ? {} : { expiresAt: Date.parse(expires_at) }),
      };
      return createdKey.parse(await keyring.create(request, cap));
    },
    list: async () => (await keyring.list()).map((key) => keyView.parse(key)),
    revoke: async (id) => keyView.parse(await keyring.revoke(id)),
    close: () => keyring.close(),
  };
}
