import { createHash, timingSafeEqual } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { Authenticator } from '../access/authenticator.ts';
import { Keyring } from '../access/keyring.ts';
import { AdminApi } from '../admin/admin-api.ts';
import { healthRoutes, metricsRoute, type Readiness } from '../admin/operations.ts';
import { PageDesk } from '../admin/page/page-desk.ts';
import { PageSessions } from '../admin/page/page-sessions.ts';
import { pageRoutes } from '../admin/page-routes.ts';
import { pageUsage } from '../admin/page-usage.ts';
import type { LoadedConfig } from '../config/config.ts';
import type { ConfigHandle } from '../config/config-state.ts';
import type { ListedModel } from '../edge/http/listed-models.ts';
import type { Clock } from '../kernel/clock.ts';
import { IdMaker } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import { ALERT_KINDS } from '../money/alerts.ts';
import { ConfigMetrics } from '../observability/config-metrics.ts';
import { formatCallLine } from '../observability/format.ts';
import { GatewayEvents } from '../observability/gateway-events.ts';
import type { Log } from '../observability/log.ts';
import { Metrics } from '../observability/metrics.ts';
import { MoneyMetrics } from '../observability/money-metrics.ts';
import { RecentCalls } from '../observability/recent-calls.ts';
import { WeatherMetrics } from '../observability/weather-metrics.ts';
import type { CallView } from '../protocol/call-view.ts';
import type { RoutableProvider } from '../routing/router.ts';
import { Weather } from '../routing/weather.ts';
import { findCall } from '../store/find-call.ts';
import { DEFAULT_ORGANISATION, DEFAULT_PROJECT } from '../store/key-queries.ts';
import type { Store } from '../store/store.ts';
import { WorkerTokenCounter } from '../tokens/worker-token-counter.ts';
import { adminParts } from './admin-parts.ts';
import { budgetScopes } from './budget-scopes.ts';
import type { ConfigFiles } from './config-files.ts';
import { type DataPlane, type DataPlaneParts, dataPlane } from './data-plane.ts';
import { Doors } from './doors.ts';
import { DryCalls } from './dry-calls.ts';
import type { FoundProviders } from './find-providers.ts';
import { allowedHosts, statesOf } from './from-config.ts';
import type { Gateway, GatewayOptions } from './gateway.ts';
import { introduce } from './introduction.ts';
import { keyStore } from './key-store.ts';
import { type ConfigLoader, LiveConfig } from './live-config.ts';
import { LoadGuard } from './load-guard.ts';
import { logLevel } from './log-level.ts';
import { ModelCatalog } from './model-catalog.ts';
import { modelList } from './model-list.ts';
import { ProviderStates } from './provider-states.ts';
import { reportReload } from './reload-report.ts';
import { responseMemory } from './response-memory.ts';
import { schemaRoutes } from './schema-route.ts';
import { loadAdminToken, loadPeppers } from './secret-files.ts';
import { callMsMax, type Serving, type ServingParts, servingOf } from './serving.ts';
import { taskDesk } from './task-desk.ts';
import { Treasury } from './treasury.ts';

/** Whom everything belongs to while there is one organisation and one project. */
const TENANT = { organisation: DEFAULT_ORGANISATION, project: DEFAULT_PROJECT };
/**
 * How long a key is known without being asked for again. An embedded store has
 * this process as its only writer, which sees its own changes at once; on a
 * server others revoke keys too.
 */
const KEY_CACHE_MS = { embedded: 300_000, server: 5_000 };

export interface ProcessParts {
  readonly options: GatewayOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly dataDir: string;
  readonly found: FoundProviders;
  /** With the flags of the command line in place of what they overrule. */
  readonly loaded: LoadedConfig;
  /** The files that it was read from. */
  readonly files: ConfigFiles;
  readonly load: ConfigLoader;
  readonly log: Log;
  readonly store: Store;
}

