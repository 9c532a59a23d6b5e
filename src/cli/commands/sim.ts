import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { hostOption, portOption, seed } from '../options.ts';

interface SimFlags {
  readonly host?: string;
  readonly port?: number;
  readonly seed?: number;
  readonly faults?: string;
}

/** `leeward sim`: the simulated provider on a port of its own, for testing anything that speaks to a provider. */
export function addSim(program: Command, context: Context): void {
  program
    .command('sim')
    .summary('run the simulated provider alone')
    .description('Serves the simulated provider over HTTP, in place of a real one: Chat Completions and Messages.')
    .addOption(portOption('5340', 'LEEWARD_SIM_PORT'))
    .addOption(hostOption('127.0.0.1'))
    .addOption(new Option('--seed <number>', 'the same seed gives the same answers and faults').argParser(seed))
    .addOption(new Option('--faults <file>', 'faults to inject, from the start'))
    .action(async (flags: SimFlags) => {
      const simulator = await context.serveSimulator({
        host: flags.host ?? '127.0.0.1',
        port: flags.port ?? 5340,
        ...(flags.seed === undefined ? {} : { seed: flags.seed }),
        ...(flags.faults === undefined ? {} : { faultsPath: flags.faults }),
      });
      context.io.out(`${simulator.url}\n`);
      context.io.err('the simulated provider answers there; Ctrl-C stops it\n');
      await context.untilSignal();
      await simulator.stop();
    });
}
