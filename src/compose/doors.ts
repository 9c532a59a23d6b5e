import type { ServerConfig } from '../config/config.ts';
import type { HttpServer } from '../edge/http/server.ts';
import { errorCode, errorMessage, GatewayError } from '../kernel/errors.ts';

interface Listening {
  readonly host: string;
  port: number;
}

/** The gateway's listeners: one for calls and, where the configuration wants it, another for who runs it. */
export class Doors {
  readonly #server: HttpServer;
  readonly #adminServer: HttpServer | undefined;
  readonly #calls: Listening;
  readonly #admin: Listening | undefined;

  constructor(
    { host, port, admin }: ServerConfig,
    servers: { readonly server: HttpServer; readonly adminServer: HttpServer | undefined },
  ) {
    this.#server = servers.server;
    this.#adminServer = servers.adminServer;
    this.#calls = { host, port };
    this.#admin = admin && { host: admin.host, port: admin.port };
  }

  /** Where clients reach the API. */
  get baseUrl(): string {
    return urlOf(this.#calls);
  }

  /** Where administration and the page are. */
  get adminUrl(): string {
    return urlOf(this.#admin ?? this.#calls);
  }

  /** @throws `internal` saying which address cannot be listened on and why; then none is */
  async listen(): Promise<void> {
    const admin = this.#admin;
    if (admin !== undefined) admin.port = await listen(this.#adminServer, admin, 'another server.admin.port');
    try {
      this.#calls.port = await listen(this.#server, this.#calls, 'another port with --port');
    } catch (error) {
      await this.#adminServer?.close();
      throw error;
    }
  }

  /** Connections end with their answers, so that clients come back on new ones, and perhaps elsewhere. */
  closeAfterAnswers(): void {
    this.#server.closeAfterAnswers();
    this.#adminServer?.closeAfterAnswers();
  }

  drain(): void {
    this.#server.drain();
    this.#adminServer?.drain();
  }

  async close(): Promise<void> {
    await Promise.all([this.#server.close(), this.#adminServer?.close()]);
  }
}

async function listen(server: HttpServer | undefined, { host, port }: Listening, other: string): Promise<number> {
  try {
    return (await server?.listen(host, port)) ?? port;
  } catch (cause) {
    const why = LISTEN_TROUBLE[errorCode(cause) ?? ''] ?? errorMessage(cause);
    throw new GatewayError('internal', {
      message: `cannot listen on ${host}:${port}: ${why}; choose ${other}`,
      cause,
    });
  }
}

const LISTEN_TROUBLE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
};

function urlOf({ host, port }: Listening): string {
  return `http://${urlHost(host)}:${port}`;
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
