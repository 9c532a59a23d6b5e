import { hash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Allowance } from '../protocol/allowance.ts';
import type { TargetVocabulary } from '../protocol/chat/codec.ts';
import type { Dialect } from '../protocol/operation.ts';
import type {
  Config,
  CredentialConfig,
  DeclaredKey,
  ModelPrice,
  ProviderConfig,
  TimeoutsConfig,
  TokenConfig,
} from './config.ts';
import type { FileConfig, FileProvider } from './file-schema.ts';
import type { ReferenceSources } from './interpolate.ts';
import { isPresetName, MESSAGES_HEADERS, OPENAI_DIALECTS, type Preset, type PresetName, presetOf } from './presets.ts';
import { completedBaseUrl, environmentBaseUrl, environmentKey } from './provider-findings.ts';
import { resolvedBudgets } from './resolve-budgets.ts';
import { providerPolicies, resolvedPolicies, resolvedRoute } from './resolve-policies.ts';
import { resolvedPrice, resolvedPriceRules } from './resolve-prices.ts';
import { aliasEnd, type RouteGraph } from './route-graph.ts';
import { Secret } from './secret.ts';

const FREE: ModelPrice = { inputPicoUsd: 0n, outputPicoUsd: 0n };

/**
 * The checked file as the rest of the gateway sees it: names resolved, presets
 * applied, and providers that were only found joined to those that were declared.
 */
export function resolveConfig(
  file: FileConfig,
  graph: RouteGraph,
  sources: ReferenceSources,
  found: readonly ProviderConfig[],
): Config {
  const providers = new Map<string, ProviderConfig>();
  for (const [name, declared] of Object.entries(file.providers)) {
    const policies = providerPolicies(file, name);
    const provider = resolveProvider(name, declared, sources);
    providers.set(name, policies === undefined ? provider : { ...provider, policies });
  }
  for (const provider of found) if (!providers.has(provider.name)) providers.set(provider.name, provider);
  const { server } = file;
  return {
    server: {
      host: server.host,
      port: server.port,
      allowedHosts: server.allowed_hosts,
      bodyBytesMax: server.body_bytes_max,
      inFlightBytesMax: Math.max(server.in_flight_bytes_max, server.body_bytes_max),
      drainMs: server.drain,
      drainAcceptMs: server.drain_accept,
      trustedProxies: server.trusted_proxies,
      auth: server.auth,
      ...(server.admin === undefined ? {} : { admin: server.admin }),
    },
    providers,
    aliases: resolvedAliases(graph),
    routes: new Map(
      Object.entries(file.routes).map(([name, route]) => [
        name,
        {
          name,
          strategy: route.strategy,
          attemptsMax: route.attempts_max,
          timeoutMs: route.timeout,
          ...resolvedRoute(file, graph, name, route),
        },
      ]),
    ),
    policies: resolvedPolicies(file),
    keys: resolvedKeys(file),
    budgets: resolvedBudgets(file),
    prices: resolvedPriceRules(file.prices),
    money: { charge: file.money.charge },
    sim: file.sim,
    log: file.log,
    store: defined({ databaseUrl: file.store.database_url }),
    retentionDays: file.retention_days,
    answerRetentionDays: file.answer_retention_days,
    usageRetentionDays: Math.max(file.usage_retention_days, file.retention_days),
  };
}

function resolvedAliases(graph: RouteGraph): Map<string, string> {
  const aliases = new Map<string, string>();
  for (const name of graph.aliases.keys()) {
    const end = aliasEnd(graph, name);
    if (end === undefined) continue;
    aliases.set(name, end.kind === 'route' ? `route/${end.name}` : `${end.provider}/${end.model}`);
  }
  return aliases;
}

function resolvedKeys(file: FileConfig): Map<string, DeclaredKey> {
  return new Map(
    Object.entries(file.keys).map(([name, { key, key_hash, parent, project, scopes, expires_at, allow }]) => [
      name,
      {
        name,
        digest: key_hash ?? hash('sha256', key?.reveal() ?? '', 'base64url'),
        scopes,
        ...defined({ parent, project, expiresAt: expires_at, allow: allow && allowanceOf(allow) }),
      },
    ]),
  );
}

function allowanceOf({
  priority_max: priorityMax,
  ...reach
}: NonNullable<FileConfig['keys'][string]['allow']>): Allowance {
  return defined({ ...reach, priorityMax });
}

function resolveProvider(name: string, declared: FileProvider, sources: ReferenceSources): ProviderConfig {
  const presetName: PresetName = declared.preset ?? (isPresetName(name) ? name : 'openai-compatible');
  const preset = presetOf(presetName);
  const file = (path: string | undefined) => (path === undefined ? undefined : resolve(sources.directory, path));
  return {
    ...presetProvider(name, presetName, 'file'),
    ...resolveAddress(declared, preset, sources),
    ...resolveDialects(declared, presetName),
    vocabulary: { ...preset.vocabulary, ...resolveVocabulary(declared) },
    credentials: resolveCredentials(declared, presetName, sources),
    ...defined({ tokens: resolveTokens(declared, sources) }),
    headers: new Map(Object.entries(declared.headers ?? {}).map(([header, value]) => [header.toLowerCase(), value])),
    ...defined({
      proxy: declared.proxy,
      caFile: file(declared.ca_file),
      clientCertFile: file(declared.client_cert_file),
      clientKeyFile: file(declared.client_key_file),
    }),
    http2: declared.http2,
    ...(declared.on_client_gone === undefined
      ? {}
      : { onClientGone: { stream: declared.on_client_gone, answer: declared.on_client_gone } }),
    timeouts: resolveTimeouts(declared),
    prices: resolvePrices(declared),
  };
}

