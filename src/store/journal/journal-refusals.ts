import { GatewayError } from '../../kernel/errors.ts';
import { RECORD_BYTES_MAX } from './frame.ts';

/** How long a refused client is asked to wait, and after which the disk is tried again. */
export const RETRY_MS = 1_000;

/** `problem` is why the journal cannot be extended; absent while its next segment is being made. */
export function noSpace(problem: string | undefined, cause?: unknown): GatewayError {
  const why = problem ?? 'its next segment is still being made';
  const what = problem?.startsWith('ENOSPC')
    ? 'Free some disk space; admission resumes by itself.'
    : 'Try again shortly.';
  return new GatewayError('budget_unavailable', {
    message: `New calls are not admitted: the journal has no room for them (${why}). ${what}`,
    retry: 'same-target',
    retryAfterMs: RETRY_MS,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A start that no record can hold. */
export function tooLarge(): GatewayError {
  return new GatewayError('invalid_request', {
    message: `The call's metadata and tags are too large: with them its record exceeds ${RECORD_BYTES_MAX} bytes. Send less.`,
    param: 'x-leeward-metadata',
  });
}
