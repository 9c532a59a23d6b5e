import type { Expectation } from './call-row.ts';

/** What the usual endings of a call look like, from both sides. */

/** A whole JSON answer with its usage. */
export const ANSWERED: Expectation = { status: 200, terminal: 'answer', outcome: 'ok', recorded: null, usage: true };

/** A whole stream with its usage. */
export const STREAMED: Expectation = { ...ANSWERED, terminal: 'done' };

/** A stream that stopped after its first bytes: an error event of ours ends it. */
export const TRUNCATED: Expectation = {
  status: 200,
  terminal: 'error',
  code: 'stream_truncated',
  outcome: 'truncated',
  recorded: 'stream_truncated',
  usage: false,
};

/** The only target failed before the first byte. */
export const FAILED: Expectation = {
  status: 502,
  terminal: 'error',
  code: 'upstream_error',
  outcome: 'failed',
  recorded: 'upstream_error',
  usage: false,
};

/** The only target kept silent before the first byte. */
export const TIMED_OUT: Expectation = {
  ...FAILED,
  status: 504,
  code: 'upstream_timeout',
  recorded: 'upstream_timeout',
  withinMs: 3_000,
};
