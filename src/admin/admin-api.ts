import type { Route, RouteContext } from '../edge/http/routes.ts';
import type { AdminApp } from './admin-app.ts';
import type { AdminParts } from './admin-parts.ts';
import { ADMIN_ENDPOINTS } from './endpoints.ts';

/**
 * The administrative API in the gateway's own door: its routes stand in the one
 * table, so that host check, guard, drain and refusals are those of every other
 * route. What reads and writes its JSON is loaded with the first request,
 * because a start has no time for it.
 */
export class AdminApi {
  readonly #parts: () => AdminParts;
  #app: Promise<AdminApp> | undefined;

  /** @param parts asked for with the first request */
  constructor(parts: () => AdminParts) {
    this.#parts = parts;
  }

  routes(): Route[] {
    return Object.values(ADMIN_ENDPOINTS).map(({ method, path }) => ({
      method,
      path,
      guard: 'admin',
      metering: 'none',
      handle: (context) => this.#answer(context),
    }));
  }

  /** Gives back what the first request has loaded. */
  async close(): Promise<void> {
    const app = await this.#app;
    await app?.close();
  }

  async #answer(context: RouteContext): Promise<void> {
    this.#app ??= this.#load();
    const app = await this.#app;
    await app.answer(context);
  }

  async #load(): Promise<AdminApp> {
    const { openAdminApp } = await import('./admin-app.ts');
    return openAdminApp(this.#parts());
  }
}