/** A running gateway: what stands between a started store and the last byte of a drain. */
export class GatewayProcess implements Gateway {
  readonly log: Log;
  readonly #parts: ProcessParts;
  readonly #startedAt: number;
  readonly #ids: IdMaker;
  readonly #states: ProviderStates;
  readonly #live: LiveConfig;
  readonly #catalog: ModelCatalog;
  /** What calls that begin now are served by; a reload puts another one in its place. */
  #serving: Serving;
  /** Transports of providers that a reload took away, until their last call is over. */
  readonly #retiring = new Set<Promise<void>>();
  readonly #tokens: WorkerTokenCounter;
  readonly #treasury: Treasury;
  readonly #keyring: Keyring;
  readonly #authenticator: Authenticator;
  readonly #sessions: PageSessions;
  readonly #desk: PageDesk;
  readonly #admin: AdminApi;
  readonly #plane: DataPlane;
  readonly #load: LoadGuard;
  readonly #dryCalls: DryCalls;
  /** Outlives the routers that reloads replace. */
  readonly #weather: Weather;
  readonly #doors: Doors;
  #ready = false;
  /** From then on each call has its line; the self-test stands in the block. */
  #introduced = false;
  #stopping: Promise<void> | undefined;
  /** Aborted when a stop cuts a drain short. */
  readonly #accepting = new AbortController();

