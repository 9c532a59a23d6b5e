import { createServer as createTcpServer, type Server } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { type Certificate, makeAuthority } from './certificates.ts';
import { answerBytes, OK_ANSWER } from './http-bytes.ts';
import { listenOnLoopback } from './listen.ts';

/** What can be wrong with a TLS server; `good` is the control that proves the rest is not refused for another reason. */
export const TLS_KINDS = ['good', 'self-signed', 'expired', 'wrong-host', 'old-protocol', 'stalled'] as const;
export type TlsKind = (typeof TLS_KINDS)[number];

export interface TlsUpstreams {
  /** The one authority the gateway is told to trust, as PEM. */
  readonly authority: string;
  /** A certificate for 127.0.0.1 that the gateway trusts, for other servers of a house. */
  readonly certificate: Certificate;
  readonly ports: Readonly<Record<TlsKind, number>>;
  /** Requests that were read inside a TLS session: only `good` may have any. */
  requests(kind: TlsKind): number;
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;

/** One loopback server per kind, with certificates made for this run. */
export async function startTlsUpstreams(): Promise<TlsUpstreams> {
  const nowMs = Date.now();
  const trusted = makeAuthority(nowMs);
  const stranger = makeAuthority(nowMs);
  const host = '127.0.0.1';
  const options: Record<Exclude<TlsKind, 'stalled'>, TlsOptions> = {
    good: trusted.issue({ host }),
    'self-signed': stranger.issue({ host }),
    expired: trusted.issue({ host, validFrom: nowMs - 48 * HOUR_MS, validTo: nowMs - HOUR_MS }),
    'wrong-host': trusted.issue({ host: 'elsewhere.example' }),
    'old-protocol': {
      ...trusted.issue({ host }),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    },
  };
  const requests = new Map<TlsKind, number>();
  const servers: Server[] = [];
  const ports: Partial<Record<TlsKind, number>> = {};
  for (const kind of TLS_KINDS) {
    const server = kind === 'stalled' ? createTcpServer() : tlsServer(options[kind], () => count(requests, kind));
    servers.push(server);
    ports[kind] = await listenOnLoopback(server);
  }
  const sockets = servers.map(tracked);
  return {
    authority: trusted.cert,
    certificate: trusted.issue({ host }),
    ports: ports as Record<TlsKind, number>,
    requests: (kind) => requests.get(kind) ?? 0,
    async stop() {
      for (const open of sockets) for (const socket of open) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function tlsServer(options: TlsOptions, onRequest: () => void): Server {
  const server = createTlsServer(options, (socket) => {
    socket.once('data', () => {
      onRequest();
      socket.end(answerBytes(200, 'application/json', OK_ANSWER));
    });
    socket.on('error', () => socket.destroy());
  });
  // A refused handshake is what these servers are for.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

function tracked(server: Server): Set<{ destroy(): void }> {
  const open = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

function count(counts: Map<TlsKind, number>, kind: TlsKind): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
}
