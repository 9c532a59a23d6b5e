import type { AttemptEnd } from '../../protocol/attempt-record.ts';

/** JSON may need six bytes for one character; these sums stay below half of the largest record even so. */
const MESSAGE_CHARS_MAX = 400;
const WORD_CHARS_MAX = 60;

/** The same end with its free texts cut, so that it fits into a record whatever an upstream has sent. */
export function shortened(record: AttemptEnd): AttemptEnd {
  const { errorCode, errorMessage, finishReason, upstreamRequestId } = record;
  return {
    ...record,
    ...(errorCode === undefined ? {} : { errorCode: errorCode.slice(0, WORD_CHARS_MAX) }),
    ...(errorMessage === undefined ? {} : { errorMessage: errorMessage.slice(0, MESSAGE_CHARS_MAX) }),
    ...(finishReason === undefined ? {} : { finishReason: finishReason.slice(0, WORD_CHARS_MAX) }),
    ...(upstreamRequestId === undefined ? {} : { upstreamRequestId: upstreamRequestId.slice(0, WORD_CHARS_MAX) }),
  };
}
