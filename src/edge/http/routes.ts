import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../../exchange/call.ts';
import type { Operation } from '../../protocol/operation.ts';
import type { UpgradeContext } from './upgrades.ts';

/** Who may use a route: anyone, the holder of a key, the holder of the admin token, or of a page session. */
export type Guard = 'open' | 'key' | 'admin' | 'metrics' | 'page';

export interface RouteContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Made for every request, so that each answer can name it. */
  readonly requestId: string;
  /** On the wall clock and on the monotonic one. */
  readonly arrivedAt: number;
  readonly arrivedMs: number;
  /** The path's variable part, where the route has one. */
  readonly param: string;
  readonly query: string;
  /** Present on routes guarded by a key. */
  readonly caller: Caller | undefined;
  /** Answers with an error, for what a handler finds wrong after it has returned. */
  readonly fail: (error: unknown) => void;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'HEAD' | 'DELETE';
  /**
   * An exact path, or one that ends in `/{…}` for one variable segment,
   * optionally followed by a fixed word; `{…+}` takes slashes and escapes too.
   */
  readonly path: string;
  readonly guard: Guard;
  /**
   * The operation that a call of this route is metered as; `free` for one that
   * reaches a provider who charges nothing for it, `none` for one that never
   * reaches any. Whoever adds a route has to say, and `proof:money` calls each
   * one to see whether it is so.
   */
  readonly metering: Operation | 'free' | 'none';
  handle(context: RouteContext): void | Promise<void>;
  /** Takes a connection that is to become a WebSocket. Absent: such a request is answered as any other is. */
  upgrade?(context: UpgradeContext): void | Promise<void>;
}

export interface MatchedRoute {
  readonly route: Route;
  readonly param: string;
}

interface VariableRoute {
  readonly prefix: string;
  readonly suffix: string;
  readonly allowed: RegExp;
  readonly route: Route;
}

const SEGMENT = /^[A-Za-z0-9_.-]+$/;
/** Names of models: `x-ai/grok-4:free`, as they are or percent-encoded. */
const SEGMENTS = /^[A-Za-z0-9_.:@~+%/-]{1,512}$/;

/** The one table from which guard and handler are both taken, so that they can never disagree about a path. */
export class RouteTable {
  readonly routes: readonly Route[];
  /** By method and path. */
  readonly #exact = new Map<string, Map<string, Route>>();
  readonly #variable: VariableRoute[] = [];

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    for (const route of routes) {
      const open = route.path.indexOf('{');
      if (open < 0) this.#addExact(route);
      else {
        const close = route.path.indexOf('}', open);
        const allowed = route.path[close - 1] === '+' ? SEGMENTS : SEGMENT;
        this.#variable.push({ prefix: route.path.slice(0, open), suffix: route.path.slice(close + 1), allowed, route });
      }
    }
  }

  /** Paths are compared as they came: nothing is decoded, folded or normalised. */
  match(method: string, path: string): MatchedRoute | undefined {
    const exact = this.#exact.get(method)?.get(path);
    if (exact !== undefined) return { route: exact, param: '' };
    for (const { prefix, suffix, allowed, route } of this.#variable) {
      if (route.method !== method || !path.startsWith(prefix) || !path.endsWith(suffix)) continue;
      const param = path.slice(prefix.length, path.length - suffix.length);
      if (allowed.test(param)) return { route, param };
    }
    return undefined;
  }

  #addExact(route: Route): void {
    const ofMethod = this.#exact.get(route.method) ?? new Map<string, Route>();
    this.#exact.set(route.method, ofMethod.set(route.path, route));
  }

  /** Whether another method would have been right. */
  knowsPath(path: string): boolean {
    return (['GET', 'POST', 'DELETE'] as const).some((method) => this.match(method, path) !== undefined);
  }
}
