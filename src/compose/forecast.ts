import type { LoadedConfig } from '../config/config.ts';
import { readDocument } from '../config/document-file.ts';
import { runSimulation } from '../forecast/engine.ts';
import type { ForecastAsked, ForecastSubject } from '../forecast/forecast-asked.ts';
import { type ForecastDocument, forecastDocument, OWN_TEXT, type SideRun } from '../forecast/forecast-document.ts';
import { prepareForecast } from '../forecast/forecast-setup.ts';
import { forecastPage } from '../forecast/page/page.ts';
import type { SimulationSetup } from '../forecast/setup.ts';
import { type ShippedFile, shippedFile } from '../forecast/shipped.ts';
import { TRAFFIC, type TrafficFile } from '../forecast/traffic-file.ts';
import { weatherKind } from '../forecast/weather-document.ts';
import type { LatencyProfile } from '../forecast/weather-file.ts';
import type { DayPart } from '../forecast/weather-windows.ts';
import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import { nearest } from '../kernel/nearest.ts';
import { declaredBudgets } from './declared-budgets.ts';
import { configuredHouse, loneHouse } from './forecast-house.ts';
import { modelsCalled, targetsOf, tiersOf } from './forecast-subject.ts';
import { ModelCatalog } from './model-catalog.ts';

export interface ForecastRequest {
  readonly loaded: LoadedConfig;
  /** Whose refreshed price list counts, when it has one. */
  readonly dataDir: string;
  readonly traffic: ShippedFile;
  readonly weather: ShippedFile;
  /** `provider=profile`, or a profile alone for all. */
  readonly latency: readonly string[];
  readonly part: DayPart;
  readonly seed: number;
  /** `Infinity`: all calls. */
  readonly sample: number;
  /** Hears the share that is done, 0 to 1. */
  onProgress(share: number): void;
  readonly signal?: AbortSignal;
}

export interface Forecast {
  readonly document: ForecastDocument;
  /** As a page that stands alone. */
  page(): string;
  /** One line each, of the files that were read. */
  readonly warnings: readonly string[];
}

const DAY_MS = 86_400_000;
/** The gateway's own run is the longer one: it has more to decide. */
const GATEWAY_SHARE = 0.6;

/**
 * Runs a configuration against traffic and weather, and the first target of
 * each of its routes alone against the same.
 *
 * @throws ConfigError for files that are none; `no_route` for traffic that the configuration cannot serve;
 *   `invalid_request` for a part, a profile or a day that is not there; the signal's reason
 */
export async function forecast(request: ForecastRequest, clock: Clock): Promise<Forecast> {
  const { loaded, dataDir, onProgress } = request;
  const traffic = readDocument(request.traffic.name, request.traffic.text, TRAFFIC);
  const catalog = new ModelCatalog(dataDir, () => undefined);
  const { asked, warnings } = askedOf(request, traffic.document, clock);
  const subject = subjectOf(loaded, traffic.document, catalog);
  const used = new Set(subject.targets.map(({ provider }) => provider));
  checkLatency(asked, used);
  const prepared = prepareForecast(subject, asked);
  const gateway = await run(prepared.setup, request, (share) => onProgress(share * GATEWAY_SHARE));
  const { budgets: _, ...unpaid } = prepared.setup;
  const bare = { ...unpaid, house: loneHouse(loaded, used, catalog) };
  const alone = await run(bare, request, (share) => onProgress(GATEWAY_SHARE + share * (1 - GATEWAY_SHARE)));
  onProgress(1);
  const document = forecastDocument({
    asked,
    prepared,
    gateway,
    alone,
    config: { path: loaded.path ?? null, version: loaded.version },
    notes: notesOf(loaded, subject),
    tierOf: tiersOf(loaded.config, catalog, clock),
  });
  return { document, page: () => forecastPage(document), warnings: [...traffic.warnings, ...warnings] };
}

