import { systemClock } from '../kernel/clock.ts';
import { errorCode } from '../kernel/errors.ts';
import { LauncherLink } from './launcher-link.ts';
import { runProgram } from './program.ts';
import { serveSimulator } from './serve-simulator.ts';
import { untilSignal } from './signals.ts';

const link = new LauncherLink(process, systemClock);
link.open();
for (const stream of [process.stdout, process.stderr]) stream.on('error', onOutputError);

process.exitCode = await runProgram(process.argv.slice(2), {
  io: {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: process.env,
  },
  clock: systemClock,
  startGateway: async (options) => (await import('../main.ts')).runGateway(options),
  serveSimulator: (options) => serveSimulator(options, systemClock),
  onLauncherGone: (listener) => link.onGone(listener),
  untilSignal: () => untilSignal(process),
});
link.close();

/** `leeward keys list | head -1` closes the pipe early: a reader that has seen enough is no error. */
function onOutputError(error: Error): void {
  if (errorCode(error) !== 'EPIPE' && errorCode(error) !== 'EIO') throw error;
}
