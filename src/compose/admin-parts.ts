import type { Keyring } from '../access/keyring.ts';
import type { AdminParts, KeyShelf, ProviderFacts } from '../admin/admin-parts.ts';
import type { ConfigHandle } from '../config/config-state.ts';
import type { BodyReceiver } from '../edge/http/body.ts';
import type { ListedModel } from '../edge/http/listed-models.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../observability/log.ts';
import type { RecentCalls } from '../observability/recent-calls.ts';
import type { Weather } from '../routing/weather.ts';
import { keyById, listKeyPage } from '../store/key-queries.ts';
import type { Store } from '../store/store.ts';
import { correctionDesk } from './correction-desk.ts';
import type { DryCalls } from './dry-calls.ts';
import type { ModelCatalog } from './model-catalog.ts';
import { moneyDesk } from './money-desk.ts';
import { priceDesk } from './price-desk.ts';
import type { ProviderStates } from './provider-states.ts';
import type { Serving } from './serving.ts';
import type { Treasury } from './treasury.ts';

export interface AdminWiring {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly server: AdminParts['server'];
  readonly config: ConfigHandle;
  readonly keyring: Keyring;
  readonly treasury: Pick<Treasury, 'budgets' | 'books' | 'alerts' | 'ledger' | 'policy' | 'ratedBudgets'>;
  readonly recent: RecentCalls;
  readonly states: ProviderStates;
  readonly catalog: ModelCatalog;
  /** What routing knows of its targets. */
  readonly weather: Pick<Weather, 'views'>;
  readonly dryCalls: Pick<DryCalls, 'imagine'>;
  serving(): Serving;
  exchangesRunning(): number;
  models(): readonly ListedModel[];
  bodies(): BodyReceiver;
}

/** The gateway as the administrative API sees it. */
export function adminParts(wiring: AdminWiring): AdminParts {
  const { clock, log, store, server, config, keyring, recent, states, serving, exchangesRunning, models, bodies } =
    wiring;
  return {
    clock,
    server,
    store,
    journal: store.journal,
    config,
    exchangesRunning,
    providers: () => states.list().map((state) => providerFacts(state, serving())),
    imagine: (call) => wiring.dryCalls.imagine(call),
    targets: () => wiring.weather.views(),
    dialectsOf: (name) => [...(wiring.serving().pool.get(name)?.provider.handle.dialects ?? [])],
    routing: () => serving().loaded.config,
    models,
    keyring,
    money: moneyDesk(wiring.treasury, store.database),
    corrections: correctionDesk({
      database: store.database,
      ledger: wiring.treasury.ledger,
      books: wiring.treasury.books,
      policy: () => wiring.treasury.policy,
      ratedBudgets: () => wiring.treasury.ratedBudgets(),
      forget: (callId) => recent.forget(callId),
    }),
    prices: priceDesk(serving, wiring.catalog),
    keys: keyShelf(wiring),
    recentCall: (id) => recent.get(id),
    bodies,
    warn: (err, what) => log.warn({ err }, what),
  };
}

function providerFacts(state: ProviderFacts, { loaded }: Serving): ProviderFacts {
  return { ...state, origin: loaded.config.providers.get(state.name)?.origin ?? 'default' };
}

function keyShelf({ store, serving }: AdminWiring): KeyShelf {
  return {
    page: (page) => listKeyPage(store.database, page),
    declared: () => serving().keys.list(),
    byId: async (id) => serving().keys.byId(id) ?? (await keyById(store.database, id)),
  };
}
