import type { RequestTarget } from '../../exchange/dialect.ts';
import { invalidField } from '../request-object.ts';

/** In which form the client wants a stream: server-sent events, or one JSON array that grows. */
export type StreamForm = 'sse' | 'array';

/**
 * The model that a request's path names: `gemini-2.5-flash`, or a provider's as
 * in `google/gemini-2.5-flash`; its slashes may be percent-encoded.
 *
 * @throws `invalid_request` where the path names none
 */
export function modelOf(target: RequestTarget | undefined): string {
  const name = decoded(target?.param ?? '').replace(/^models\//, '');
  if (name !== '') return name;
  throw invalidField('model', 'The path names no model: it is /v1beta/models/{model}:generateContent.');
}

/**
 * What the query asks for: `alt=sse`, or `alt=json`, which is the default and
 * an array. It is named `$alt` too.
 *
 * @throws `invalid_request` for a form that is neither
 */
export function streamFormOf(target: RequestTarget | undefined): StreamForm {
  const query = new URLSearchParams(target?.query ?? '');
  const alt = (query.get('alt') ?? query.get('$alt') ?? 'json').toLowerCase();
  if (alt === 'sse') return 'sse';
  if (alt === 'json') return 'array';
  throw invalidField('alt', `alt: '${alt.slice(0, 40)}' is not spoken here; use alt=sse or alt=json.`);
}

function decoded(param: string): string {
  try {
    return decodeURIComponent(param);
  } catch {
    // A broken escape is no name of a model, and is looked up as it stands.
    return param;
  }
}
