import { wrong } from './errors.ts';
import { Fields } from './fields.ts';

export type CacheTtl = '5m' | '1h';

const MARKERS_MAX = 4;

/** Collects a request's cache markers in the order in which the provider reads them: tools, system, messages. */
export class CacheMarkers {
  readonly #beta: boolean;
  readonly #ttls: CacheTtl[] = [];

  /** @param beta whether a beta was asked for, which may add fields that nobody here knows */
  constructor(beta: boolean) {
    this.#beta = beta;
  }

  /** The marker on an object, if there is one. @throws a refusal of a wrong one */
  read(fields: Fields): CacheTtl | undefined {
    const object = fields.object('cache_control');
    if (object === undefined) return undefined;
    const path = fields.path('cache_control');
    new Fields(object, path).tag(['ephemeral'] as const);
    const marker = new Fields(object, `${path}.ephemeral`).mayHave('type');
    const ttl = marker.oneOf('ttl', ['5m', '1h'] as const) ?? '5m';
    if (!this.#beta) marker.end();
    if (ttl === '1h' && this.#ttls.includes('5m')) {
      throw wrong(
        `${path}.ttl`,
        "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`.",
      );
    }
    this.#ttls.push(ttl);
    return ttl;
  }

  /** @throws a refusal when there are too many of them */
  end(): void {
    const found = this.#ttls.length;
    if (found > MARKERS_MAX) {
      throw wrong('', `A maximum of ${MARKERS_MAX} blocks with cache_control may be provided. Found ${found}.`);
    }
  }
}
