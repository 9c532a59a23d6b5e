import { createServer, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import swagger from '@fastify/swagger';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import type { RouteContext } from '../edge/http/routes.ts';
import type { AdminParts } from './admin-parts.ts';
import { answersOf } from './answers/all.ts';
import { ADMIN_CONTRACT, type OperationContract } from './contract/contract.ts';
import { errorAnswer } from './contract/error.ts';
import { ADMIN_ENDPOINTS, type AdminOperation } from './endpoints.ts';
import { finished, openApiHead, openJsonSchema } from './openapi.ts';
import { readJsonBody } from './request-body.ts';
import { refusalOf, refuseNul } from './request-refusal.ts';
import { StreamedAnswer } from './streamed-answer.ts';

/** A request on its way through Fastify. */
interface Pending {
  readonly context: RouteContext;
  refuse(error: unknown): void;
}

export interface AdminApp {
  /** Resolves once the answer is sent or the client is gone. @throws what the front door makes a refusal of */
  answer(context: RouteContext): Promise<void>;
  close(): Promise<void>;
}

/**
 * Fastify without a socket: it reads questions by the contract and writes
 * answers by it. Whatever is refused goes back to the front door, which has one
 * shape for it, counts it, and deals with what the client still sends.
 */
export async function openAdminApp(parts: AdminParts): Promise<AdminApp> {
  const pending = new WeakMap<IncomingMessage, Pending>();
  const app = fastify({
    logger: false,
    // Never listens: requests come from the front door.
    serverFactory: (handler) => createServer(handler),
    genReqId: (req) => pending.get(req as IncomingMessage)?.context.requestId ?? 'none',
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest) =>
    readJsonBody(contextOf(pending, request.raw), parts.bodies()),
  );
  app.setErrorHandler((error, request, reply) => {
    reply.hijack();
    pending.get(request.raw)?.refuse(refusalOf(error, request.routeOptions.config.operation));
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-request-id': request.id, 'x-leeward-request-id': request.id });
  });
  app.addHook('preValidation', async ({ query, params, body }) => {
    refuseNul('query parameter', query);
    refuseNul('path parameter', params);
    refuseNul('field', body);
  });
  await app.register(swagger, {
    openapi: openApiHead(parts.server.version),
    transform: createJsonSchemaTransform({ zodToJsonConfig: { override: openJsonSchema } }),
    transformObject: createJsonSchemaTransformObject({ zodToJsonConfig: { override: openJsonSchema } }),
  });
  addRoutes(app, parts);
  await app.ready();
  return {
    answer: (context) =>
      new Promise((resolve, refuse) => {
        pending.set(context.req, { context, refuse });
        context.res.once('close', resolve);
        app.routing(context.req, context.res);
      }),
    close: () => app.close(),
  };
}

function contextOf(pending: WeakMap<IncomingMessage, Pending>, req: IncomingMessage): RouteContext {
  const found = pending.get(req);
  if (found === undefined) throw new Error('a request that did not come through the front door');
  return found.context;
}

/** One route for each operation; that there is an answer for each, and the right one, is in their types. */
function addRoutes(app: FastifyInstance, parts: AdminParts): void {
  let document: ReturnType<typeof finished> | undefined;
  const openapi = () => {
    document ??= finished(app.swagger());
    return document;
  };
  const answers: Readonly<Record<string, unknown>> = { ...answersOf(parts), openapi };
  const contract: Readonly<Record<AdminOperation, OperationContract>> = ADMIN_CONTRACT;
  for (const [name, { method, path }] of Object.entries(ADMIN_ENDPOINTS)) {
    const operation = name as AdminOperation;
    const { summary, tag, params, query, body, answer, status = 200, produces } = contract[operation];
    const answerOf = answers[operation] as (question: unknown) => unknown;
    app.route({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      config: { operation },
      schema: {
        operationId: operation,
        summary,
        tags: [tag],
        querystring: query,
        ...(params === undefined ? {} : { params }),
        ...(body === undefined ? {} : { body }),
        ...(produces === undefined ? {} : { produces }),
        response: { [status]: answer, '4xx': errorAnswer, '5xx': errorAnswer },
      },
      async handler(request, reply) {
        const { params: given, query: asked, body: sent } = request;
        reply.code(status);
        const answered = await answerOf({ params: given, query: asked, body: sent });
        return answered instanceof StreamedAnswer ? streamed(reply, answered) : answered;
      },
    });
  }
}

function streamed(reply: FastifyReply, { contentType, fileName, parts }: StreamedAnswer): FastifyReply {
  return (
    reply
      .header('content-type', contentType)
      .header('content-disposition', `attachment; filename="${fileName}"`)
      // Names that callers gave stand in it: no browser may take it for a page.
      .header('x-content-type-options', 'nosniff')
      .send(Readable.from(parts, { objectMode: false, highWaterMark: 64 * 1024 }))
  );
}

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: AdminOperation;
  }
}