  constructor(parts: ProcessParts) {
    const { clock, random, loaded, found, log } = parts;
    this.#parts = parts;
    this.log = log;
    this.#startedAt = clock.now();
    this.#ids = new IdMaker(clock, random);
    this.#weather = new Weather(clock, random, loaded.config.policies.global, (target, { reason }) =>
      log.warn({ target, reason }, 'a target is closed'),
    );
    this.#tokens = new WorkerTokenCounter(clock, (err) => log.warn({ err }, 'tokens were estimated by length'));
    this.#catalog = new ModelCatalog(parts.dataDir, (problem) => log.warn({ problem }, 'the packaged models are used'));
    this.#serving = servingOf(loaded, new Map(), this.#servingParts()).serving;
    const metrics = this.#makeMetrics();
    this.#treasury = this.#makeTreasury(new MoneyMetrics(metrics.registry, ALERT_KINDS));
    this.#states = new ProviderStates(clock);
    this.#states.replace(statesOf(loaded, found), new Set());
    this.#keyring = this.#makeKeyring();
    this.#dryCalls = new DryCalls({
      clock,
      random,
      weather: this.#weather,
      tokens: this.#tokens,
      looking: this.#treasury.looking,
      tenant: TENANT,
      router: () => this.#serving.router,
      keyById: (id) => this.#keyring.byId(id),
    });
    this.#authenticator = new Authenticator({
      lookup: (key) => this.#keyring.find(key),
      declared: (digest) => this.#serving.keys.find(digest),
      clock,
      knownMs: KEY_CACHE_MS[parts.store.kind],
    });
    this.#sessions = new PageSessions(clock, random);
    const recent = new RecentCalls();
    this.#live = this.#makeLive(new ConfigMetrics(metrics.registry, loaded.version));
    this.#desk = this.#makeDesk(recent);
    this.#admin = this.#makeAdmin(recent);
    new WeatherMetrics(metrics.registry, {
      targets: () => this.#weather.views(),
      knows: (provider, model) => this.#serving.knownTargets.has(`${provider}/${model}`),
    });
    this.#load = this.#makeLoad(metrics);
    this.#plane = this.#makePlane(recent, metrics);
    this.#doors = new Doors(loaded.config.server, this.#plane);
  }

  get config(): ConfigHandle {
    return this.#live;
  }

  get baseUrl(): string {
    return this.#doors.baseUrl;
  }

  async start(): Promise<Gateway> {
    const { dataDir, options, log, loaded, store } = this.#parts;
    await this.#treasury.start();
    await this.#doors.listen();
    const { baseUrl: url, adminUrl } = this.#doors;
    writeFileSync(join(dataDir, 'server.json'), `${JSON.stringify({ pid: process.pid, url, admin_url: adminUrl })}\n`);
    this.#ready = true;
    for (const warning of loaded.warnings) log.warn({ warning }, 'configuration');
    if (options.mode === 'dev') await this.#introduce();
    else log.info({ url, adminUrl, store: store.place, configVersion: loaded.version }, 'leeward is listening');
    this.#live.start();
    this.#load.start();
    return this;
  }

  async drain(announced: boolean): Promise<void> {
    const { drainMs, drainAcceptMs } = this.#serving.loaded.config.server;
    this.#stopping ??= this.#end(drainMs, announced ? drainAcceptMs : 0);
    await this.#stopping;
  }

  async stop(): Promise<void> {
    const first = this.#stopping === undefined;
    this.#stopping ??= this.#end(0, 0);
    this.#accepting.abort();
    if (!first) await this.#plane.exchanges.drain(0);
    await this.#stopping;
  }

  async #end(withinMs: number, acceptMs: number): Promise<void> {
    const { store, dataDir, log } = this.#parts;
    this.#ready = false;
    this.#live.close();
    if (acceptMs > 0) await this.#acceptAWhile(acceptMs);
    this.#doors.drain();
    this.#desk.endFeeds();
    log.info({ running: this.#plane.exchanges.running, withinMs }, 'draining');
    await this.#plane.exchanges.drain(withinMs);
    this.#load.close();
    await this.#doors.close();
    await this.#admin.close();
    await Promise.all([...this.#serving.pool.values()].map(({ provider }) => provider.handle.transport.close()));
    await Promise.all(this.#retiring);
    await this.#tokens.close();
    await this.#treasury.close();
    await store.close();
    rmSync(join(dataDir, 'server.json'), { force: true });
    log.info('stopped');
  }

  /** Whoever sends calls here has to see first that it should not any more. A stop cuts it short. */
  async #acceptAWhile(acceptMs: number): Promise<void> {
    this.log.info({ acceptMs }, 'not ready any more; calls that still come are taken');
    this.#doors.closeAfterAnswers();
    const over = Promise.withResolvers<void>();
    this.#accepting.signal.addEventListener('abort', () => over.resolve(), { once: true });
    const timer = this.#parts.clock.after(acceptMs, over.resolve);
    await over.promise;
    timer.cancel();
  }

  async #introduce(): Promise<void> {
    const { options, dataDir, found, clock, store } = this.#parts;
    await introduce({
      clock,
      log: this.log,
      dataDir,
      store,
      found,
      states: this.#states,
      keyring: this.#keyring,
      sessions: this.#sessions,
      baseUrl: this.baseUrl,
      adminUrl: this.#doors.adminUrl,
      say: options.say,
    });
    this.#introduced = true;
  }

  #servingParts(): ServingParts {
    const { found, clock, random } = this.#parts;
    return { found, clock, random, tenant: TENANT, catalog: this.#catalog };
  }

  #makeLive(metrics: ConfigMetrics): LiveConfig {
    const { clock, log, loaded, files, load, options } = this.#parts;
    const say = options.mode === 'dev' ? { say: (line: string) => options.say(line) } : {};
    return new LiveConfig({
      clock,
      log,
      loaded,
      files,
      load,
      apply: (next) => this.#apply(next),
      onReload: (result, trigger) => reportReload(result, trigger, { log, metrics, ...say }),
    });
  }

  /** One assignment puts a configuration in force: whatever begins after it sees all of it, whatever runs sees nothing of it. */
  #apply(next: LoadedConfig): void {
    const { found, options, log } = this.#parts;
    const { loaded, pool } = this.#serving;
    const { serving, change } = servingOf(next, pool, this.#servingParts());
    this.#serving = serving;
    this.#states.replace(statesOf(next, found), new Set(change.fresh));
    log.level = logLevel(options.mode, next);
    this.#treasury.reloaded(next);
    this.#weather.follow(next.config.policies.global);
    if (change.retired.length > 0) this.#retire(change.retired, callMsMax(loaded));
  }

  /** Providers that no new call can reach are closed when the calls that can are over. */
  #retire(providers: readonly RoutableProvider[], withinMs: number): void {
    const closing = this.#plane.exchanges
      .presentOver(withinMs)
      .then(() => Promise.all(providers.map(({ handle }) => handle.transport.close())))
      .then(() => undefined)
      .catch((err: unknown) => this.log.error({ err }, 'the sockets of a replaced provider could not be closed'))
      .finally(() => this.#retiring.delete(closing));
    this.#retiring.add(closing);
  }

  #readiness(): Readiness {
    const { store } = this.#parts;
    const state = store.state();
    const checks = {
      serving: this.#ready ? 'ok' : 'stopping',
      store: state.state === 'open' ? 'ok' : `${state.state}: ${state.reason}`,
      journal: store.journal.canAdmit() ? 'ok' : (store.journal.problem ?? 'no room'),
    };
    return { ready: Object.values(checks).every((check) => check === 'ok'), checks };
  }

  #makeKeyring(): Keyring {
    const { store, dataDir, random, clock } = this.#parts;
    return new Keyring({
      store: keyStore(store.database),
      peppers: loadPeppers(dataDir, random),
      random,
      ids: this.#ids,
      clock,
      tenant: TENANT,
      declared: () => this.#serving.keys,
      onChange: () => this.#authenticator.forget(),
    });
  }

  #makeTreasury(metrics: MoneyMetrics): Treasury {
    const { database } = this.#parts.store;
    const scopes = budgetScopes({
      tenant: TENANT,
      database,
      keys: () => this.#serving.keys,
      models: () => this.#models(),
    });
    return new Treasury({
      ...this.#parts,
      ...scopes,
      startedAt: this.#startedAt,
      tenant: TENANT,
      onAlert: ({ kind }) => metrics.alerted(kind),
    });
  }

  #makeLoad({ registry }: Metrics): LoadGuard {
    return new LoadGuard({
      ...this.#parts,
      registry,
      policy: () => this.#serving.loaded.config.policies.global.shed,
      inFlight: () => this.#plane.exchanges.running,
    });
  }

  #makePlane(recent: RecentCalls, metrics: Metrics): DataPlane {
    const { clock, random, dataDir, loaded, store, log, options } = this.#parts;
    const serving = () => this.#serving;
    const events = new GatewayEvents({
      journal: store.journal,
      recent,
      metrics,
      log,
      onAttempt: (provider, end, start) => {
        this.#states.attemptEnded(provider, end);
        if (end.outcome === 'ok' && end.costNanoUsd === undefined) this.#treasury.watch.unpriced(provider, start.model);
      },
      onDoubt: (provider, model, doubt) => this.#treasury.watch.badUsage(provider, model, doubt),
      ...(options.mode === 'dev' ? { onCall: (call: CallView) => this.#onCall(call) } : {}),
    });
    return dataPlane({
      random: this.#parts.random,
      weather: this.#weather,
      pingMs: () => this.#serving.loaded.config.policies.global.pingMs,
      clock,
      ids: this.#ids,
      dryRun: (call) => this.#dryCalls.answer(call),
      admit: (priority) => this.#load.admit(priority),
      holds: this.#treasury,
      tokens: this.#tokens,
      events,
      onPrompt(callId, body) {
        if (serving().loaded.config.log.prompts) events.promptSeen(callId, body);
      },
      authenticator: this.#authenticator,
      isAdmin: tokenCheck(loadAdminToken(dataDir, random)),
      get anonymous() {
        return serving().anonymous;
      },
      router: () => serving().router,
      models: () => this.#models(),
      versions: () => serving().versions,
      async findCall(callId, project) {
        const call =
          recent.get(callId) ??
          (await findCall({ database: store.database, journal: store.journal, clock }, callId, project));
        return call?.project === project ? call : undefined;
      },
      memory: responseMemory({
        database: store.database,
        clock,
        ids: this.#ids,
        retentionDays: () => serving().loaded.config.answerRetentionDays,
      }),
      tasks: taskDesk(store),
      limits: loaded.config.server,
      get allowedHosts() {
        return serving().allowedHosts;
      },
      get trustedProxies() {
        return serving().trustedProxies;
      },
      startedAt: this.#startedAt,
      ...this.#otherRoutes(metrics),
    });
  }

  /** Health is answered at every door; what is for who runs the gateway at one. */
  #otherRoutes({ registry }: Metrics): Pick<DataPlaneParts, 'otherRoutes' | 'adminDoor'> {
    const { server } = this.#parts.loaded.config;
    const health = healthRoutes(() => this.#readiness());
    const own = [
      metricsRoute(async () => ({ contentType: registry.contentType, text: await registry.metrics() })),
      ...this.#admin.routes(),
      ...pageRoutes(() => this.#desk),
    ];
    if (server.admin === undefined) return { otherRoutes: [...health, ...own, ...schemaRoutes()] };
    return {
      otherRoutes: [...health, ...schemaRoutes()],
      adminDoor: {
        routes: [...health, ...own],
        allowedHosts: allowedHosts({ ...server, host: server.admin.host }),
      },
    };
  }

  #models(): ListedModel[] {
    const { found, clock } = this.#parts;
    return modelList({ loaded: this.#serving.loaded, found, catalog: this.#catalog.get(), at: clock.now() });
  }

  #makeAdmin(recent: RecentCalls): AdminApi {
    const { clock, log, store, options } = this.#parts;
    return new AdminApi(() =>
      adminParts({
        clock,
        log,
        store,
        server: {
          version: manifest.version,
          mode: options.mode,
          startedAt: this.#startedAt,
          baseUrl: () => this.baseUrl,
          adminUrl: () => this.#doors.adminUrl,
        },
        config: this.#live,
        keyring: this.#keyring,
        treasury: this.#treasury,
        recent,
        states: this.#states,
        weather: this.#weather,
        dryCalls: this.#dryCalls,
        catalog: this.#catalog,
        serving: () => this.#serving,
        exchangesRunning: () => this.#plane.exchanges.running,
        models: () => this.#models(),
        bodies: () => this.#plane.bodies,
      }),
    );
  }

  #makeMetrics(): Metrics {
    const { store } = this.#parts;
    return new Metrics(manifest.version, {
      exchangesRunning: () => this.#plane.exchanges.running,
      bodyBytesInFlight: () => this.#plane.bodies.inFlightBytes,
      journalLagRecords: () => store.journal.lag().records,
      journalLagBytes: () => store.journal.lag().bytes,
      storeOpen: () => store.state().state === 'open',
    });
  }

  #onCall(call: CallView): void {
    if (this.#introduced) this.#parts.options.say(`  ${formatCallLine(call)}`);
  }

  #makeDesk(recent: RecentCalls): PageDesk {
    const { clock, log, store, options, dataDir, loaded } = this.#parts;
    const { port, admin } = loaded.config.server;
    const keyShell = options.mode === 'dev' ? `$(cat ${join(dataDir, 'dev.key')})` : undefined;
    const bearer = keyShell ?? '$LEEWARD_API_KEY';
    const startedAt = this.#startedAt;
    const self = this;
    return new PageDesk(
      {
        providers: () => this.#states.list(),
        targets: () => this.#weather.views(),
        calls: recent,
        alerts: () => this.#treasury.alerts.list(),
        usage: pageUsage(() => ({
          clock,
          store,
          journal: store.journal,
          warn: (err, what) => log.warn({ err }, what),
        })),
        server: {
          version: manifest.version,
          startedAt,
          mode: options.mode,
          store: () => `${store.place}, ${store.state().state}`,
          configVersion: () => this.#serving.loaded.version,
          configProblem: () => this.#live.state().lastError?.text,
          get baseUrl() {
            return self.baseUrl;
          },
        },
        get exampleCurl() {
          return `curl ${self.baseUrl}/v1/chat/completions -H "Authorization: Bearer ${bearer}" -H 'Content-Type: application/json' -d '{"model":"sim/sim-small","messages":[{"role":"user","content":"Say hello"}]}'`;
        },
        ...(keyShell === undefined ? {} : { keyShell }),
      },
      this.#sessions,
      clock,
      // Browsers share cookies between ports: two gateways on one machine want two names.
      { cookieName: `leeward_page_${admin?.port ?? port}` },
    );
  }
}

function tokenCheck(expected: string): (token: string | undefined) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const wanted = digest(expected);
  return (token) => token !== undefined && timingSafeEqual(digest(token), wanted);
}
