import { systemClock } from '../kernel/clock.ts';
import type { GatewayOptions, RunningGateway } from './gateway-types.ts';
import { LauncherLink } from './launcher-link.ts';
import { runProgram } from './program.ts';
import { serveSimulator } from './serve-simulator.ts';
import { untilSignal } from './signals.ts';

const link = new LauncherLink(process, systemClock);
link.open();

process.exitCode = await runProgram(process.argv.slice(2), {
  io: {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: process.env,
  },
  clock: systemClock,
  startGateway,
  serveSimulator: (options) => serveSimulator(options, systemClock),
  onLauncherGone: (listener) => link.onGone(listener),
  untilSignal: () => untilSignal(process),
});
link.close();

async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { runGateway: start } = await import('../main.ts');
  return start(options);
}
