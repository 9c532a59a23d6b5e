import type { JsonObject } from '../json-object.ts';
import type { ResponsesRequest } from './request.ts';

/** What a response's object says that does not change while it is made. */
export interface ResponseHead {
  readonly id: string;
  readonly model: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
}

export type ResponseStatus = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';

/** What does change. */
export interface ResponseState {
  readonly status: ResponseStatus;
  readonly output?: readonly JsonObject[];
  readonly completedAt?: number;
  readonly error?: JsonObject;
  /** Why it is incomplete. */
  readonly reason?: string;
  /** Members that none has but this kind of state. */
  readonly usage?: string | undefined;
}

const NO_IMAGE_TOKENS = { image_tokens: 0, text_tokens: 0 };
const IMAGE_USAGE = {
  input_tokens: 0,
  input_tokens_details: NO_IMAGE_TOKENS,
  output_tokens: 0,
  output_tokens_details: NO_IMAGE_TOKENS,
  total_tokens: 0,
};

/** The object of a response as JSON. Its usage need not be JSON, where a fault wants it so. */
export function responseJson(head: ResponseHead, request: ResponsesRequest, state: ResponseState): string {
  const front = JSON.stringify({
    id: head.id,
    object: 'response',
    created_at: head.createdAt,
    status: state.status,
    background: request.background,
    billing: { payer: 'developer' },
    completed_at: state.completedAt ?? null,
    error: state.error ?? null,
    frequency_penalty: 0,
    incomplete_details: state.reason === undefined ? null : { reason: state.reason },
    ...echoed(request),
    model: head.model,
    moderation: null,
    output: state.output ?? [],
    service_tier: tierOf(request.serviceTier, state.status),
    tool_usage: toolUsage(state.output ?? []),
  });
  return `${front.slice(0, -1)},"usage":${state.usage ?? 'null'}}`;
}

/** The request as an answer repeats it, with what was meant where nothing was said. */
function echoed(request: ResponsesRequest): JsonObject {
  const { body, reasoning, format } = request;
  const said = (name: string, otherwise: unknown = null) => body[name] ?? otherwise;
  const effort = reasoning.effort ?? (reasoning.tokens === undefined ? null : 'medium');
  return {
    instructions: said('instructions'),
    max_output_tokens: said('max_output_tokens'),
    max_tool_calls: said('max_tool_calls'),
    metadata: said('metadata', {}),
    parallel_tool_calls: request.parallelTools,
    presence_penalty: 0,
    previous_response_id: said('previous_response_id'),
    prompt_cache_key: said('prompt_cache_key'),
    prompt_cache_retention: said('prompt_cache_retention'),
    reasoning: { effort, summary: reasoning.summary ?? null },
    safety_identifier: said('safety_identifier'),
    store: request.store,
    temperature: said('temperature', 1),
    text: { format: format.kind === 'text' ? { type: 'text' } : formatOf(body), verbosity: request.verbosity },
    tool_choice: said('tool_choice', 'auto'),
    tools: request.tools.given,
    top_logprobs: said('top_logprobs', 0),
    top_p: said('top_p', 1),
    truncation: said('truncation', 'disabled'),
    user: said('user'),
  };
}

function formatOf(body: JsonObject): unknown {
  const text = body['text'];
  if (typeof text !== 'object' || text === null || !('format' in text)) return { type: 'text' };
  const { format } = text;
  if (typeof format !== 'object' || format === null || !('schema' in format)) return format;
  return { description: null, strict: true, ...format };
}

/** Which tier it is, is known once the response is made. */
function tierOf(asked: string, status: ResponseStatus): string {
  return asked === 'auto' && status !== 'queued' && status !== 'in_progress' ? 'default' : asked;
}

function toolUsage(output: readonly JsonObject[]): JsonObject {
  const searches = output.filter(({ type }) => type === 'web_search_call').length;
  return { image_gen: IMAGE_USAGE, web_search: { num_requests: searches } };
}
