import { readFileSync } from 'node:fs';
import type { ModelPrice, PriceRuleConfig, ProviderConfig } from '../config/config.ts';
import { OPENAI_DIALECTS } from '../config/presets.ts';
import type { Clock } from '../kernel/clock.ts';
import { pathName } from '../kernel/path-name.ts';
import { DIALECTS, type Dialect } from '../protocol/operation.ts';
import type { Transport } from '../protocol/upstream.ts';
import { judgeMessagesError } from '../providers/anthropic/judge.ts';
import { judgeGeminiError } from '../providers/gemini/judge.ts';
import { judgeErrorAnswer } from '../providers/openai/judge.ts';
import type { RoutableProvider, WeightedCredential } from '../routing/router.ts';
import type { AttemptTimeouts, ProviderHandle, UpstreamErrorAnswer } from '../routing/target.ts';
import { undiciTransport } from '../transport/undici-transport.ts';
import { credentialsOf } from './credentials.ts';
import { declaredSheet, type SheetsOf, withAgreements, withDeclared } from './price-book.ts';

const CONNECT_MS = 5_000;
/** What a provider has that does not say otherwise. */
export const TIMEOUTS: AttemptTimeouts = {
  streamHeadMs: 60_000,
  headMs: 600_000,
  firstTokenMs: 60_000,
  idleMs: 300_000,
};

/** A configured provider, whatever it speaks, from its configuration to what routing can choose. */
export function openAiProvider(
  config: ProviderConfig,
  clock: Clock,
  models: readonly string[],
  { sheetOf, limitsOf }: CatalogFacts = {},
  agreements: readonly PriceRuleConfig[] = [],
): RoutableProvider {
  const base = new URL(config.baseUrl);
  const { credentials, close } = credentialsOf(config, clock);
  const transport = undiciTransport({
    origin: base.origin,
    connectMs: config.timeouts.connectMs ?? CONNECT_MS,
    http2: config.http2,
    ...(config.proxy === undefined ? {} : { proxy: config.proxy.reveal() }),
    tls: {
      ...(config.caFile === undefined ? {} : { ca: readFileSync(config.caFile) }),
      ...(config.clientCertFile === undefined ? {} : { cert: readFileSync(config.clientCertFile) }),
      ...(config.clientKeyFile === undefined ? {} : { key: readFileSync(config.clientKeyFile) }),
    },
  });
  return routable({
    name: config.name,
    transport: {
      dispatch: transport.dispatch,
      close: async () => void (await Promise.all([transport.close(), close()])),
    },
    ...addressing(config, base.pathname.replace(/\/$/, '')),
    streamUsageOption: config.streamUsageOption,
    maxTokensField: config.maxTokensField,
    dialects: config.dialects,
    vocabulary: config.vocabulary,
    onClientGone: config.onClientGone,
    timeouts: timeoutsOf(config),
    headers: headersOf(config),
    credentials,
    sheetOf: withAgreements(config.name, withDeclared(config, sheetOf), agreements, clock),
    limitsOf: limitsOf ?? (() => undefined),
    models: [...new Set([...config.prices.keys(), ...models])],
    answersBareNames: true,
    clock,
  });
}

/** What the operator says wins over what is usual. */
function headersOf({ headers, defaultHeaders = {} }: ProviderConfig): string[] {
  const usual = Object.entries(defaultHeaders).filter(([name]) => !headers.has(name));
  return [...usual.flat(), ...[...headers].flatMap(([name, value]) => [name, value.reveal()])];
}

/** The simulated provider, in process: prices and latencies of its own, no sockets. */
export function simProvider(
  transport: Transport,
  models: readonly SimModelFacts[],
  clock: Clock,
  agreements: readonly PriceRuleConfig[] = [],
): RoutableProvider {
  const limits = new Map(
    models.map(({ id, kind, contextTokensMax, outputTokensMax }) => [
      id,
      {
        contextWindow: contextTokensMax,
        ...(kind === 'chat' && outputTokensMax !== undefined ? { maxOutputTokens: outputTokensMax } : {}),
      },
    ]),
  );
  const sheets = new Map(models.map((model) => [model.id, declaredSheet(model.prices)]));
  return routable({
    name: 'sim',
    transport,
    pathOf: (operationPath) => `/v1${operationPath}`,
    nameOf: (model) => model,
    streamUsageOption: true,
    maxTokensField: 'max_tokens',
    dialects: DIALECTS,
    onClientGone: { stream: 'abort', answer: 'drain' },
    limitsOf: (model) => limits.get(model),
    timeouts: TIMEOUTS,
    headers: [],
    credentials: [],
    sheetOf: withAgreements('sim', (model) => sheets.get(model), agreements, clock),
    models: [...sheets.keys()],
    answersBareNames: false,
    clock,
  });
}

