import { GatewayError } from '../../kernel/errors.ts';
import type { UpstreamRequest } from '../../protocol/upstream.ts';
import type { IssuedToken } from '../cached-token.ts';
import type { WholeAnswer } from '../one-answer.ts';

/*
 * Microsoft Entra ID, client credentials: learn.microsoft.com,
 * "OAuth 2.0 client credentials flow on the Microsoft identity platform",
 * as commonly known on 2026-11-21; not checked against Entra itself.
 */

export interface EntraApplication {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}

const LIFE_S_MIN = 60;
const LIFE_S_MAX = 86_400;

export function entraTokenRequest(application: EntraApplication): UpstreamRequest {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: application.clientId,
    client_secret: application.clientSecret,
    scope: application.scope,
  });
  return {
    method: 'POST',
    path: `/${encodeURIComponent(application.tenantId)}/oauth2/v2.0/token`,
    headers: [
      'content-type',
      'application/x-www-form-urlencoded',
      'accept',
      'application/json',
      'user-agent',
      'leeward',
    ],
    body: Buffer.from(form.toString()),
  };
}

/** @throws `upstream_error` when the answer holds no token; the error's own code is told, its description may quote ids */
export function readEntraToken({ status, body }: WholeAnswer): IssuedToken {
  const answer = jsonOf(body);
  const token = answer['access_token'];
  const lifeS = Number(answer['expires_in']);
  if (status === 200 && typeof token === 'string' && /^[\x21-\x7e]{1,16384}$/.test(token) && lifeS > 0) {
    return { token, lifeMs: Math.min(Math.max(lifeS, LIFE_S_MIN), LIFE_S_MAX) * 1_000 };
  }
  const error = answer['error'];
  const why = typeof error === 'string' && /^[\w.-]{1,64}$/.test(error) ? `, ${error}` : '';
  throw new GatewayError('upstream_error', {
    message: `Microsoft Entra ID issued no token (status ${status}${why}). Check tenant_id, client_id, client_secret and scope of the provider's entra section.`,
    retry: 'other-target',
  });
}

function jsonOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // No JSON is no token, and the caller says so with the status.
    return {};
  }
}
