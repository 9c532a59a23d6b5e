import { sendJson } from '../edge/http/reads.ts';
import type { Route } from '../edge/http/routes.ts';

export interface Readiness {
  readonly ready: boolean;
  /** What stands in the way, or `ok`, for each part that can. */
  readonly checks: Readonly<Record<string, string>>;
}

/** Health tells a stranger nothing but yes or no, and which part is in the way. */
export function healthRoutes(readiness: () => Readiness): Route[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      guard: 'open',
      metering: 'none',
      handle: ({ res, requestId }) => sendJson(res, requestId, { status: 'ok' }),
    },
    {
      method: 'GET',
      path: '/readyz',
      guard: 'open',
      metering: 'none',
      handle({ res, requestId }) {
        const { ready, checks } = readiness();
        sendJson(res, requestId, { status: ready ? 'ready' : 'not ready', checks }, ready ? 200 : 503);
      },
    },
  ];
}

/** Metrics want the admin token or a key with the scope `metrics`. */
export function metricsRoute(metrics: () => Promise<{ readonly contentType: string; readonly text: string }>): Route {
  return {
    method: 'GET',
    path: '/metrics',
    guard: 'metrics',
    metering: 'none',
    async handle({ res }) {
      const { contentType, text } = await metrics();
      res.writeHead(200, ['content-type', contentType, 'cache-control', 'no-store']);
      res.end(text);
    },
  };
}
