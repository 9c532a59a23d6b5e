import type { IncomingMessage } from 'node:http';
import type { Authenticator, KnownKey } from '../access/authenticator.ts';
import { anthropicMessages, anthropicTokenCount } from '../edge/anthropic/dialects.ts';
import { messagesModel, messagesModels } from '../edge/anthropic/models.ts';
import { tokenCountBody, tokenCountIn } from '../edge/anthropic/token-count.ts';
import { gemini, geminiArray } from '../edge/gemini/dialects.ts';
import { geminiModel, geminiModels } from '../edge/gemini/models.ts';
import { refuseQueryKey } from '../edge/gemini/query-key.ts';
import { BodyReceiver } from '../edge/http/body.ts';
import { clientAddress } from '../edge/http/client-address.ts';
import { errorVoice } from '../edge/http/error-voice.ts';
import type { ListedModel } from '../edge/http/listed-models.ts';
import { modelCallRoute } from '../edge/http/model-call.ts';
import { isThereRoute, readRoutes } from '../edge/http/reads.ts';
import { presentedKey } from '../edge/http/request-facts.ts';
import { type Guard, type Route, RouteTable } from '../edge/http/routes.ts';
import { HttpServer } from '../edge/http/server.ts';
import { type TaskDesk, taskRoutes } from '../edge/http/tasks.ts';
import { tokenCountRoute } from '../edge/http/token-count.ts';
import { openAiChat, openAiCompletions, openAiEmbeddings } from '../edge/openai/dialects.ts';
import type { AdmittedCall, Caller } from '../exchange/call.ts';
import type { ExchangeEvents } from '../exchange/events.ts';
import { Exchanges } from '../exchange/exchanges.ts';
import { countTokens } from '../exchange/token-count.ts';
import type { TokenCounter } from '../exchange/token-counter.ts';
import type { AddressSet } from '../kernel/address-set.ts';
import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { IdMaker } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import type { HoldTaker } from '../money/hold.ts';
import { mayComeFrom } from '../protocol/allowance.ts';
import type { CallView } from '../protocol/call-view.ts';
import type { Priority } from '../protocol/priority.ts';
import type { Router } from '../routing/router.ts';
import type { Weather } from '../routing/weather.ts';
import { planOf } from './call-plan.ts';
import { callerOfKey } from './caller-of-key.ts';
import { geminiRoutes } from './gemini-routes.ts';
import type { ResponseMemory } from './response-memory.ts';
import { responsesRoutes } from './responses-routes.ts';
import { LazyTranslations } from './translations.ts';

const MEMORY_BODY_BYTES_MAX = 1024 * 1024;

export interface DataPlaneParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: IdMaker;
  readonly holds: HoldTaker;
  readonly tokens: TokenCounter;
  readonly events: ExchangeEvents & {
    unexpected(error: unknown, requestId: string): void;
    requestRefused(status: number, code: string): void;
  };
  readonly authenticator: Authenticator;
  /** Whether the bearer token is the administrator's. */
  isAdmin(token: string | undefined): boolean;
  /** Who calls without a key, while the configuration says `auth: none`. Asked at each request. */
  readonly anonymous: Caller | undefined;
  router(): Router;
  readonly weather: Weather;
  /** A streaming client that has heard nothing for this long gets a comment; `undefined`: it gets none. Asked at each call. */
  pingMs(): number | undefined;
  /** Default: what the router knows, and no facts. */
  models?(): readonly ListedModel[];
  versions(): { readonly config: string; readonly prices: string };
  findCall(callId: string, project: string): Promise<CallView | undefined>;
  /** Absent: no answer is kept, and whoever refers to one is told so by his provider. */
  readonly memory?: ResponseMemory | undefined;
  /** Absent: where nothing is kept, nothing is told of tasks. */
  readonly tasks?: TaskDesk;
  readonly limits: { readonly bodyBytesMax: number; readonly inFlightBytesMax: number };
  /** Proxies that are believed about where a call comes from. Asked at each request of a key with a rule for that. */
  readonly trustedProxies?: AddressSet | undefined;
  /** Asked at each request. */
  readonly allowedHosts: ReadonlySet<string> | undefined;
  readonly startedAt: number;
  /** @throws `overloaded` where a call of this priority may not come in now */
  admit?(priority: Priority): void;
  /** What would happen to a call. Absent: whoever asks is refused. */
  dryRun?(call: AdmittedCall): Promise<object>;
  /** Hears each request body; what the configuration does not let into the log ends there. */
  onPrompt?(callId: string, body: Buffer): void;
  /** Routes of other layers: health, the schema, and metrics, administration and the page unless they listen elsewhere. */
  readonly otherRoutes: readonly Route[];
  /** A second listener, for who runs the gateway. */
  readonly adminDoor?: { readonly routes: readonly Route[]; readonly allowedHosts: ReadonlySet<string> | undefined };
}

