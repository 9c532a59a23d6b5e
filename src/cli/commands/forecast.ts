import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.ts';
import { configOption, dataOption, jsonOption } from '../options.ts';

const SEED_MAX = 2 ** 32 - 1;
const SAMPLE_DEFAULT = 20_000;
const SAMPLE_MIN = 100;
const SAMPLE_MAX = 10_000_000;
const DAY_MAX = 366;

/** `leeward forecast`: what a configuration would do in a day of weather. */
export function addForecast(program: Command, context: Context): void {
  program
    .command('forecast')
    .summary('run a configuration through a day of provider weather')
    .description(
      "Runs the gateway's own code on a virtual clock against simulated providers: availability, latency, attempts, cost " +
        'and shares of targets, beside the first target of each route alone. Calls nobody. Without files it takes a ' +
        'made traffic and a made weather that Leeward comes with; --print shows one, to begin from.',
    )
    .addOption(configOption())
    .addOption(new Option('--traffic <file>', 'a traffic file, or one of ours by name: day').default('day'))
    .addOption(
      new Option('--weather <file>', 'a weather file, or one of ours by name: rough-day, calm').default('rough-day'),
    )
    .addOption(
      new Option('--latency <profile>', 'how fast providers are, as in self-hosted or groq=hybrid; may be repeated')
        .default([], 'as the weather says, or hosted-api, and self-hosted for local ones')
        .argParser((value: string, before: readonly string[]) => [...before, value]),
    )
    .addOption(new Option('--day <number>', "of the weather file's days").default(1).argParser(wholeNumber(1, DAY_MAX)))
    .addOption(
      new Option('--hours <from-to>', 'a part of the day, as in 9-18 or 13:30-15')
        .default({ fromMs: 0, untilMs: 86_400_000 }, '0-24')
        .argParser(hours),
    )
    .addOption(
      new Option('--seed <number>', 'all that is drawn follows from it').default(1).argParser(wholeNumber(0, SEED_MAX)),
    )
    .addOption(
      new Option('--sample <calls>', 'about so many calls are simulated and stand for the rest, or all')
        .default(SAMPLE_DEFAULT)
        .argParser(sample),
    )
    .addOption(new Option('--html <file>', 'write a page with plots there, that needs nothing else'))
    .addOption(
      new Option('--print <what>', 'print a file of ours, or the JSON Schema of a kind, and run nothing').choices([
        'traffic',
        'weather',
        'latency',
        'traffic-schema',
        'weather-schema',
      ]),
    )
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (flags) => {
      const { runForecast } = await import('../forecast/run-forecast.ts');
      await runForecast(flags, context);
    });
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d{1,10}$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function sample(text: string): number {
  return text === 'all' ? Number.POSITIVE_INFINITY : wholeNumber(SAMPLE_MIN, SAMPLE_MAX)(text);
}

const HOURS = /^(\d{1,2})(?::([0-5]\d))?-(\d{1,2})(?::([0-5]\d))?$/;

/** `9-18` in milliseconds since midnight. */
function hours(text: string): { readonly fromMs: number; readonly untilMs: number } {
  const [, from, fromMinutes = '0', until, untilMinutes = '0'] = HOURS.exec(text) ?? [];
  const fromMs = (Number(from) * 60 + Number(fromMinutes)) * 60_000;
  const untilMs = (Number(until) * 60 + Number(untilMinutes)) * 60_000;
  if (fromMs < untilMs && untilMs <= 86_400_000) return { fromMs, untilMs };
  throw new InvalidArgumentError('It must be a part of a day from 0 to 24, as in 9-18 or 13:30-15.');
}
