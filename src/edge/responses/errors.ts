import type { ErrorCode, GatewayError } from '../../kernel/errors.ts';
import { openAiError } from '../openai-errors.ts';
import { plainResponse, type ResponseIdentity } from './response-object.ts';

/**
 * What `response.failed` says for our codes. The names are OpenAI's, because
 * clients act on them: they make room in a conversation, wait, or stop asking.
 * Any other error is one of the server's, after which the same may be asked again.
 */
const FAILURE: Partial<Record<ErrorCode, string>> = {
  invalid_request: 'invalid_prompt',
  unsupported_parameter: 'invalid_prompt',
  content_policy: 'invalid_prompt',
  guardrail_blocked: 'invalid_prompt',
  context_length_exceeded: 'context_length_exceeded',
  rate_limited: 'rate_limit_exceeded',
  budget_exceeded: 'insufficient_quota',
};
const ANY_FAILURE = 'server_error';

/** Where a stream stands when an error ends it. */
export interface StreamPlace {
  /** The number that its next event has. */
  readonly sequence: number;
  /** Who the stream's first event says that it is; `undefined` where it did not get so far. */
  readonly response: ResponseIdentity | undefined;
}

/**
 * The end of a stream that fails: an `error`, at which OpenAI's SDKs throw, and
 * a `response.failed`, which closes the answer for those who read on. The error
 * stands in the first one as OpenAI's types have it, and within it as its
 * servers send it.
 */
export function failureEvents(error: GatewayError, requestId: string, { sequence, response }: StreamPlace): Buffer {
  const { error: told } = openAiError(error, requestId);
  const { code, message, param } = told;
  const failure = { code: FAILURE[error.code] ?? ANY_FAILURE, message };
  const identity = response ?? { id: `resp_${requestId.replace(/^call_/, '')}`, createdAt: 0, model: '' };
  return Buffer.from(
    eventText({ type: 'error', code, message, param, sequence_number: sequence, error: told }) +
      eventText({
        type: 'response.failed',
        sequence_number: sequence + 1,
        response: plainResponse(identity, { status: 'failed', error: failure }),
      }),
  );
}

/** One event of a stream, named as its data is. */
export function eventText(event: { readonly type: string } & Readonly<Record<string, unknown>>): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
