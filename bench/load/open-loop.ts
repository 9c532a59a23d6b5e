import { keepTime } from '../harness/metronome.ts';
import { Samples } from '../harness/samples.ts';
import { AnswerConnection } from './answer-connection.ts';
import { LoadNotes, type LoadResult } from './closed-loop.ts';
import type { ExpectedBody } from './wire.ts';

export interface OpenLoad {
  readonly port: number;
  readonly request: Buffer;
  readonly expected: ExpectedBody;
  readonly callsPerSecond: number;
  /** Calls before the measured ones, at the same rate. */
  readonly warmUpCalls: number;
  readonly calls: number;
  /** Called between the two. */
  onMeasured(): void;
}

export interface OpenResult extends LoadResult {
  /** How late calls were sent, microseconds. */
  readonly sendLagUs: Samples;
}

const ENDED_MS = 10_000;
const POLL_MS = 5;

/**
 * Sends calls on a fixed schedule, whether or not earlier ones were answered,
 * and counts each latency from the instant at which the call was due: a stall
 * is felt by every call that was due during it.
 */
export class OpenLoop {
  readonly #load: OpenLoad;
  readonly #free: AnswerConnection[] = [];
  readonly #all: AnswerConnection[] = [];
  readonly #notes = new LoadNotes();
  readonly #sendLagUs = new Samples();
  #answered = 0;

  constructor(load: OpenLoad) {
    this.#load = load;
  }

  async run(): Promise<OpenResult> {
    const { callsPerSecond, warmUpCalls, calls, onMeasured } = this.#load;
    const total = warmUpCalls + calls;
    await keepTime({
      count: total,
      stepMs: 1_000 / callsPerSecond,
      onBeat: (index, dueMs) => {
        if (index === warmUpCalls) onMeasured();
        this.#send(dueMs, index >= warmUpCalls);
      },
    });
    await this.#allAnswered(total);
    for (const connection of this.#all) connection.close();
    const { calls: noted, latencyUs, wrong, wrongCount } = this.#notes;
    return { calls: noted, latencyUs, wrong, wrongCount, sendLagUs: this.#sendLagUs };
  }

  #send(dueMs: number, measured: boolean): void {
    const connection = this.#connection();
    connection.send(this.#load.request, (wrong) => {
      this.#answered++;
      this.#notes.note(wrong);
      if (connection.usable) this.#free.push(connection);
      if (measured) this.#notes.latencyUs.add((performance.now() - dueMs) * 1_000);
    });
    if (measured) this.#sendLagUs.add((performance.now() - dueMs) * 1_000);
  }

  #connection(): AnswerConnection {
    for (;;) {
      const free = this.#free.pop();
      if (free === undefined) break;
      if (free.usable) return free;
    }
    const made = new AnswerConnection(this.#load.port, this.#load.expected);
    this.#all.push(made);
    return made;
  }

  async #allAnswered(total: number): Promise<void> {
    const endMs = performance.now() + ENDED_MS;
    while (this.#answered < total && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    for (let missing = total - this.#answered; missing > 0; missing--) this.#notes.note('a call was never answered');
  }
}
