import { pause } from '../../../faults/harness/waiting.ts';
import { type Random, seededRandom } from '../../../src/kernel/random.ts';
import type { Told, Wish } from './caller.ts';
import type { House, MadeKey } from './house.ts';

export interface LoadOptions {
  readonly keys: readonly MadeKey[];
  readonly clients: number;
  readonly seed: number;
}

/** What the clients of one life of the gateway saw. `troubles` are answers that a healthy gateway must not give. */
export interface Seen {
  readonly told: Told[];
  readonly troubles: string[];
}

/** Answers that the faults of the provider, or a gateway that is coming up, may well lead to. */
const FINE = new Set([200, 402, 502, 503]);

/** Clients that call without pause until they are stopped, or the gateway dies under them. */
export class Load {
  readonly seen: Seen = { told: [], troubles: [] };
  readonly #house: House;
  readonly #options: LoadOptions;
  readonly #clients: Promise<void>[];
  #ending = false;
  #dying = false;

  constructor(house: House, options: LoadOptions) {
    this.#house = house;
    this.#options = options;
    this.#clients = Array.from({ length: options.clients }, (_, client) => this.#client(client));
  }

  /** From now on a broken connection is no news. */
  expectDeath(): void {
    this.#dying = true;
  }

  async stop(): Promise<Seen> {
    this.#ending = true;
    await Promise.all(this.#clients);
    return this.seen;
  }

  async #client(client: number): Promise<void> {
    const random = seededRandom(this.#options.seed * 1_000 + client);
    for (let n = 0; !this.#ending; n++) {
      const told = await this.#house.callers.call(wish(random, this.#options, `${client}-${n}`));
      this.seen.told.push(told);
      const fine = told.left || (told.broke === undefined && FINE.has(told.status));
      if (!fine && !this.#dying) this.seen.troubles.push(`${told.status} ${told.broke ?? told.text.slice(0, 160)}`);
      // Whoever is refused at once must not call at once again.
      if (told.status !== 200) await pause(20);
    }
  }
}

function wish(random: Random, { keys, seed }: LoadOptions, name: string): Wish {
  const stream = random.float() < 0.6;
  const draw = random.float();
  const model = draw < 0.2 ? 'route/pair' : draw < 0.3 ? 'up/sim-reasoner' : 'up/sim-small';
  return {
    key: keys[Math.floor(random.float() * keys.length)]?.key ?? '',
    body: {
      model,
      max_tokens: 16 + Math.floor(random.float() * 60),
      stream,
      messages: [{ role: 'user', content: `Life ${seed}, ${name}: what does the tide bring?` }],
    },
    ...(stream && random.float() < 0.05 ? { leaveAfterEvents: Math.floor(random.float() * 20) } : {}),
  };
}
