/**
 * The thread that brings the journal into a server Postgres: reading, parsing
 * and encoding cost some microseconds an attempt, and files are read without
 * yielding; the thread that answers calls has neither to spare.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../kernel/clock.ts';
import { errorMessage } from '../../kernel/errors.ts';
import { JournalReplayer } from '../journal/journal-replayer.ts';
import type { StoreLog } from '../log.ts';
import type { ReplayReport, ReplayRequest, ReplaySettings } from './replay-messages.ts';
import { ReplaySession } from './replay-session.ts';

class ReplayWorker {
  readonly #port: MessagePort;
  readonly #session: ReplaySession;
  readonly #replayer: JournalReplayer;

  constructor(port: MessagePort, { address, journal }: ReplaySettings) {
    this.#port = port;
    this.#session = new ReplaySession(address, journal.name);
    this.#replayer = new JournalReplayer({
      target: this.#session,
      settings: journal,
      clock: systemClock,
      log: this.#log,
    });
  }

  async run(): Promise<void> {
    this.#port.on('message', (request: ReplayRequest) => void this.#answer(request));
    await this.#replayer.run();
    this.#report({ type: 'recovered' });
  }

  async #answer(request: ReplayRequest): Promise<void> {
    try {
      if (request.type === 'flush') await this.#replayer.flush();
      else await this.#close();
      this.#report({ type: 'done', id: request.id });
    } catch (error) {
      this.#report({ type: 'refused', id: request.id, reason: errorMessage(error) });
    }
    if (request.type === 'close') this.#port.close();
  }

  async #close(): Promise<void> {
    await this.#replayer.stop();
    await this.#session.end();
  }

  #report(report: ReplayReport): void {
    this.#port.postMessage(report);
  }

  readonly #log: StoreLog = {
    info: (facts, message) => this.#report({ type: 'log', level: 'info', facts: { ...facts }, message }),
    warn: (facts, message) => this.#report({ type: 'log', level: 'warn', facts: { ...facts }, message }),
    error: (facts, message) => this.#report({ type: 'log', level: 'error', facts: { ...facts }, message }),
  };
}

if (parentPort !== null) await new ReplayWorker(parentPort, workerData as ReplaySettings).run();
