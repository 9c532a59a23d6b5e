import type { ServerResponse } from 'node:http';
import type { Caller } from '../../exchange/call.ts';
import { GatewayError } from '../../kernel/errors.ts';
import type { CallView } from '../../protocol/call-view.ts';
import { callJson } from './call-json.ts';
import { isAnthropicClient, isGoogleClient } from './error-voice.ts';
import { filteredModels, type ListedModel, modelNamed, modelObject } from './listed-models.ts';
import type { Route } from './routes.ts';

export interface ReadParts {
  /** Every name that the caller can send as `model`. */
  models(caller: Caller | undefined): readonly ListedModel[];
  /** Seconds since the epoch; models have no birthday of their own here. */
  readonly modelsCreatedAt: number;
  /** For clients that say that they are Anthropic's. */
  readonly anthropic: ModelShapes;
  /** And for Google's. */
  readonly gemini: ModelShapes;
  /** A call of this project, from memory or from the store. */
  findCall(callId: string, project: string): Promise<CallView | undefined>;
}

/** How another dialect than OpenAI's lists models. Times are seconds since the epoch. */
export interface ModelShapes {
  list(models: readonly ListedModel[], query: string, createdAt: number): object;
  /** @throws `not_found` */
  one(models: readonly ListedModel[], param: string, createdAt: number): object;
}

/** What a client may read with its key: the models it can name, and its own calls. */
export function readRoutes(parts: ReadParts): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/models',
      guard: 'key',
      metering: 'none',
      handle({ req, res, requestId, query, caller }) {
        if (isAnthropicClient(req)) {
          const page = parts.anthropic.list(parts.models(caller), query, parts.modelsCreatedAt);
          sendJson(res, requestId, page, 200, ['request-id', requestId]);
          return;
        }
        if (isGoogleClient(req)) {
          sendJson(res, requestId, parts.gemini.list(parts.models(caller), query, parts.modelsCreatedAt));
          return;
        }
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
      handle({ req, res, requestId, param, caller }) {
        if (isAnthropicClient(req)) {
          const model = parts.anthropic.one(parts.models(caller), param, parts.modelsCreatedAt);
          sendJson(res, requestId, model, 200, ['request-id', requestId]);
          return;
        }
        if (isGoogleClient(req)) {
          sendJson(res, requestId, parts.gemini.one(parts.models(caller), param, parts.modelsCreatedAt));
          return;
        }
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

/** `HEAD /`: Claude Code asks whether somebody is there, before it asks anything else. */
export function isThereRoute(): Route {
  return {
    method: 'HEAD',
    path: '/',
    guard: 'open',
    metering: 'none',
    handle({ res, requestId }) {
      res.writeHead(200, jsonHeaders(requestId, 0));
      res.end();
    },
  };
}

/** @param more headers, flat */
export function sendJson(
  res: ServerResponse,
  requestId: string,
  value: unknown,
  status = 200,
  more: readonly string[] = [],
): void {
  const body = Buffer.from(JSON.stringify(value));
  res.writeHead(status, [...jsonHeaders(requestId, body.length), ...more]);
  res.end(body);
}

/** The headers of every answer in JSON that no provider gave. */
export function jsonHeaders(requestId: string, bodyBytes: number): string[] {
  return [
    'content-type',
    'application/json',
    'content-length',
    String(bodyBytes),
    'cache-control',
    'no-store',
    'x-request-id',
    requestId,
    'x-leeward-request-id',
    requestId,
  ];
}
