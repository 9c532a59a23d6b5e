import { readFileSync } from 'node:fs';

/** Files that Leeward comes with: by name, where each is. The first of a kind is the one that is used unless another is named. */
const SHIPPED = {
  traffic: { day: new URL('../../assets/forecast/traffic-day.yaml', import.meta.url) },
  weather: {
    'rough-day': new URL('../../assets/forecast/weather-rough-day.yaml', import.meta.url),
    calm: new URL('../../assets/forecast/weather-calm.yaml', import.meta.url),
  },
  latency: { latency: new URL('../../assets/forecast/latency.yaml', import.meta.url) },
} as const;

export type ShippedKind = keyof typeof SHIPPED;

export interface ShippedFile {
  readonly name: string;
  readonly text: string;
}

export function shippedNames(kind: ShippedKind): readonly string[] {
  return Object.keys(SHIPPED[kind]);
}

/** @param name default: the first of the kind; `undefined` when there is none of that name */
export function shippedFile(kind: ShippedKind, name?: string): ShippedFile | undefined {
  const [found] = Object.entries(SHIPPED[kind]).filter(([known]) => name === undefined || known === name);
  return found && { name: found[0], text: readFileSync(found[1], 'utf8') };
}
