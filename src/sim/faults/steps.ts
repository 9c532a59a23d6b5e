import { gzipSync } from 'node:zlib';
import type { Step } from '../script.ts';

/**
 * A connection torn down in the same instant as its last write can take those
 * bytes with it; this much later they are with the peer.
 */
export const LET_BYTES_LEAVE_MS = 10;

/** Where an answer breaks: see the fault rules. */
export interface BreakPoint {
  readonly afterEvents?: number | undefined;
  readonly atByte?: number | undefined;
}

/** The steps up to the break point, then `last` in place of all that would follow. */
export function* broken(steps: Iterable<Step>, at: BreakPoint, last: Step): Generator<Step, void, undefined> {
  if (at.afterEvents === undefined && at.atByte === undefined) {
    yield last.kind === 'stall' ? last : { ...last, afterMs: 0 };
    return;
  }
  let eventsLeft = at.afterEvents ?? 0;
  for (const step of steps) {
    if (step.kind === 'head') {
      yield step;
      continue;
    }
    if (step.kind !== 'bytes') break;
    if (step.bytes.length === 0) {
      yield step;
      continue;
    }
    if (eventsLeft === 0) {
      // Nothing of an event that is not sent whole counts as delivered.
      if (at.atByte) yield { ...step, bytes: step.bytes.subarray(0, at.atByte), tokens: 0 };
      break;
    }
    eventsLeft--;
    yield step;
  }
  yield last;
}

/** Every byte on its own, `intervalMs` apart. Tokens count with the last byte of their event. */
export function* dripped(steps: Iterable<Step>, intervalMs: number): Generator<Step, void, undefined> {
  for (const step of steps) {
    if (step.kind !== 'bytes' || step.bytes.length === 0) {
      yield step;
      continue;
    }
    const lastByte = step.bytes.length - 1;
    for (let at = 0; at <= lastByte; at++) {
      yield {
        kind: 'bytes',
        afterMs: at === 0 ? Math.max(step.afterMs, intervalMs) : intervalMs,
        bytes: step.bytes.subarray(at, at + 1),
        tokens: at === lastByte ? step.tokens : 0,
        apart: true,
      };
    }
  }
}

/** Every write as a gzip member of its own: together they are one valid gzip stream, and none waits for the next. */
export function* gzipped(steps: Iterable<Step>): Generator<Step, void, undefined> {
  for (const step of steps) {
    if (step.kind !== 'bytes' || step.bytes.length === 0) yield step;
    else yield { ...step, bytes: gzipSync(step.bytes) };
  }
}

/** The answer is made whole, and then the connection is torn down before a byte of it has left. */
export function* lost(steps: Iterable<Step>): Generator<Step, void, undefined> {
  for (const step of steps) {
    if (step.kind === 'bytes') yield { ...step, bytes: NOTHING };
    else if (step.kind === 'head') yield { kind: 'bytes', afterMs: step.afterMs, bytes: NOTHING, tokens: 0 };
    else break;
  }
  yield { kind: 'reset', afterMs: 0 };
}

/** Each write at least so long after the one before. */
export function* spaced(steps: Iterable<Step>, intervalMs: number): Generator<Step, void, undefined> {
  for (const step of steps) {
    if (step.kind === 'bytes' && step.bytes.length > 0) yield { ...step, afterMs: Math.max(step.afterMs, intervalMs) };
    else yield step;
  }
}

const NOTHING = new Uint8Array(0);
