import { GatewayError } from '../../kernel/errors.ts';
import type { ModelCallParts } from '../http/model-call.ts';
import { presentedKey, requestFacts } from '../http/request-facts.ts';
import type { Route } from '../http/routes.ts';
import type { UpgradeContext } from '../http/upgrades.ts';
import { openAiResponses } from './dialects.ts';
import { SOCKET_LIMITS, type SocketLimits } from './socket-limits.ts';
import type { SharedBytes } from './socket-memory.ts';

/** `GET /v1/responses`: the same calls as messages of a WebSocket, one after the other. */
export function responsesSocketRoute(parts: ModelCallParts, limits: SocketLimits = SOCKET_LIMITS): Route {
  const memory: SharedBytes = { bytes: 0, bytesMax: limits.memoryBytesMax };
  let connections = 0;
  return {
    method: 'GET',
    path: '/v1/responses',
    guard: 'key',
    metering: openAiResponses.operation,
    handle() {
      throw new GatewayError('invalid_request', {
        message: 'GET /v1/responses opens a WebSocket. Ask for one, or POST the request.',
        status: 426,
      });
    },
    async upgrade(context) {
      const facts = requestFacts(context.req);
      if (facts.dryRun === true) throw undry();
      checkOrigin(context);
      if (connections >= limits.connectionsMax) throw full(limits.connectionsMax);
      connections++;
      context.socket.once('close', () => connections--);
      // Most gateways never see one, and a start does not pay for what is not used.
      const { openSocket } = await import('./socket-server.ts');
      openSocket({ ...parts, context, facts, limits, shared: memory });
    },
  };
}

/**
 * A page of any site may open a WebSocket to a gateway on this machine, and
 * read it; a browser's cannot present a key, so that only a gateway without
 * keys is at stake.
 */
function checkOrigin({ req }: UpgradeContext): void {
  if (req.headers.origin === undefined || presentedKey(req.headers) !== undefined) return;
  throw new GatewayError('forbidden', {
    message: 'A web page opens no WebSocket here without a key. Present one, or leave the Origin header out.',
  });
}

function undry(): GatewayError {
  return new GatewayError('invalid_request', {
    message: 'Nothing is foretold over a WebSocket; POST the request to learn what would happen to it.',
    param: 'x-leeward-dry-run',
  });
}

function full(connectionsMax: number): GatewayError {
  return new GatewayError('overloaded', {
    message: `The gateway holds ${connectionsMax} WebSockets, which is as many as it may. POST the request, or try again in a moment.`,
    retryAfterMs: 1_000,
  });
}