function askedOf(
  { weather: file, latency, part, seed, sample }: ForecastRequest,
  traffic: TrafficFile,
  clock: Clock,
): { readonly asked: ForecastAsked; readonly warnings: readonly string[] } {
  const profiles = shippedProfiles();
  const { document: weather, warnings } = readDocument(file.name, file.text, weatherKind([...profiles.keys()]));
  if (part.day > weather.days) {
    throw new GatewayError('invalid_request', {
      message: `${file.name} tells of ${weather.days} day${weather.days === 1 ? '' : 's'}, there is no day ${part.day}; choose another with --day`,
    });
  }
  for (const [name, profile] of Object.entries(weather.profiles)) profiles.set(name, profile);
  const midnightAt = Math.floor(clock.now() / DAY_MS) * DAY_MS;
  const asked = { traffic, weather, profiles, latency: latencyOf(latency), part, midnightAt, seed, sample };
  return { asked, warnings };
}

function shippedProfiles(): Map<string, LatencyProfile> {
  const shipped = shippedFile('latency');
  if (shipped === undefined) throw new Error('the package has no latency profiles');
  return new Map(Object.entries(readDocument(shipped.name, shipped.text, weatherKind([])).document.profiles));
}

function latencyOf(said: readonly string[]): Map<string, string> {
  return new Map(
    said.map((one) => {
      const at = one.indexOf('=');
      return at < 0 ? ['*', one] : [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}

function checkLatency({ latency, profiles }: ForecastAsked, used: ReadonlySet<string>): void {
  for (const [provider, name] of latency) {
    if (!profiles.has(name)) throw unknown('latency profile', name, profiles.keys());
    if (provider !== '*' && !used.has(provider)) throw unknown('provider that the traffic reaches', provider, used);
  }
}

function unknown(kind: string, name: string, known: Iterable<string>): GatewayError {
  const names = [...known];
  const guess = nearest(name, names);
  const next = guess === undefined ? `there are ${names.join(', ')}` : `did you mean ${guess}?`;
  return new GatewayError('invalid_request', { message: `there is no ${kind} ${JSON.stringify(name)}; ${next}` });
}

const ORGANISATION = 'org_forecast';

function subjectOf(loaded: LoadedConfig, { calls }: TrafficFile, catalog: ModelCatalog): ForecastSubject {
  const { config } = loaded;
  const models = calls.some(({ model }) => model === undefined) ? modelsCalled(loaded) : [];
  const named = calls.flatMap(({ model }) => (model === undefined ? [] : [model]));
  const targets = targetsOf(config, [...models, ...named]);
  const used = new Set(targets.map(({ provider }) => provider));
  return {
    targets,
    models,
    localProviders: new Set([...config.providers.values()].filter(({ local }) => local).map(({ name }) => name)),
    budgets: declaredBudgets(loaded, ORGANISATION).filter(
      ({ scope, each, credit }) => scope.kind === 'organisation' && each === undefined && !credit,
    ),
    organisation: ORGANISATION,
    house: (scale) => configuredHouse(loaded, used, { catalog, scale }),
  };
}

function notesOf({ config }: LoadedConfig, { budgets }: ForecastSubject): readonly string[] {
  const others = config.budgets.size - budgets.length;
  const notes = budgets.length === 0 ? [] : ['Budgets begin their windows with nothing spent.'];
  if (others === 0) return notes;
  return [...notes, `${others} of the budgets are for projects, keys, each user or prepaid, and were left out.`];
}

/** One run, with a count of who answered in each slice of it. */
async function run(
  setup: SimulationSetup,
  { signal }: Pick<ForecastRequest, 'signal'>,
  onProgress: (share: number) => void,
): Promise<SideRun> {
  const answeredBy: Record<string, number>[] = [];
  const report = await runSimulation({
    ...setup,
    ...(signal === undefined ? {} : { signal }),
    onProgress: (virtualMs) => onProgress(Math.min(1, virtualMs / setup.durationMs)),
    onCall({ arrivedMs, end, target }) {
      if (end !== 'ok' && end !== 'degraded') return;
      const name = target ?? OWN_TEXT;
      const slice = Math.floor(arrivedMs / setup.sliceMs);
      const counts = answeredBy[slice] ?? {};
      counts[name] = (counts[name] ?? 0) + 1;
      answeredBy[slice] = counts;
    },
  });
  return { report, answeredBy };
}