function resolveAddress(
  { base_url: declared, api_version: version, deployments }: FileProvider,
  preset: Preset,
  { env }: ReferenceSources,
): Pick<ProviderConfig, 'baseUrl' | 'deployments' | 'pathTemplate'> & Partial<Pick<ProviderConfig, 'dialects'>> {
  const completed = declared === undefined ? undefined : completedBaseUrl(preset, declared);
  const baseUrl = completed ?? environmentBaseUrl(preset, env) ?? preset.baseUrl ?? '';
  const named = defined({ deployments: deployments && new Map(Object.entries(deployments)) });
  if (version === undefined || preset.versioned === undefined) return { baseUrl, ...named };
  const { pathTemplate, baseUrlEnd, dialects } = preset.versioned;
  return {
    baseUrl: baseUrl.replace(baseUrlEnd, ''),
    pathTemplate: pathTemplate.replace('{version}', version),
    dialects,
    ...named,
  };
}

function resolveDialects(
  { dialect }: FileProvider,
  preset: PresetName,
): Partial<Pick<ProviderConfig, 'dialects' | 'defaultHeaders' | 'authHeader'>> {
  if (dialect === undefined) return {};
  const dialects = typeof dialect === 'string' ? [dialect] : [...new Set(dialect)];
  return { dialects, ...messagesHeaders(dialects), ...(preset === 'openai-compatible' ? keyHeaderOf(dialects) : {}) };
}

/** Whose dialects alone a provider speaks, in whose way it is taken to want its key. */
function keyHeaderOf(dialects: readonly Dialect[]): Partial<Pick<ProviderConfig, 'authHeader'>> {
  if (dialects.every((each) => each === 'anthropic-messages')) return { authHeader: 'x-api-key' };
  if (dialects.every((each) => each.startsWith('gemini'))) return { authHeader: 'x-goog-api-key' };
  return {};
}

function resolveVocabulary({ vocabulary = {} }: FileProvider): TargetVocabulary {
  const { cache_markers, reasoning_field, thought_needed, end_user_field, foreign_members } = vocabulary;
  return defined({
    cacheMarkers: cache_markers,
    reasoningField: reasoning_field,
    thoughtNeeded: thought_needed,
    endUserField: end_user_field,
    foreignMembers: foreign_members,
  });
}

function messagesHeaders(dialects: readonly Dialect[]): Pick<ProviderConfig, 'defaultHeaders'> {
  return dialects.includes('anthropic-messages') ? { defaultHeaders: MESSAGES_HEADERS } : {};
}

/** A provider of which nothing is known but its preset. */
export function presetProvider(name: string, presetName: PresetName, origin: ProviderConfig['origin']): ProviderConfig {
  const preset = presetOf(presetName);
  const dialects = preset.dialects ?? OPENAI_DIALECTS;
  return {
    name,
    preset: presetName,
    origin,
    baseUrl: preset.baseUrl ?? '',
    authHeader: preset.authHeader,
    dialects,
    vocabulary: preset.vocabulary ?? {},
    ...messagesHeaders(dialects),
    credentials: [],
    headers: new Map(),
    http2: false,
    timeouts: {},
    prices: new Map(),
    local: preset.local,
    ...(preset.local ? { defaultPrice: FREE } : {}),
    streamUsageOption: preset.streamUsageOption,
    maxTokensField: preset.maxTokensField ?? 'max_tokens',
    onClientGone: {
      stream: preset.stopsBillingOnCancel === true ? 'abort' : 'drain',
      answer: preset.local ? 'abort' : 'drain',
    },
    ...defined({ modelsPath: preset.modelsPath, keyCheckPath: preset.keyCheckPath }),
  };
}

function resolveCredentials(
  declared: FileProvider,
  preset: PresetName,
  sources: ReferenceSources,
): readonly CredentialConfig[] {
  if (declared.credentials !== undefined) {
    return declared.credentials.flatMap(({ name, api_key, weight }) =>
      api_key === undefined ? [] : [{ name, apiKey: api_key, weight }],
    );
  }
  if (declared.api_key !== undefined) return [{ name: 'default', apiKey: declared.api_key, weight: 1 }];
  if (declared.entra !== undefined || declared.token_file !== undefined) return [];
  const found = environmentKey(presetOf(preset), sources.env);
  return found === undefined ? [] : [{ name: 'default', apiKey: new Secret(found.key), weight: 1 }];
}

function resolveTokens(declared: FileProvider, { directory }: ReferenceSources): readonly TokenConfig[] | undefined {
  const { credentials = [{ name: 'default', weight: 1, entra: declared.entra, token_file: declared.token_file }] } =
    declared;
  const tokens = credentials.flatMap(({ name, weight, entra, token_file }): TokenConfig[] => {
    if (entra !== undefined) {
      const { tenant_id, client_id, client_secret, scope, authority } = entra;
      const from = { tenantId: tenant_id, clientId: client_id, clientSecret: client_secret, scope, authority };
      return [{ name, weight, entra: from }];
    }
    return token_file === undefined ? [] : [{ name, weight, tokenFile: resolve(directory, token_file) }];
  });
  return tokens.length === 0 ? undefined : tokens;
}

function resolveTimeouts({ timeouts }: FileProvider): TimeoutsConfig {
  return defined({
    connectMs: timeouts.connect,
    firstByteMs: timeouts.first_byte,
    firstTokenMs: timeouts.first_token,
    idleMs: timeouts.idle,
    totalMs: timeouts.total,
  });
}

function resolvePrices({ prices }: FileProvider): Map<string, ModelPrice> {
  return new Map(Object.entries(prices ?? {}).map(([model, price]) => [model, resolvedPrice(price)]));
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The object without the members that are undefined, because an absent one means something else than a present `undefined`. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
