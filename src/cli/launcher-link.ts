import type { Clock, Timer } from '../kernel/clock.ts';

/** Time for the terminal's own signal to arrive before the launcher's word for it is taken. */
const GRACE_MS = 100;
/** A signal that came directly this recently is the one the launcher speaks of. */
const SEEN_MS = 1_000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type RelayedSignal = (typeof SIGNALS)[number];

/** The signal that a message of the launcher speaks of. By hand: this runs before every command, however small. */
function signalIn(received: unknown): RelayedSignal | undefined {
  if (typeof received !== 'object' || received === null || !('leeward' in received) || !('signal' in received)) {
    return undefined;
  }
  return received.leeward === 'signal' ? SIGNALS.find((known) => known === received.signal) : undefined;
}

/** The parts of Node's `process` that the link uses. */
export type LinkedProcess = Pick<
  NodeJS.Process,
  'on' | 'off' | 'listenerCount' | 'kill' | 'pid' | 'env' | 'channel' | 'connected' | 'disconnect'
>;

/**
 * The program's end of what connects it with `bin/leeward.mjs`.
 *
 * Two cases. *Spawned*: the launcher runs on an older Node, and there is a
 * channel to it. It tells of signals it got; those that also came directly (a
 * terminal signals the whole group) are dropped, so that one Ctrl-C counts
 * once. *In process*: signals come directly. In both, the event `disconnect`
 * means that whoever started the program was killed outright: the launcher,
 * whose channel closes, or npm, which the launcher watches. A program that was
 * started by hand is not watched, and may outlive its shell.
 */
export class LauncherLink {
  readonly #process: LinkedProcess;
  readonly #clock: Clock;
  readonly #seenAtMs = new Map<RelayedSignal, number>();
  readonly #raised = new Map<RelayedSignal, number>();
  readonly #timers = new Set<Timer>();
  readonly #goneListeners = new Set<() => void>();
  #gone = false;
  #closed = false;

  constructor(process: LinkedProcess, clock: Clock) {
    this.#process = process;
    this.#clock = clock;
  }

  open(): void {
    const watched = this.#process.env['LEEWARD_PARENT'] !== undefined;
    // Whatever this process starts has another parent.
    delete this.#process.env['LEEWARD_PARENT'];
    if (!watched) return;
    this.#process.on('disconnect', this.#onGone);
    if (!this.#process.connected) return;
    this.#process.on('message', this.#onMessage);
    for (const signal of SIGNALS) this.#process.on(signal, this.#onSignal);
    // Listening must not keep a command alive that has nothing left to do.
    this.#process.channel?.unref();
  }

  /** Calls back once when whoever started this was killed; at once when that has happened already. */
  onGone(listener: () => void): void {
    if (this.#gone) listener();
    else this.#goneListeners.add(listener);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#process.off('message', this.#onMessage);
    this.#process.off('disconnect', this.#onGone);
    for (const signal of SIGNALS) this.#process.off(signal, this.#onSignal);
    if (this.#process.connected) this.#process.disconnect?.();
  }

  readonly #onMessage = (received: unknown): void => {
    const signal = signalIn(received);
    if (signal === undefined) return;
    this.#after(GRACE_MS, () => {
      const seenAtMs = this.#seenAtMs.get(signal);
      if (seenAtMs !== undefined && this.#clock.monotonicMs() - seenAtMs <= SEEN_MS) return;
      this.#raised.set(signal, (this.#raised.get(signal) ?? 0) + 1);
      this.#process.kill(this.#process.pid, signal);
    });
  };

  readonly #onSignal = (name: NodeJS.Signals): void => {
    const signal = SIGNALS.find((known) => known === name);
    if (signal === undefined) return;
    const raised = this.#raised.get(signal) ?? 0;
    if (raised > 0) this.#raised.set(signal, raised - 1);
    else this.#seenAtMs.set(signal, this.#clock.monotonicMs());
    if (this.#process.listenerCount(signal) > 1) return;
    // Nobody but this observer listens, so the signal does what it does by default.
    this.#process.off(signal, this.#onSignal);
    this.#process.kill(this.#process.pid, signal);
  };

  readonly #onGone = (): void => {
    if (this.#gone || this.#closed) return;
    this.#gone = true;
    for (const listener of this.#goneListeners) listener();
    this.#goneListeners.clear();
  };

  #after(delayMs: number, fire: () => void): void {
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(timer);
      fire();
    });
    this.#timers.add(timer);
  }
}
