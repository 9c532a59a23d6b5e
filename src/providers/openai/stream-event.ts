import { eventData } from '../../kernel/sse-splitter.ts';
import { isObject, type WireObject } from './wire.ts';

/** What OpenAI's streams send as their last event. */
export const DONE = '[DONE]';

/** @param notUnderstood the error of the dialect that is read, made of what was met */
export function eventObject(data: string, notUnderstood: (what: string, cause?: unknown) => Error): WireObject {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (cause) {
    throw notUnderstood('an event of its stream is not JSON', cause);
  }
  if (!isObject(value)) throw notUnderstood('an event of its stream is not a JSON object');
  return value;
}

/** Whether bytes without a closing blank line are nevertheless a complete event. */
export function isWholeEvent(rest: Buffer): boolean {
  const data = eventData(rest);
  if (data === undefined || data === DONE) return data === DONE;
  try {
    JSON.parse(data);
    return true;
  } catch {
    // The stream was cut inside this event: without it there is no end, and that is what is told.
    return false;
  }
}
