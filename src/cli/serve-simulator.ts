import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { fileTrouble } from '../config/interpolate.ts';
import type { Clock } from '../kernel/clock.ts';
import { errorMessage } from '../kernel/errors.ts';
import type { RunningSimulator, SimulatorOptions } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { CliFailure } from './failure.ts';

/** Starts the simulated provider on a port of its own. */
export async function serveSimulator(options: SimulatorOptions, clock: Clock): Promise<RunningSimulator> {
  const faults = options.faultsPath === undefined ? undefined : faultRules(options.faultsPath);
  const [{ Simulator }, server] = await Promise.all([import('../sim/simulator.ts'), import('../sim/server.ts')]);
  const simulator = new Simulator({ seed: options.seed ?? 1, clock, ...(faults === undefined ? {} : { faults }) });
  const served = await server.serveSimulator({ simulator, host: options.host, port: options.port, clock });
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${served.port}/v1`, stop: () => served.close() };
}

/** A list of fault rules, bare or under `rules` or `faults`, in YAML or JSON. The simulator checks the rules themselves. */
function faultRules(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CliFailure(`${path}: ${fileTrouble(cause)}`, { exitCode: EXIT.usage, next: 'check the path', cause });
  }
  try {
    const document: unknown = parse(text);
    if (typeof document !== 'object' || document === null) return document;
    if ('rules' in document) return document.rules;
    return 'faults' in document ? document.faults : document;
  } catch (cause) {
    const what = `${path} is neither YAML nor JSON (${errorMessage(cause).split('\n')[0]})`;
    throw new CliFailure(what, { exitCode: EXIT.usage, next: 'correct it', cause });
  }
}
