import type { Caller, RequestFacts } from '../../exchange/call.ts';
import type { NativeCall, WireDialect } from '../../exchange/dialect.ts';
import type { Exchanges } from '../../exchange/exchanges.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { type Allowance, permittedPriority } from '../../protocol/allowance.ts';
import { DEFAULT_PRIORITY, type Priority } from '../../protocol/priority.ts';
import type { BodyReceiver } from './body.ts';
import { ResponseSink } from './client-sink.ts';
import { requestFacts } from './request-facts.ts';
import type { Route, RouteContext } from './routes.ts';

export interface ModelCallParts {
  readonly bodies: BodyReceiver;
  readonly exchanges: Exchanges;
  /** The versions in force now; an exchange keeps them to its end. */
  versions(): { readonly config: string; readonly prices: string };
  /**
   * Asked before a call's body is read. Absent: every call may come in.
   *
   * @throws `overloaded`
   */
  admit?(priority: Priority): void;
  /** Hears each request body, where the configuration lets prompts into the log. */
  onPrompt?(callId: string, body: Buffer): void;
}

/** The route of one dialect: reads the request, hands it to an exchange, and tells the exchange when its client leaves. */
export function modelCallRoute(path: string, dialect: WireDialect, parts: ModelCallParts): Route {
  return {
    method: 'POST',
    path,
    guard: 'key',
    metering: dialect.operation,
    handle: (context) => handleCall(context, dialect, parts),
  };
}

const NO_RULES: readonly Allowance[] = [];

function handleCall(context: RouteContext, dialect: WireDialect, parts: ModelCallParts): void {
  const { req, caller } = context;
  if (caller === undefined) throw new GatewayError('internal', { message: 'The route has no caller.' });
  const facts = requestFacts(req);
  parts.admit?.(permittedPriority(facts.priority ?? DEFAULT_PRIORITY, caller.allowances ?? NO_RULES));
  parts.bodies.read(
    context,
    (bytes, release) => {
      try {
        parts.onPrompt?.(context.requestId, bytes);
        begin(context, { caller, facts, request: dialect.parse(bytes) }, parts, release);
      } catch (error) {
        release();
        context.fail(error);
      }
    },
    context.fail,
  );
}

interface ReadCall {
  readonly caller: Caller;
  readonly facts: RequestFacts;
  readonly request: NativeCall;
}

function begin(context: RouteContext, read: ReadCall, parts: ModelCallParts, onOver: () => void): void {
  const { res, requestId, arrivedAt, arrivedMs } = context;
  const versions = parts.versions();
  const exchange = parts.exchanges.begin(
    {
      id: requestId,
      arrivedAt,
      arrivedMs,
      ...read,
      configVersion: versions.config,
      priceVersion: versions.prices,
    },
    new ResponseSink(res),
    onOver,
  );
  if (res.destroyed) exchange.clientGone();
  res.once('close', () => exchange.clientGone());
  res.on('drain', () => exchange.clientReady());
  exchange.run();
}
