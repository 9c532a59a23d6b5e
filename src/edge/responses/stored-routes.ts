import { GatewayError } from '../../kernel/errors.ts';
import type { KeptResponse, ResponseOwner } from '../../protocol/kept-response.ts';
import { sendJson } from '../http/reads.ts';
import type { Route, RouteContext } from '../http/routes.ts';
import { inputItemPage } from './input-items.ts';

/** Where answers are kept: each project's own, and no others. */
export interface ResponseDesk {
  /** @returns `undefined` for one that is not there, is another's, or has expired */
  find(owner: ResponseOwner, id: string): Promise<KeptResponse | undefined>;
  /** @returns false where there was none */
  drop(owner: ResponseOwner, id: string): Promise<boolean>;
}

const BASE = '/v1/responses/{id}';

/** What a client may ask of answers that were kept for it. */
export function storedResponseRoutes(desk: ResponseDesk): Route[] {
  const kept = async ({ caller, param }: RouteContext): Promise<KeptResponse> => {
    const found = caller && (await desk.find(caller, param));
    if (found === undefined) throw notFound(param);
    return found;
  };
  const base = { guard: 'key', metering: 'none' } as const;
  return [
    {
      ...base,
      method: 'GET',
      path: BASE,
      async handle(context) {
        const { res, requestId, query } = context;
        if (new URLSearchParams(query).get('stream') === 'true') throw notStreamed();
        sendJson(res, requestId, (await kept(context)).response);
      },
    },
    {
      ...base,
      method: 'GET',
      path: `${BASE}/input_items`,
      async handle(context) {
        const { id, input } = await kept(context);
        sendJson(context.res, context.requestId, inputItemPage(id, input, context.query));
      },
    },
    {
      ...base,
      method: 'DELETE',
      path: BASE,
      async handle({ caller, param, res, requestId }) {
        if (caller === undefined || !(await desk.drop(caller, param))) throw notFound(param);
        sendJson(res, requestId, { id: param, object: 'response', deleted: true });
      },
    },
    {
      ...base,
      method: 'POST',
      path: `${BASE}/cancel`,
      async handle(context) {
        const { id } = await kept(context);
        throw new GatewayError('invalid_request', {
          message: `The response '${id}' was not made in the background, so that there is nothing to cancel. Close the connection of one that is under way.`,
        });
      },
    },
  ];
}

function notFound(id: string): GatewayError {
  return new GatewayError('not_found', { message: `Response with id '${id.slice(0, 100)}' not found.` });
}

function notStreamed(): GatewayError {
  return new GatewayError('unsupported_parameter', {
    message: 'An answer that is kept here is given whole: leave `stream` out.',
    param: 'stream',
  });
}
