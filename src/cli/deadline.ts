import type { Clock } from '../kernel/clock.ts';

/** A wait with an end, on the clock that was passed in. Cancel it once what it bounds is over. */
export interface Deadline {
  readonly signal: AbortSignal;
  cancel(): void;
}

/** Aborts after `withinMs`. */
export function deadline(clock: Clock, withinMs: number): Deadline {
  const controller = new AbortController();
  const timer = clock.after(withinMs, () => controller.abort(new Error(`no end within ${withinMs} ms`)));
  return { signal: controller.signal, cancel: () => timer.cancel() };
}
