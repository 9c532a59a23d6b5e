import { destination, type Logger, pino } from 'pino';

export type Log = Logger;

export interface LogOptions {
  readonly level: string;
  /** File descriptor to write to: 2 is standard error, so that standard output stays data. */
  readonly descriptor?: number;
}

/** Any of our keys or a common provider's, wherever it stands in a text. */
const SECRET_SHAPE = /\b(lw_|sk-|gsk_|xai-|key-|Bearer )[A-Za-z0-9_\-.]{8,}/g;

/** A text in which anything shaped like a key is cut down to its prefix. */
export function redacted(text: string): string {
  return text.replace(SECRET_SHAPE, '$1[redacted]');
}

/**
 * Structured log lines, one JSON object each. Prompts and answers are never
 * passed in; error texts and stacks go through {@link redacted}, because a
 * library may quote a header in them.
 */
export function makeLog(options: LogOptions): Log {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (thrown: unknown) => describeError(thrown, 0) },
      formatters: { level: (label) => ({ level: label }) },
    },
    destination({ fd: options.descriptor ?? 2, sync: false, minLength: 0 }),
  );
}

interface DescribedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: DescribedError;
}

function describeError(thrown: unknown, depth: number): DescribedError {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: redacted(String(thrown)) };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  return {
    type: thrown.name,
    message: redacted(thrown.message),
    ...(code === undefined ? {} : { code }),
    ...(thrown.stack === undefined ? {} : { stack: redacted(thrown.stack) }),
    ...(thrown.cause === undefined || depth > 3 ? {} : { cause: describeError(thrown.cause, depth + 1) }),
  };
}
