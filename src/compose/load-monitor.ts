import { getHeapStatistics } from 'node:v8';
import type { LoadReading, LoadShed, ShedReason } from '../edge/http/load-shed.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import type { Priority } from '../protocol/priority.ts';

/** With forty ticks a second the p99 of their delays is the longest one. */
const TICK_MS = 25;
const READING_MS = 1_000;
/** While calls are refused, one line of the log for so long. */
const LOG_MS = 10_000;

export interface LoadMonitorParts {
  readonly clock: Clock;
  readonly log: { warn(facts: object, message: string): void; info(message: string): void };
  readonly shed: Pick<LoadShed, 'observe' | 'shareOf'>;
  /** Default: this process's. */
  heapPercent?(): number;
  inFlight(): number;
}

/**
 * Watches how late the event loop comes to its timers and how full the heap
 * is, and tells {@link LoadShed} once a second.
 *
 * A timer of its own measures the delay. Node's `monitorEventLoopDelay` takes
 * its first tick after a reset for its beginning, so that it forgets a block
 * that starts right after one (seen with Node 26.10), and it cannot be read
 * for a window without a reset.
 */
export class LoadMonitor {
  readonly #parts: LoadMonitorParts;
  #timer: Timer | undefined;
  #dueMs = 0;
  #readAtMs = 0;
  #worstMs = 0;
  #reading: LoadReading = { loopDelayMs: 0, heapPercent: 0 };
  /** Refused since the last line of the log. */
  readonly #refused = new Map<string, number>();
  #loggedAtMs = Number.NEGATIVE_INFINITY;
  #told = false;

  constructor(parts: LoadMonitorParts) {
    this.#parts = parts;
  }

  /** Of the last whole second. */
  get reading(): LoadReading {
    return this.#reading;
  }

  start(): void {
    this.#readAtMs = this.#parts.clock.monotonicMs();
    this.#wait();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** A call was refused. */
  refused(priority: Priority, reason: ShedReason): void {
    const kind = `${priority} ${reason}`;
    this.#refused.set(kind, (this.#refused.get(kind) ?? 0) + 1);
  }

  #wait(): void {
    const { clock } = this.#parts;
    this.#dueMs = clock.monotonicMs() + TICK_MS;
    this.#timer = clock.after(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    const { clock, shed } = this.#parts;
    const nowMs = clock.monotonicMs();
    this.#worstMs = Math.max(this.#worstMs, nowMs - this.#dueMs);
    if (nowMs - this.#readAtMs >= READING_MS) {
      const heapPercent = this.#parts.heapPercent?.() ?? usedHeapPercent();
      this.#reading = { loopDelayMs: this.#worstMs, heapPercent };
      this.#worstMs = 0;
      this.#readAtMs = nowMs;
      shed.observe(this.#reading);
      this.#tell(nowMs);
    }
    this.#wait();
  }

  #tell(nowMs: number): void {
    const { log, shed, inFlight } = this.#parts;
    const { loopDelayMs, heapPercent } = this.#reading;
    if (this.#refused.size > 0) {
      if (nowMs - this.#loggedAtMs < LOG_MS) return;
      const facts = {
        refused: Object.fromEntries(this.#refused),
        loopDelayMs: Math.round(loopDelayMs),
        heapPercent: Math.round(heapPercent),
        inFlight: inFlight(),
      };
      log.warn(facts, 'the gateway has more to do than it can and refuses calls');
      this.#refused.clear();
      this.#loggedAtMs = nowMs;
      this.#told = true;
    } else if (this.#told && shed.shareOf('low') === 0 && nowMs - this.#loggedAtMs >= LOG_MS) {
      this.#told = false;
      log.info('the gateway refuses no calls for its load any more');
    }
  }
}

function usedHeapPercent(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return (100 * used) / limit;
}
