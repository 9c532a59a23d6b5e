import type { House } from '../../harness/house.ts';
import { provider } from '../../harness/provider.ts';
import type { SharedRow } from '../../row.ts';
import { Scene } from './scene.ts';

/** What the house of these rows needs for one of them. */
export interface Place {
  /** By their names in the row, in the route's order unless that says otherwise: what `leeward.yaml` says of each. */
  readonly providers: Readonly<Record<string, Record<string, unknown>>>;
  /** Members of the route beside its targets. `{name}/…` is a provider of the row. */
  readonly route?: Readonly<Record<string, unknown>>;
  /** Providers that are no targets of the route. */
  readonly aside?: readonly string[];
}

interface WeatherCase {
  readonly row: number;
  readonly fault: string;
  readonly place: Place;
  readonly slow?: true;
  run(scene: Scene): Promise<void>;
}

const places = new Map<string, Place>();

/** A row about what routing makes of failing providers, with targets of its own. */
export function weatherRow(facts: WeatherCase, streamed: boolean): SharedRow {
  const name = `w${places.size}`;
  places.set(name, facts.place);
  const { row, fault, slow } = facts;
  return {
    house: 'weather',
    row,
    fault,
    streamed,
    ...(slow === undefined ? {} : { slow }),
    async run({ house }) {
      const scene = new Scene(house, name, streamed);
      await facts.run(scene);
      return scene.witness;
    },
  };
}

export function bothStreamed(facts: WeatherCase): SharedRow[] {
  return [weatherRow(facts, false), weatherRow(facts, true)];
}

/** Policies are as a gateway has them unless told, but for waits that would make a row long. */
const POLICIES = { backoff: { base: '60ms', max: '500ms' }, keep_alive: '1s', shed: 'off' };

/** `leeward.yaml` for the house of all these rows. */
export function weatherConfig(house: House): Record<string, unknown> {
  const providers: Record<string, unknown> = {};
  const routes: Record<string, unknown> = {};
  for (const [place, { providers: own, route = {}, aside = [] }] of places) {
    for (const [name, facts] of Object.entries(own)) {
      providers[`${place}-${name}`] = provider(`${house.raw.baseUrl}/${place}-${name}`, facts);
    }
    const names = Object.keys(own).filter((name) => !aside.includes(name));
    routes[place] = { targets: names.map((name) => `${place}-${name}/m`), ...named(route, place) };
  }
  return { policies: POLICIES, providers, routes };
}

/** `{big}/m` becomes the row's own provider. */
function named(value: Readonly<Record<string, unknown>>, place: string): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value).replaceAll(/\{([a-z]+)\}\//g, `${place}-$1/`)) as Record<string, unknown>;
}
