import type { AdmittedCall, Caller, RequestFacts } from '../../exchange/call.ts';
import type { NativeCall, WireDialect } from '../../exchange/dialect.ts';
import type { Exchanges } from '../../exchange/exchanges.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { type Allowance, permittedPriority } from '../../protocol/allowance.ts';
import { DEFAULT_PRIORITY, type Priority } from '../../protocol/priority.ts';
import type { BodyReceiver } from './body.ts';
import { ResponseSink } from './client-sink.ts';
import { sendJson } from './reads.ts';
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
  /** What would happen to a call, for one that asks for that alone. Absent: such a call is refused. */
  dryRun?(call: AdmittedCall): Promise<object>;
  /**
   * A call that refers to earlier turns, together with them; at once for any
   * other. Absent: nothing is remembered.
   *
   * @throws as a rejection: `not_found` for turns that nobody remembers
   */
  recall?(caller: Caller, request: NativeCall): Promise<NativeCall> | NativeCall;
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
    handle: (context) =>
      readCall(context, dialect, parts, (call, release) => {
        if (call.facts.dryRun === true) answerDry(context, call, parts, release);
        else begin(context, call, parts, release);
      }),
  };
}

/** What reading a call takes, whatever is done with it. */
export type CallReadingParts = Pick<ModelCallParts, 'bodies' | 'versions' | 'admit' | 'recall' | 'onPrompt'>;

const NO_RULES: readonly Allowance[] = [];

/**
 * Reads a call of a caller's and hands it on.
 *
 * @param take owes one call of `release`, unless it throws
 */
export function readCall(
  context: RouteContext,
  dialect: WireDialect,
  parts: CallReadingParts,
  take: (call: AdmittedCall, release: () => void) => void,
): void {
  const { req, caller } = context;
  if (caller === undefined) throw new GatewayError('internal', { message: 'The route has no caller.' });
  const facts = requestFacts(req);
  parts.admit?.(permittedPriority(facts.priority ?? DEFAULT_PRIORITY, caller.allowances ?? NO_RULES));
  parts.bodies.read(
    context,
    (bytes, release) => {
      const refuse = (error: unknown) => {
        release();
        context.fail(error);
      };
      try {
        parts.onPrompt?.(context.requestId, bytes);
        const request = dialect.parse(bytes, context);
        const go = (whole: NativeCall) => take(admitted(context, { caller, facts, request: whole }, parts), release);
        const recalled = parts.recall?.(caller, request) ?? request;
        if (recalled instanceof Promise) recalled.then(go).catch(refuse);
        else go(recalled);
      } catch (error) {
        refuse(error);
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

function admitted(context: RouteContext, read: ReadCall, parts: CallReadingParts): AdmittedCall {
  const { requestId, arrivedAt, arrivedMs } = context;
  const versions = parts.versions();
  return {
    id: requestId,
    arrivedAt,
    arrivedMs,
    caller: read.caller,
    facts: read.facts,
    request: read.request,
    configVersion: versions.config,
    priceVersion: versions.prices,
  };
}

/** Says what would happen to the call, and does nothing of it. */
function answerDry(context: RouteContext, call: AdmittedCall, parts: ModelCallParts, release: () => void): void {
  const { res, requestId, fail } = context;
  if (parts.dryRun === undefined) {
    throw new GatewayError('invalid_request', { message: 'Nothing is foretold here.', param: 'x-leeward-dry-run' });
  }
  parts
    .dryRun(call)
    .then((answer) => sendJson(res, requestId, answer))
    .catch(fail)
    .finally(release);
}

function begin(context: RouteContext, call: AdmittedCall, parts: ModelCallParts, onOver: () => void): void {
  const { res } = context;
  const exchange = parts.exchanges.begin(call, new ResponseSink(res), onOver);
  if (res.destroyed) exchange.clientGone();
  res.once('close', () => exchange.clientGone());
  res.on('drain', () => exchange.clientReady());
  exchange.run();
}
