import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ConfigError } from '../../config/config-error.ts';
import type { ShippedFile, ShippedKind } from '../../forecast/shipped.ts';
import { errorCode } from '../../kernel/errors.ts';
import { nearest } from '../../kernel/nearest.ts';
import { loadFile } from '../config/load-file.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failure.ts';
import { type Io, printJson } from '../io.ts';
import { forecastText } from './forecast-text.ts';
import { Progress } from './progress.ts';

const FILE_BYTES_MAX = 4 * 2 ** 20;

export interface ForecastFlags {
  readonly config?: string;
  readonly data: string;
  readonly traffic: string;
  readonly weather: string;
  readonly latency: readonly string[];
  readonly day: number;
  readonly hours: { readonly fromMs: number; readonly untilMs: number };
  readonly seed: number;
  readonly sample: number;
  readonly html?: string;
  readonly print?: 'traffic' | 'weather' | 'latency' | 'traffic-schema' | 'weather-schema';
  readonly json?: boolean;
}

/**
 * Runs a forecast and prints it; progress goes to stderr.
 *
 * @throws ConfigError for a configuration, `CliFailure` (usage) for a traffic or weather file that is none
 */
export async function runForecast(flags: ForecastFlags, context: Context): Promise<void> {
  const { io, clock } = context;
  if (flags.print !== undefined) return printFile(flags.print, io);
  const loaded = await loadFile(flags.config, io);
  for (const line of loaded.warnings) io.err(`${line}\n`);
  const [traffic, weather] = await Promise.all([named('traffic', flags.traffic), named('weather', flags.weather)]);
  const { forecast } = await import('../../compose/forecast.ts');
  const progress = new Progress(io, clock);
  const asked = {
    loaded,
    dataDir: flags.data,
    traffic,
    weather,
    latency: flags.latency,
    part: { day: flags.day, ...flags.hours },
    seed: flags.seed,
    sample: flags.sample,
    onProgress: (share: number) => progress.at(share),
    ...(context.outputGone === undefined ? {} : { signal: context.outputGone }),
  };
  const { document, page, warnings } = await forecast(asked, clock).catch((thrown: unknown) => {
    throw thrown instanceof ConfigError ? refused(thrown) : thrown;
  });
  progress.done();
  for (const line of warnings) io.err(`${line}\n`);
  if (flags.json === true) printJson(io, document);
  else io.out(forecastText(document, await import('../../forecast/report-rows.ts'), io.outTerminal));
  if (flags.html !== undefined) {
    writeFileSync(flags.html, page());
    io.err(`${flags.html}\n`);
  }
  if (document.violations.length === 0) return;
  throw new CliFailure('the gateway did what it must never do', {
    exitCode: EXIT.unexpected,
    next: 'this is a fault of Leeward: please report it with the files and the seed',
    details: document.violations.join('\n'),
  });
}

/** A file of the user's by its path, or one of ours by its name. */
async function named(kind: ShippedKind, given: string): Promise<ShippedFile> {
  const { shippedFile, shippedNames } = await import('../../forecast/shipped.ts');
  const ours = shippedFile(kind, given);
  if (ours !== undefined) return ours;
  try {
    const bytes = statSync(given).size;
    if (bytes <= FILE_BYTES_MAX) return { name: basename(given), text: readFileSync(given, 'utf8') };
    throw new CliFailure(`${given} has ${bytes} bytes`, {
      exitCode: EXIT.usage,
      next: `a ${kind} file has at most ${FILE_BYTES_MAX}`,
    });
  } catch (cause) {
    if (cause instanceof CliFailure) throw cause;
    const code = errorCode(cause);
    if (code !== 'ENOENT') {
      throw new CliFailure(`${given} cannot be read (${code ?? 'no reason given'})`, {
        exitCode: EXIT.unexpected,
        next: 'check what it is and who may read it',
        cause,
      });
    }
    const names = shippedNames(kind);
    const guess = nearest(given, names);
    throw new CliFailure(`there is no ${kind} file ${given}, and none of ours is called so`, {
      exitCode: EXIT.notFound,
      next: guess === undefined ? `check the path, or take one of ours: ${names.join(', ')}` : `did you mean ${guess}?`,
      cause,
    });
  }
}

async function printFile(what: NonNullable<ForecastFlags['print']>, io: Io): Promise<void> {
  if (what === 'traffic-schema') printJson(io, (await import('../../forecast/traffic-file.ts')).trafficJsonSchema());
  else if (what === 'weather-schema') {
    printJson(io, (await import('../../forecast/weather-file.ts')).weatherJsonSchema());
  } else io.out((await import('../../forecast/shipped.ts')).shippedFile(what)?.text ?? '');
}

/** A wrong traffic or weather file is not a wrong configuration. */
function refused(error: ConfigError): CliFailure {
  return new CliFailure(`${error.path} cannot be used for a forecast`, {
    exitCode: EXIT.usage,
    next: 'correct what stands above; docs/forecast.md has each field',
    details: error.report,
    cause: error,
  });
}
