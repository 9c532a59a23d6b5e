import { readFileSync, statSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { EntraConfig, ProviderConfig, TokenConfig } from '../config/config.ts';
import type { Clock } from '../kernel/clock.ts';
import { errorCode, GatewayError } from '../kernel/errors.ts';
import { entraTokenRequest, readEntraToken } from '../providers/azure/entra-token.ts';
import { CachedToken } from '../providers/cached-token.ts';
import { oneAnswer } from '../providers/one-answer.ts';
import type { WeightedCredential } from '../routing/router.ts';
import type { Credential } from '../routing/target.ts';
import { undiciTransport } from '../transport/undici-transport.ts';

const TOKEN_WAIT_MS = 15_000;
const CONNECT_MS = 5_000;
/** How often a token's file is looked at; whoever renews it does so long before the old one ends. */
const FILE_CHECK_MS = 5_000;
const FILE_BYTES_MAX = 64 * 1024;

export interface ProviderCredentials {
  readonly credentials: readonly WeightedCredential[];
  /** Frees the sockets to whoever issues tokens. */
  close(): Promise<void>;
}

/** The keys and tokens of one provider, ready to be chosen among. */
export function credentialsOf(config: ProviderConfig, clock: Clock): ProviderCredentials {
  const closers: (() => Promise<void>)[] = [];
  const tokens = (config.tokens ?? []).map((token) => {
    const { credential, close } = tokenCredential(token, config, clock);
    if (close !== undefined) closers.push(close);
    return { credential, weight: token.weight };
  });
  return {
    credentials: [...keysOf(config), ...tokens],
    close: async () => void (await Promise.all(closers.map((close) => close()))),
  };
}

function keysOf(config: ProviderConfig): WeightedCredential[] {
  return config.credentials.map(({ name, apiKey, weight }) => {
    const secret = apiKey.reveal();
    const credential: Credential = {
      name,
      headers: config.authHeader === 'bearer' ? ['authorization', `Bearer ${secret}`] : [config.authHeader, secret],
      quotes: (text) => text.includes(secret),
    };
    return { credential, weight };
  });
}

interface ClosableCredential {
  readonly credential: Credential;
  readonly close?: () => Promise<void>;
}

function tokenCredential(token: TokenConfig, config: ProviderConfig, clock: Clock): ClosableCredential {
  if ('entra' in token) return entraCredential(token.name, token.entra, config, clock);
  return { credential: fileCredential(token.name, token.tokenFile, clock) };
}

function entraCredential(name: string, entra: EntraConfig, config: ProviderConfig, clock: Clock): ClosableCredential {
  const authority = new URL(entra.authority);
  const transport = undiciTransport({
    origin: authority.origin,
    connectMs: CONNECT_MS,
    ...(config.proxy === undefined ? {} : { proxy: config.proxy.reveal() }),
    // The provider's own authority comes beside the usual ones, not in their place: Entra has a public certificate.
    ...(config.caFile === undefined ? {} : { tls: { ca: [...rootCertificates, readFileSync(config.caFile, 'utf8')] } }),
  });
  const secret = entra.clientSecret.reveal();
  const request = entraTokenRequest({ ...entra, clientSecret: secret });
  const path = `${authority.pathname.replace(/\/$/, '')}${request.path}`;
  const cached = new CachedToken(clock, async () => {
    const wait = { clock, withinMs: TOKEN_WAIT_MS, from: 'Microsoft Entra ID' };
    return readEntraToken(await oneAnswer(transport, { ...request, path }, wait));
  });
  const credential: Credential = {
    name,
    get headers() {
      return ['authorization', `Bearer ${cached.token ?? ''}`];
    },
    quotes: (text) => text.includes(secret) || (cached.token !== undefined && text.includes(cached.token)),
    prepare: () => cached.prepare(),
    refused: () => cached.refused(),
  };
  return { credential, close: () => transport.close() };
}

function fileCredential(name: string, path: string, clock: Clock): Credential {
  let token: string | undefined;
  let readMs = Number.NEGATIVE_INFINITY;
  const read = () => {
    readMs = clock.monotonicMs();
    token = readTokenFile(path);
  };
  return {
    name,
    get headers() {
      return ['authorization', `Bearer ${token ?? ''}`];
    },
    quotes: (text) => token !== undefined && text.includes(token),
    prepare() {
      if (clock.monotonicMs() - readMs < FILE_CHECK_MS && token !== undefined) return undefined;
      try {
        read();
        return undefined;
      } catch (error) {
        // Half a moment without a file, while it is replaced, is no reason to fail with a token at hand.
        return token === undefined ? Promise.reject(error) : undefined;
      }
    },
    refused() {
      readMs = Number.NEGATIVE_INFINITY;
    },
  };
}

/** @throws `upstream_error` that names the file */
function readTokenFile(path: string): string {
  let why: string;
  try {
    const text = statSync(path).size > FILE_BYTES_MAX ? '' : readFileSync(path, 'utf8').trim();
    if (/^[\x21-\x7e]+$/.test(text)) return text;
    why = 'it holds no token';
  } catch (error) {
    why = errorCode(error) ?? 'it could not be read';
  }
  throw new GatewayError('upstream_error', {
    message: `The token file of a provider cannot be used: ${why}. Its path is token_file in leeward.yaml.`,
    summary: `The token file ${path} cannot be used: ${why}.`,
    retry: 'other-target',
  });
}
