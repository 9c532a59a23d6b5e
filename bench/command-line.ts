import { parseArgs } from 'node:util';
import { errorMessage } from '../src/kernel/errors.ts';
import { FULL, PARTS, type PartName, PHASES, type Plan, QUICK } from './plan.ts';
import type { SubjectName } from './subjects/subject.ts';
import type { TranslatedPlan } from './translated/translated-plan.ts';

const PEERS = ['nginx', 'bare node', 'portkey'] as const satisfies readonly SubjectName[];

export const USAGE = `What a call, a frame and an open stream cost in Leeward, beside other programs on one machine in one run.

    npm run bench -- [options]

  --quick             a minute's run, for noticing, not for quoting: ${PHASES.join(', ')}, or what --only says
  --only PARTS        of ${PARTS.join(', ')}
  --peers NAMES       who is compared: ${PEERS.join(', ')}
  --rounds N          of every part but memory
  --repeats N         of void rounds, at most
  --seconds N         for each measurement
  --no-gates          a missed gate and a busy machine do not make the run red
  --json              the whole result instead of tables
  --write FILE        the result as a page, as docs/benchmarks.md is
  --sabotage          breaks the gateway and the bench, one way at a time; with --quick or --only a part of the list
  --help              this text

It ends with 1 when something is wrong, a round stays void, or a gate is missed; with 2 when it cannot be run here.`;

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  repeats: { type: 'string' },
  json: { type: 'boolean', default: false },
  'no-gates': { type: 'boolean', default: false },
  peers: { type: 'string', default: PEERS.join(',') },
  write: { type: 'string' },
  sabotage: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false, short: 'h' },
} as const;

/** What a run was asked for. */
export interface Asked {
  readonly task: 'measure' | 'sabotage' | 'help';
  readonly quick: boolean;
  readonly json: boolean;
  readonly gates: boolean;
  /** A file for the page. */
  readonly write: string | undefined;
  readonly parts: readonly PartName[];
  readonly peers: readonly SubjectName[];
  readonly plan: Plan;
}

/** The command line says something that means nothing here. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Flags = ReturnType<typeof parsed>;

/**
 * @param args without the program and its script
 * @throws {UsageError} for what is not understood
 */
export function readCommandLine(args: readonly string[]): Asked {
  const flags = parsed(args);
  return {
    task: flags.help ? 'help' : flags.sabotage ? 'sabotage' : 'measure',
    quick: flags.quick,
    json: flags.json,
    gates: !flags['no-gates'],
    write: flags.write,
    parts: partsAsked(flags),
    peers: peersAsked(flags.peers),
    plan: planAsked(flags),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(errorMessage(error), { cause: error });
  }
}

function partsAsked({ only: text, quick, sabotage }: Flags): readonly PartName[] {
  // A minute is enough for a comparison with others, and not for all that Leeward compares with itself.
  if (text === undefined) return quick && !sabotage ? PHASES : PARTS;
  const asked = text.split(',').map((name) => name.trim());
  const unknown = asked.filter((name) => !PARTS.some((part) => part === name));
  if (unknown.length > 0) throw new UsageError(`--only ${text}: there are ${PARTS.join(', ')}`);
  return PARTS.filter((part) => asked.includes(part));
}

function peersAsked(text: string): readonly SubjectName[] {
  const asked = text.split(',').map((name) => name.trim());
  const known = PEERS.filter((name) => asked.includes(name));
  if (text !== '' && known.length < asked.length)
    throw new UsageError(`--peers ${text}: there are ${PEERS.join(', ')}`);
  return known;
}

function planAsked(flags: Flags): Plan {
  const plan = flags.quick ? QUICK : FULL;
  const rounds = numberAsked('rounds', flags.rounds);
  const seconds = numberAsked('seconds', flags.seconds);
  const repeatsMax = numberAsked('repeats', flags.repeats);
  return {
    ...plan,
    ...(rounds === undefined
      ? {}
      : { rounds: { ...plan.rounds, calls: rounds, latency: rounds, frames: rounds, prompts: rounds } }),
    ...(repeatsMax === undefined ? {} : { repeatsMax }),
    ...(seconds === undefined
      ? {}
      : {
          calls: { ...plan.calls, seconds },
          latency: { ...plan.latency, seconds },
          frames: { ...plan.frames, measureMs: seconds * 1_000 },
          holds: { ...plan.holds, seconds },
        }),
    capped: {
      ...plan.capped,
      ...(rounds === undefined ? {} : { rounds }),
      ...(repeatsMax === undefined ? {} : { repeatsMax }),
      ...(seconds === undefined ? {} : { seconds, latency: { ...plan.capped.latency, seconds } }),
    },
    translated: translatedAsked(plan.translated, { rounds, repeatsMax, seconds }),
  };
}

function translatedAsked(
  plan: TranslatedPlan,
  { rounds, repeatsMax, seconds }: Readonly<Record<'rounds' | 'repeatsMax' | 'seconds', number | undefined>>,
): TranslatedPlan {
  // What a quick run leaves out stays out.
  const asked = (ofPart: number) => (ofPart === 0 ? 0 : (rounds ?? ofPart));
  const { calls, frames, latency } = plan.rounds;
  return {
    ...plan,
    rounds: { calls: asked(calls), frames: asked(frames), latency: asked(latency) },
    ...(repeatsMax === undefined ? {} : { repeatsMax }),
    ...(seconds === undefined
      ? {}
      : {
          seconds,
          latency: { ...plan.latency, seconds },
          frames: { ...plan.frames, measureMs: seconds * 1_000 },
        }),
  };
}

function numberAsked(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} ${text}: write a whole number`);
}
