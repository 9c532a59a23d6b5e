import { backToBaseline, takeBaseline } from './harness/baseline.ts';
import { answerJson } from './harness/h2-upstreams.ts';
import { House, HouseDown } from './harness/house.ts';
import { NotHere } from './harness/not-here.ts';
import type { OwnRow, Row, SharedRow, Witness } from './row.ts';
import { weatherConfig } from './rows/weather/weather-row.ts';

/** A row as it came out. */
export interface RowResult {
  readonly row: number;
  readonly fault: string;
  readonly streamed: boolean | null;
  readonly saw: string;
  readonly recorded: string;
  /** What the provider itself says it served. */
  readonly provider: string;
  readonly baseline: string;
  readonly verdict: 'pass' | 'fail' | 'skipped';
  /** What did not hold, or why the row could not be run. */
  readonly problems: readonly string[];
  readonly tookMs: number;
}

export interface RunOptions {
  readonly quick: boolean;
  readonly sabotage?: string | undefined;
  onResult(result: RowResult): void;
  /** Asked after each row; true ends the run. */
  enough?(result: RowResult): boolean;
}

/** Runs the rows one after the other, each shared house started when its first row comes. */
export async function runRows(rows: readonly Row[], options: RunOptions): Promise<RowResult[]> {
  const results: RowResult[] = [];
  await using houses = new Houses(options.sabotage);
  for (const row of rows) {
    const startedMs = performance.now();
    const outcome = row.house === 'own' ? await runOwn(row, options) : await runShared(row, options, houses);
    const { row: number, fault, streamed } = row;
    const result: RowResult = {
      row: number,
      fault,
      streamed: streamed ?? null,
      ...outcome,
      tookMs: Math.round(performance.now() - startedMs),
    };
    results.push(result);
    options.onResult(result);
    if (options.enough?.(result)) break;
  }
  return results;
}

type Outcome = Pick<RowResult, 'saw' | 'recorded' | 'provider' | 'baseline' | 'verdict' | 'problems'>;

async function runShared(row: SharedRow, { quick }: RunOptions, houses: Houses): Promise<Outcome> {
  const house = await houseOf(row, houses);
  if (typeof house === 'string') return outcomeOf({ saw: '-', recorded: '-', problems: [], notHere: house });
  const before = await takeBaseline(house);
  const witness = await witnessed(() => row.run({ house, quick }));
  house.raw.answer = (socket) => void socket.destroy();
  house.h2.answer = answerJson;
  house.h2Relay.closeAll();
  house.h2.closeAll();
  const after = await backToBaseline(house, before, row.growthMiBMax);
  const problems = [...witness.problems, ...after.problems];
  if (witness.attempts !== undefined && after.attempts !== witness.attempts) {
    problems.push(`${after.attempts} ends of attempts were counted, not ${witness.attempts}`);
  }
  // A house that is not as it was would blame the rows that follow.
  if (after.problems.length > 0) await houses.drop(row.house);
  const baseline = witness.baseline === undefined ? after.text : `${witness.baseline}, ${after.text}`;
  return outcomeOf({ ...witness, problems, baseline }, after.provider);
}

/** The row's house, or why there can be none here. */
async function houseOf(row: SharedRow, houses: Houses): Promise<House | string> {
  try {
    return await houses.get(row.house);
  } catch (error) {
    if (error instanceof NotHere) return error.message;
    throw error;
  }
}

async function runOwn(row: OwnRow, { quick, sabotage }: RunOptions): Promise<Outcome> {
  await using opened = new AsyncDisposableStack();
  const witness = await witnessed(() =>
    row.run({
      quick,
      open: async (options) => opened.use(await House.start({ ...options, sabotage })),
      defer: (undo) => opened.defer(undo),
    }),
  );
  return outcomeOf(witness);
}

function outcomeOf(witness: Tried, provider = '-'): Outcome {
  const { saw, recorded, problems, baseline = '-', notHere } = witness;
  const verdict = notHere === undefined ? (problems.length === 0 ? 'pass' : 'fail') : 'skipped';
  return { saw, recorded, provider, baseline, verdict, problems: notHere === undefined ? problems : [notHere] };
}

interface Tried extends Witness {
  readonly notHere?: string;
}

/** A row that throws has failed; what it threw is its problem. */
async function witnessed(run: () => Promise<Witness>): Promise<Tried> {
  try {
    return await run();
  } catch (error) {
    const nothing = { saw: '-', recorded: '-' };
    if (error instanceof HouseDown) throw error;
    if (error instanceof NotHere) return { ...nothing, problems: [], notHere: error.message };
    return { ...nothing, problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)] };
  }
}

/** The shared houses, each started once and replaced when a row has left it dirty. */
class Houses implements AsyncDisposable {
  readonly #sabotage: string | undefined;
  readonly #open = new Map<string, House>();

  constructor(sabotage: string | undefined) {
    this.#sabotage = sabotage;
  }

  async get(name: string): Promise<House> {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const config = name === 'weather' ? { config: weatherConfig } : {};
    const house = await House.start({ sabotage: this.#sabotage, names: name === 'names', ...config });
    this.#open.set(name, house);
    return house;
  }

  async drop(name: string): Promise<void> {
    const house = this.#open.get(name);
    this.#open.delete(name);
    await house?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of [...this.#open.keys()]) await this.drop(name);
  }
}
