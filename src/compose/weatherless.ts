import type { TargetPolicies } from '../protocol/policy.ts';
import { type TargetWeather, type TargetWeatherView, Weather, type WeatherPlace } from '../routing/weather.ts';

/** Knows nothing of how targets do: every call goes out, as from an application that calls a provider directly. */
export class Weatherless extends Weather {
  /** @returns a target that is never closed and never tried again */
  override of(place: WeatherPlace, policies?: TargetPolicies): TargetWeather {
    const known = super.of(place, policies);
    return {
      key: known.key,
      closure: () => undefined,
      begin: () => ({ firstToken: nothing, silentFor: nothing, heard: nothing, end: nothing }),
      mayRetry: () => false,
      firstTokenP50Ms: undefined,
      firstTokenP95Ms: undefined,
      view: () => known.view(),
    };
  }

  override views(): TargetWeatherView[] {
    return [];
  }
}

function nothing(): void {
  // Nobody wants to know.
}
