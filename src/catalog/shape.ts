import { GatewayError } from '../kernel/errors.ts';

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** An error that says why a catalogue cannot be read, and what to do. */
export function damaged(why: string, cause?: unknown): GatewayError {
  return new GatewayError('internal', {
    message: `The model catalogue cannot be read: ${why}. "leeward models refresh" writes a new one.`,
    cause,
  });
}