export interface DataPlane {
  readonly server: HttpServer;
  /** Present with `adminDoor`. */
  readonly adminServer: HttpServer | undefined;
  readonly exchanges: Exchanges;
  readonly bodies: BodyReceiver;
  readonly routes: RouteTable;
}

/** Everything a call passes through, from the socket to the attempt. */
export function dataPlane(parts: DataPlaneParts): DataPlane {
  const bodies = new BodyReceiver({ ...parts.limits, memoryBytesMax: MEMORY_BODY_BYTES_MAX });
  const exchanges = new Exchanges({
    clock: parts.clock,
    random: parts.random,
    weather: parts.weather,
    pingMs: parts.pingMs,
    holds: parts.holds,
    tokens: parts.tokens,
    events: parts.events,
    translations: new LazyTranslations(),
    memory: parts.memory,
    plan: (call) => planOf(call, parts.router()),
  });
  const { onPrompt, admit, dryRun, memory } = parts;
  const callParts = {
    bodies,
    exchanges,
    versions: parts.versions,
    ...(admit === undefined ? {} : { admit }),
    ...(dryRun === undefined ? {} : { dryRun }),
    ...(memory === undefined ? {} : { recall: memory.recall }),
    ...(onPrompt === undefined ? {} : { onPrompt }),
  };
  const counted = (call: AdmittedCall, readCount: (body: Buffer) => number | undefined) =>
    countTokens(call, {
      clock: parts.clock,
      tokens: parts.tokens,
      plan: (planned) => planOf(planned, parts.router()),
      readCount,
    });
  const routes = new RouteTable([
    modelCallRoute('/v1/chat/completions', openAiChat, callParts),
    modelCallRoute('/v1/completions', openAiCompletions, callParts),
    modelCallRoute('/v1/embeddings', openAiEmbeddings, callParts),
    ...responsesRoutes({ ...callParts, countTokens: counted, desk: memory }),
    modelCallRoute('/v1/messages', anthropicMessages, callParts),
    tokenCountRoute({
      ...callParts,
      path: '/v1/messages/count_tokens',
      dialect: anthropicTokenCount,
      bodyOf: tokenCountBody,
      countTokens: (call) => counted(call, tokenCountIn),
    }),
    ...geminiRoutes({
      ...callParts,
      models: (caller) => permittedModels(parts, caller),
      countTokens: counted,
    }),
    isThereRoute(),
    ...readRoutes({
      models: (caller) => permittedModels(parts, caller),
      modelsCreatedAt: Math.floor(parts.startedAt / 1_000),
      anthropic: { list: messagesModels, one: messagesModel },
      gemini: { list: geminiModels, one: geminiModel },
      findCall: parts.findCall,
    }),
    ...(parts.tasks === undefined ? [] : taskRoutes({ clock: parts.clock, bodies, tasks: parts.tasks })),
    ...parts.otherRoutes,
  ]);
  const { adminDoor } = parts;
  const adminServer = adminDoor && door(parts, new RouteTable(adminDoor.routes), () => adminDoor.allowedHosts);
  return { server: door(parts, routes, () => parts.allowedHosts), adminServer, exchanges, bodies, routes };
}

