import type { BodyReceiver } from '../edge/http/body.ts';
import { readJson } from '../edge/http/json-body.ts';
import type { RouteContext } from '../edge/http/routes.ts';

/**
 * The JSON that came with a request, whatever type it says it has; `undefined` for none at all.
 *
 * @throws `invalid_request`, `payload_too_large`, and what receiving it throws
 */
export function readJsonBody(context: RouteContext, bodies: BodyReceiver): Promise<unknown> {
  return readJson(context, bodies, 'the administrative API');
}
