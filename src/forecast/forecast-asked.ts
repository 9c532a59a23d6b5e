import type { Budget } from '../money/budget.ts';
import type { HouseMaker } from './setup.ts';
import type { TrafficFile } from './traffic-file.ts';
import type { LatencyProfile, WeatherFile } from './weather-file.ts';
import type { DayPart, ForecastTarget } from './weather-windows.ts';

/** What a forecast takes from a configuration. */
export interface ForecastSubject {
  /** All that calls may go to, alternatives and what a route falls back to included. */
  readonly targets: readonly ForecastTarget[];
  /** Called for in turn by traffic that names no model. */
  readonly models: readonly string[];
  /** Providers on machines of one's own. */
  readonly localProviders: ReadonlySet<string>;
  /** Whole ones, as the configuration has them. */
  readonly budgets: readonly Budget[];
  /** The organisation that all calls are made for. */
  readonly organisation: string;
  /** @param scale what the gateway's own counts must be made smaller by */
  house(scale: SampleScale): HouseMaker;
}

export interface ForecastAsked {
  readonly traffic: TrafficFile;
  readonly weather: WeatherFile;
  /** By name, the weather's own among them. */
  readonly profiles: ReadonlyMap<string, LatencyProfile>;
  /** A profile for a provider, whatever the weather says; under `*` for all. */
  readonly latency: ReadonlyMap<string, string>;
  readonly part: DayPart;
  /** Milliseconds since the epoch at which the day begins. */
  readonly midnightAt: number;
  readonly seed: number;
  /** About so many calls are simulated, at most all. */
  readonly sample: number;
}

/** How a part of the calls stands for all of them. */
export interface SampleScale {
  /** Each simulated call stands for so many, 1 for all. */
  readonly standsFor: number;
  /** Calls a second, on the average of those that are simulated. */
  readonly ratePerSecond: number;
}
