import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { configOption, dataOption, hostOption, portOption } from '../options.ts';

interface GatewayFlags {
  readonly host?: string;
  readonly port?: number;
  readonly data: string;
  readonly config?: string;
}

/** `leeward dev`: everything on one machine, with a simulated provider and a key to try. */
export function addDev(program: Command, context: Context): void {
  const command = program
    .command('dev', { isDefault: true })
    .summary('run the gateway here, with a key and a simulated provider to try it (default)')
    .description(
      'Runs the gateway on this machine: an embedded store, a simulated provider, a key, and what was found.',
    );
  addGatewayFlags(command).action((flags: GatewayFlags) => runGateway('dev', flags, context));
}

/** `leeward serve`: the same gateway for a server: nothing is looked for, no key is written, only logs are printed. */
export function addServe(program: Command, context: Context): void {
  const command = program
    .command('serve')
    .summary('run the gateway on a server')
    .description('Runs the gateway as configured. Looks for nothing, writes no key, prints only logs.');
  addGatewayFlags(command).action((flags: GatewayFlags) => runGateway('serve', flags, context));
}

function addGatewayFlags(command: Command): Command {
  return command
    .addOption(portOption('5339', 'LEEWARD_PORT'))
    .addOption(hostOption('127.0.0.1'))
    .addOption(dataOption())
    .addOption(configOption());
}

async function runGateway(mode: 'dev' | 'serve', flags: GatewayFlags, context: Context): Promise<void> {
  const { io } = context;
  const gateway = await context.startGateway({
    mode,
    dataDir: flags.data,
    env: io.env,
    ...(flags.host === undefined ? {} : { host: flags.host }),
    ...(flags.port === undefined ? {} : { port: flags.port }),
    ...(flags.config === undefined ? {} : { configPath: flags.config }),
    say: (line) => (mode === 'dev' ? io.out : io.err)(`${line}\n`),
  });
  // In dev nobody would miss the server, and its port and lock would stay taken; a served one outlives its shell.
  if (mode === 'dev') {
    context.onLauncherGone(() => {
      gateway.drain().catch((error: unknown) => io.err(`leeward: the drain failed: ${String(error)}\n`));
    });
  }
  context.setExitCode(await gateway.done);
}