const VOICES = { openai: openAiChat, anthropic: anthropicMessages, gemini, geminiArray };

/** One listener: what is asked of a request is the same at each. */
function door(
  parts: DataPlaneParts,
  routes: RouteTable,
  allowedHosts: () => ReadonlySet<string> | undefined,
): HttpServer {
  return new HttpServer({
    clock: parts.clock,
    ids: parts.ids,
    routes,
    get allowedHosts() {
      return allowedHosts();
    },
    authorise: (guard, req) => authorise(parts, guard, req),
    onUnexpected: (error, requestId) => parts.events.unexpected(error, requestId),
    onRefused: (status, code) => parts.events.requestRefused(status, code),
    voiceOf: (req) => errorVoice(req, VOICES),
  });
}

/** What a caller can name: what its key may not reach is not shown to it. */
function permittedModels(parts: DataPlaneParts, caller: Caller | undefined): readonly ListedModel[] {
  const router = parts.router();
  const models = parts.models?.() ?? router.models().map(plainModel);
  const allowances = caller?.allowances;
  return allowances === undefined ? models : models.filter(({ id }) => router.permits(id, allowances));
}

function plainModel({ id, ownedBy }: { readonly id: string; readonly ownedBy: string }): ListedModel {
  const origin = ownedBy === 'alias' || ownedBy === 'route' ? ownedBy : 'configured';
  return { id, ownedBy, origin };
}

/** One guard per kind of route; what is not granted here is refused. */
function authorise(
  parts: DataPlaneParts,
  guard: Guard,
  req: IncomingMessage,
): Caller | undefined | Promise<Caller | undefined> {
  // The page's desk asks for its own session, and says in HTML how to get one.
  if (guard === 'open' || guard === 'page') return undefined;
  const token = presentedKey(req.headers);
  if (guard === 'admin') {
    if (parts.isAdmin(token)) return undefined;
    throw new GatewayError('unauthenticated', {
      message: 'This needs the token in <data>/admin-token, as a bearer token.',
    });
  }
  if (guard === 'metrics') return authoriseMetrics(parts, token, req);
  if (token === undefined && parts.anonymous !== undefined) return parts.anonymous;
  if (token === undefined) refuseQueryKey(req.url);
  const key = parts.authenticator.authenticate(token);
  return key instanceof Promise ? key.then((known) => callerOf(known, parts, req)) : callerOf(key, parts, req);
}

async function authoriseMetrics(
  parts: DataPlaneParts,
  token: string | undefined,
  req: IncomingMessage,
): Promise<undefined> {
  if (parts.isAdmin(token)) return;
  const key = await parts.authenticator.authenticate(token);
  checkAddress(key, parts, req);
  if (key.scopes.includes('metrics')) return;
  throw new GatewayError('forbidden', {
    message: 'This key lacks the scope `metrics`. Use the admin token, or `leeward keys create --scope metrics`.',
  });
}

/** Whoever has found the key learns where he is seen, and not from where it would work. */
function checkAddress({ allowances }: KnownKey, parts: DataPlaneParts, req: IncomingMessage): void {
  if (allowances === undefined) return;
  const address = clientAddress(req, parts.trustedProxies);
  if (mayComeFrom(allowances, address)) return;
  throw new GatewayError('forbidden', {
    message: `This key may not be used from ${address?.slice(0, 64) ?? 'here'}. Ask its owner to add the address to the key's rule.`,
  });
}

function callerOf(key: KnownKey, parts: DataPlaneParts, req: IncomingMessage): Caller {
  checkAddress(key, parts, req);
  return callerOfKey(key);
}
