import type { ServerResponse } from 'node:http';
import type { Caller } from '../../exchange/call.ts';
import { GatewayError } from '../../kernel/errors.ts';
import type { CallView } from '../../protocol/call-view.ts';
import { callJson } from './call-json.ts';
import { filteredModels, type ListedModel, modelNamed, modelObject } from './listed-models.ts';
import type { Route } from './routes.ts';

export interface ReadParts {
  /** Every name that the caller can send as `model`. */
  models(caller: Caller | undefined): readonly ListedModel[];
  /** Seconds since the epoch; models have no birthday of their own here. */
  readonly modelsCreatedAt: number;
  /** A call of this project, from memory or from the store. */
  findCall(callId: string, project: string): Promise<CallView | undefined>;
}

/** What a client may read with its key: the models it can name, and its own calls. */
export function readRoutes(parts: ReadParts): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/models',
      guard: 'key',
      metering: 'none',
      handle({ res, requestId, query, caller }) {
        const data = filteredModels(parts.models(caller), query).map((model) =>
          modelObject(model, parts.modelsCreatedAt),
        );
        sendJson(res, requestId, { object: 'list', data });
      },
    },
    {
      method: 'GET',
      path: '/v1/models/{id+}',
      guard: 'key',
      metering: 'none',
      handle({ res, requestId, param, caller }) {
        sendJson(res, requestId, modelObject(modelNamed(parts.models(caller), param), parts.modelsCreatedAt));
      },
    },
    {
      method: 'GET',
      path: '/v1/calls/{id}',
      guard: 'key',
      metering: 'none',
      async handle({ res, requestId, param, caller }) {
        const call = await parts.findCall(param, caller?.project ?? '');
        if (call === undefined) {
          throw new GatewayError('not_found', {
            message: `There is no call ${param} in this project. The id is in the x-leeward-request-id header of the answer.`,
          });
        }
        sendJson(res, requestId, callJson(call));
      },
    },
  ];
}

export function sendJson(res: ServerResponse, requestId: string, value: unknown, status = 200): void {
  const body = Buffer.from(JSON.stringify(value));
  res.writeHead(status, [
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
    'cache-control',
    'no-store',
    'x-request-id',
    requestId,
    'x-leeward-request-id',
    requestId,
  ]);
  res.end(body);
}
