import { Command, CommanderError } from 'commander';
import { nearest } from '../kernel/nearest.ts';
import { addBudgets } from './commands/budgets.ts';
import { addCall } from './commands/call.ts';
import { addCalls } from './commands/calls.ts';
import { addCompletion } from './commands/completion.ts';
import { addConfig } from './commands/config.ts';
import { addCredits } from './commands/credits.ts';
import { addDemo } from './commands/demo.ts';
import { addDoctor } from './commands/doctor.ts';
import { addForecast } from './commands/forecast.ts';
import { addDev, addServe } from './commands/gateway.ts';
import { addImport } from './commands/import.ts';
import { addInit } from './commands/init.ts';
import { addKeys } from './commands/keys.ts';
import { addModels } from './commands/models.ts';
import { addPlan } from './commands/plan.ts';
import { addPrices } from './commands/prices.ts';
import { addReconcile } from './commands/reconcile.ts';
import { addSim } from './commands/sim.ts';
import { addTargets } from './commands/targets.ts';
import { addTasks } from './commands/tasks.ts';
import { addUsage } from './commands/usage.ts';
import { addVersion } from './commands/version.ts';
import type { Context } from './context.ts';
import { EXIT, EXIT_CODE_HELP } from './exit-codes.ts';
import { CliFailure, failureOf, failureText } from './failure.ts';
import { VERSION } from './package-facts.ts';

const HELP_WIDTH = 100;

/**
 * Runs one command line (without node and script) to its end.
 *
 * @returns the exit code; failures are printed, never thrown
 */
export async function runProgram(args: readonly string[], context: Omit<Context, 'setExitCode'>): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = buildProgram({
    ...context,
    setExitCode(code) {
      exitCode = code;
    },
  });
  try {
    refuseUnknownCommand(args, program);
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.ok;
    const failure = thrown instanceof CommanderError ? usageFailure(thrown, args, program) : failureOf(thrown);
    context.io.err(failureText(failure, context.io.env));
    return failure.exitCode;
  }
}

/** Every command of the program. Each stands in a file of its own under `commands/`. */
export function buildProgram(context: Context): Command {
  const program = new Command('leeward')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.io.out(text),
      writeErr: (text) => context.io.err(text),
      // A wrong command line is told in our one line, by runProgram.
      outputError: () => undefined,
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .description('The control layer between applications and AI providers.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .addHelpText('before', 'Example: leeward dev --port 5339\n')
    .addHelpText('after', `\n${EXIT_CODE_HELP}\n\nLEEWARD_DEBUG=1 shows the stack of an error.`);
  addDev(program, context);
  addServe(program, context);
  addSim(program, context);
  addDemo(program, context);
  addInit(program, context);
  addImport(program, context);
  addCall(program, context);
  addCalls(program, context);
  addUsage(program, context);
  addTasks(program, context);
  addPlan(program, context);
  addForecast(program, context);
  addReconcile(program, context);
  addModels(program, context);
  addPrices(program, context);
  addTargets(program, context);
  addKeys(program, context);
  addBudgets(program, context);
  addCredits(program, context);
  addConfig(program, context);
  addDoctor(program, context);
  addCompletion(program, context);
  addVersion(program, context);
  return program;
}

/** `dev` is what runs without a command, so that commander takes a mistyped command for an argument of `dev`. */
function refuseUnknownCommand(args: readonly string[], program: Command): void {
  const first = args[0];
  if (first === undefined || first.startsWith('-')) return;
  const names = program.commands.map((command) => command.name());
  if (names.includes(first)) return;
  const guess = nearest(first, names);
  const next = guess === undefined ? 'see "leeward --help"' : `did you mean "leeward ${guess}"?`;
  throw new CliFailure(`there is no command ${JSON.stringify(first)}`, { exitCode: EXIT.usage, next });
}

function usageFailure(error: CommanderError, args: readonly string[], program: Command): CliFailure {
  const what = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  const names: string[] = [];
  let command: Command | undefined = program;
  for (const arg of args) {
    command = command.commands.find((candidate) => candidate.name() === arg);
    if (command === undefined) break;
    names.push(arg);
  }
  // Commander prints the help of a group that lacks its command by itself, and has nothing more to say.
  const said = what === '(outputHelp)' ? `"leeward ${names.join(' ')}" needs a command` : what;
  return new CliFailure(said, {
    exitCode: EXIT.usage,
    next: `see "${['leeward', ...names, '--help'].join(' ')}"`,
    cause: error,
  });
}
