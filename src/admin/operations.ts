import { sendJson } from '../edge/http/reads.ts';
import type { Route } from '../edge/http/routes.ts';

export interface Readiness {
  readonly ready: boolean;
  /** What stands in the way, or `ok`, for each part that can. */
  readonly checks: Readonly<Record<string, string>>;
}

export interface OperationsParts {
  readiness(): Readiness;
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Health and metrics. Health tells a stranger nothing but yes or no; metrics want the admin token or a key with the scope `metrics`. */
export function operationsRoutes(parts: OperationsParts): Route[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      guard: 'open',
      handle: ({ res, requestId }) => sendJson(res, requestId, { status: 'ok' }),
    },
    {
      method: 'GET',
      path: '/readyz',
      guard: 'open',
      handle({ res, requestId }) {
        const { ready, checks } = parts.readiness();
        sendJson(res, requestId, { status: ready ? 'ready' : 'not ready', checks }, ready ? 200 : 503);
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      guard: 'metrics',
      async handle({ res }) {
        const { contentType, text } = await parts.metrics();
        res.writeHead(200, ['content-type', contentType, 'cache-control', 'no-store']);
        res.end(text);
      },
    },
  ];
}