/** What the catalogue knows of a provider's models. */
export interface CatalogFacts {
  readonly sheetOf?: SheetsOf | undefined;
  readonly limitsOf?: ProviderHandle['limitsOf'] | undefined;
}

interface SimModelFacts {
  readonly id: string;
  readonly kind: string;
  readonly contextTokensMax: number;
  readonly outputTokensMax?: number;
  readonly prices: ModelPrice;
}

/** A provider without its configuration. */
export interface RoutableFacts {
  readonly name: string;
  readonly transport: Transport;
  readonly pathOf: ProviderHandle['pathOf'];
  readonly nameOf: ProviderHandle['nameOf'];
  readonly streamUsageOption: boolean;
  readonly timeouts: AttemptTimeouts;
  readonly headers: readonly string[];
  readonly credentials: readonly WeightedCredential[];
  readonly models: readonly string[];
  readonly answersBareNames: boolean;
  readonly clock: Clock;
  readonly sheetOf: SheetsOf;
  readonly limitsOf: ProviderHandle['limitsOf'];
  readonly maxTokensField: ProviderHandle['maxTokensField'];
  /** Default: OpenAI's. */
  readonly dialects?: readonly Dialect[];
  readonly vocabulary?: ProviderHandle['vocabulary'];
  readonly onClientGone: ProviderHandle['onClientGone'];
}

/** Where a call goes below the host, and by which name: the base path and the model, unless the configuration has others. */
function addressing(
  { deployments, pathTemplate }: ProviderConfig,
  basePath: string,
): Pick<RoutableFacts, 'pathOf' | 'nameOf'> {
  const nameOf = (model: string) => deployments?.get(model) ?? model;
  if (pathTemplate === undefined) return { nameOf, pathOf: (operationPath) => `${basePath}${operationPath}` };
  const pathOf = (operationPath: string, model: string) =>
    basePath +
    pathTemplate
      .replace('{operation}', operationPath)
      .replace('{model}', () => pathName(nameOf(model)).replaceAll('/', '%2F'));
  return { nameOf, pathOf };
}

/** How such a provider's dialects and errors are understood, whatever its way out. */
export function routable(facts: RoutableFacts): RoutableProvider {
  const { credentials, models, answersBareNames, clock, dialects = OPENAI_DIALECTS, vocabulary, ...handle } = facts;
  return {
    handle: {
      ...handle,
      dialects: new Set(dialects),
      ...(vocabulary === undefined ? {} : { vocabulary }),
      judge: (answer) => judgeWithoutLeak(answer, facts.name, clock),
    },
    credentials,
    models,
    answersBareNames,
  };
}

/** An error body that quotes our own credential stays here. */
function judgeWithoutLeak(answer: UpstreamErrorAnswer, provider: string, clock: Clock) {
  const quoted = answer.credential?.quotes(answer.body.toString('utf8')) ?? false;
  const body = quoted ? Buffer.alloc(0) : answer.body;
  return judgeOf(answer.dialect)({ ...answer, body }, provider, clock.now());
}

function judgeOf(dialect: Dialect): typeof judgeErrorAnswer {
  if (dialect === 'anthropic-messages') return judgeMessagesError;
  return dialect === 'gemini' || dialect === 'gemini-embeddings' ? judgeGeminiError : judgeErrorAnswer;
}

/** What a configuration says of an attempt's timeouts, complete. */
export function timeoutsOf({ timeouts }: Pick<ProviderConfig, 'timeouts'>): AttemptTimeouts {
  const { firstByteMs, firstTokenMs, idleMs, totalMs } = timeouts;
  return {
    ...(totalMs === undefined ? {} : { totalMs }),
    streamHeadMs: firstByteMs ?? TIMEOUTS.streamHeadMs,
    headMs: firstByteMs ?? TIMEOUTS.headMs,
    // Who waits longer for the head waits for what follows it too.
    firstTokenMs: firstTokenMs ?? Math.max(firstByteMs ?? 0, TIMEOUTS.firstTokenMs),
    idleMs: idleMs ?? TIMEOUTS.idleMs,
  };
}
