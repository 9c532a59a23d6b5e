import { openAiChat } from '../edge/openai/dialects.ts';
import { Exchanges } from '../exchange/exchanges.ts';
import { requestBody } from '../forecast/provider-answers.ts';
import type { HouseMaker, HouseParts } from '../forecast/setup.ts';
import type { Clock } from '../kernel/clock.ts';
import type { GlobalPolicies } from '../protocol/policy.ts';
import type { Transport } from '../protocol/upstream.ts';
import { Router } from '../routing/router.ts';
import type { RoutableProvider, RoutingTable } from '../routing/routing-table.ts';
import type { Credential, ModelLimits, OnClientGone } from '../routing/target.ts';
import { Weather } from '../routing/weather.ts';
import { planOf } from './call-plan.ts';
import { declaredSheet } from './price-book.ts';
import { routable, TIMEOUTS } from './providers.ts';

/**
 * The gateway's own parts as a simulation drives them: the same router,
 * weather, exchange and dialect as at the front door, without its sockets.
 *
 * @param tableOf what calls can name; its providers go out by `transportOf`
 * @param Knowledge what routing knows of its targets; another class for a gateway that knows less
 */
export function simulatedHouse(
  tableOf: (parts: HouseParts) => RoutingTable,
  policies: Pick<GlobalPolicies, 'retriesInFlight' | 'pingMs'>,
  Knowledge: typeof Weather = Weather,
): HouseMaker {
  return (parts) => {
    const { clock, random, holds, tokens, events } = parts;
    const router = new Router(tableOf(parts), random);
    const weather = new Knowledge(clock, random, policies);
    const exchanges = new Exchanges({
      clock,
      random,
      weather,
      holds,
      tokens,
      events,
      pingMs: () => policies.pingMs,
      plan: (call) => planOf(call, router),
    });
    return {
      exchanges,
      request: (asked) => openAiChat.parse(requestBody(asked)),
      weather: () => weather.views(),
      close: () => undefined,
    };
  };
}

/** What a provider that is not there says of itself. */
export interface MadeUpProvider {
  readonly name: string;
  readonly models: readonly MadeUpModel[];
  /** Names of its credentials; none: it needs none. */
  readonly credentials?: readonly string[];
  readonly onClientGone?: OnClientGone;
}

export interface MadeUpModel extends ModelLimits {
  readonly name: string;
  /** Pico-USD a token. Absent: nobody knows what it costs. */
  readonly price?: { readonly input: bigint; readonly output: bigint };
}

/** A provider for a simulation, by its name, models and prices alone. */
export function madeUpProvider(
  { name, models, credentials = [], onClientGone }: MadeUpProvider,
  { transport, clock }: { readonly transport: Transport; readonly clock: Clock },
): RoutableProvider {
  const known = new Map(models.map((model) => [model.name, model]));
  const sheets = new Map(
    models.flatMap(({ name: model, price }) =>
      price === undefined
        ? []
        : [[model, declaredSheet({ inputPicoUsd: price.input, outputPicoUsd: price.output })] as const],
    ),
  );
  return routable({
    name,
    transport,
    clock,
    pathOf: (operationPath) => operationPath,
    nameOf: (model) => model,
    streamUsageOption: true,
    maxTokensField: 'max_tokens',
    onClientGone: onClientGone ?? { stream: 'abort', answer: 'drain' },
    timeouts: TIMEOUTS,
    headers: [],
    credentials: credentials.map((credential) => ({ credential: madeUpCredential(credential), weight: 1 })),
    sheetOf: (model) => sheets.get(model),
    limitsOf: (model) => known.get(model),
    models: [...known.keys()],
    answersBareNames: true,
  });
}

function madeUpCredential(name: string): Credential {
  return { name, headers: ['authorization', `Bearer ${name}`], quotes: () => false };
}
