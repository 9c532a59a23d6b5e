import type { ServerConfig } from '../config/config.ts';
import { isLoopbackHost } from '../config/loopback.ts';
import { GatewayError } from '../kernel/errors.ts';

/** Why the gateway will not listen where it was told to: an open door is only for this machine. */
export function listenRefusal({ host, auth }: ServerConfig): GatewayError | undefined {
  if (auth !== 'none' || isLoopbackHost(host)) return undefined;
  return new GatewayError('invalid_request', {
    message: `will not listen on ${host} without authentication: anybody who reaches it could spend your money; set server.auth to keys, or host to 127.0.0.1`,
  });
}
