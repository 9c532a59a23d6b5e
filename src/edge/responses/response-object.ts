import { echoOf } from './response-echo.ts';

/** What tells one answer from another, and stands in each of its events. */
export interface ResponseIdentity {
  /** `resp_…` */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly model: string;
}

/** How an answer ended without a model's having ended it. */
export interface ResponseEnding {
  readonly status: 'in_progress' | 'completed' | 'failed';
  readonly error?: { readonly code: string; readonly message: string };
  readonly output?: readonly object[];
  readonly usage?: object;
}

/** What is not a model's answer is not kept, and repeats nothing of what was asked. */
const UNASKED = echoOf({ store: false });

/**
 * An answer as an object of the Responses API, with every member that its
 * clients take for granted, where nothing more is known of it than who it is
 * and how it ended: an error of ours, a text of ours.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/object (openai 7.55.0, Response)
 */
export function plainResponse({ id, createdAt, model }: ResponseIdentity, ending: ResponseEnding): object {
  const { status, error, output, usage } = ending;
  return {
    id,
    object: 'response',
    created_at: createdAt,
    ...UNASKED,
    status,
    completed_at: status === 'completed' ? createdAt : null,
    error: error ?? null,
    incomplete_details: null,
    model,
    output: output ?? [],
    usage: usage ?? null,
  };
}
