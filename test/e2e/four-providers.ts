import { stringify } from 'yaml';
import { systemClock } from '../../src/kernel/clock.ts';
import type { FaultRuleInput } from '../../src/sim/faults/rules.ts';
import { type ServedSimulator, serveSimulator } from '../../src/sim/server.ts';
import { Simulator } from '../../src/sim/simulator.ts';
import { NO_WEATHER } from '../support/no-weather.ts';
import { Tap } from '../support/tap.ts';
import { ServedGateway } from './served-gateway.ts';

/** A provider of each dialect that speaks nothing else, and under which name it gives away what it sealed. */
export const PROVIDERS = {
  chat: { preset: 'openai-compatible', dialect: 'openai-chat', path: '/v1', seals: undefined },
  gpt: { preset: 'openai', dialect: 'openai-responses', path: '/v1', seals: 'encrypted_content' },
  claude: { preset: 'anthropic', dialect: 'anthropic-messages', path: '/v1', seals: 'signature' },
  google: { preset: 'gemini', dialect: 'gemini', path: '/v1beta', seals: 'thoughtSignature' },
} as const;

export type ProviderName = keyof typeof PROVIDERS;
export const PROVIDER_NAMES = Object.keys(PROVIDERS) as ProviderName[];

interface Upstream {
  readonly simulator: Simulator;
  readonly served: ServedSimulator;
  readonly tap: Tap;
}

const PRICE = { input_usd_per_million: '0.15', output_usd_per_million: '0.60' };

/** A served gateway over four simulated providers, each with books and faults of its own, and a tap before it. */
export class FourProviders implements AsyncDisposable {
  readonly gateway: ServedGateway;
  readonly #upstreams: ReadonlyMap<ProviderName, Upstream>;

  private constructor(gateway: ServedGateway, upstreams: ReadonlyMap<ProviderName, Upstream>) {
    this.gateway = gateway;
    this.#upstreams = upstreams;
  }

  /** @param routes as `leeward.yaml` has them: targets by the route's name */
  static async start(routes: Readonly<Record<string, { readonly targets: readonly string[] }>> = {}) {
    const upstreams = new Map<ProviderName, Upstream>();
    const providers: Record<string, unknown> = {};
    for (const name of PROVIDER_NAMES) {
      const simulator = new Simulator({ seed: 7, clock: systemClock });
      const served = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
      const tap = await Tap.start(served.port);
      upstreams.set(name, { simulator, served, tap });
      const { preset, dialect, path } = PROVIDERS[name];
      const at = { base_url: `http://127.0.0.1:${tap.port}${path}`, api_key: 'sk-upstream-0123456789' };
      providers[name] = { preset, dialect, ...at, prices: { 'sim-small': PRICE, 'sim-reasoner': PRICE } };
    }
    const gateway = await ServedGateway.start({ config: stringify({ policies: NO_WEATHER, providers, routes }) });
    return new FourProviders(gateway, upstreams);
  }

  /** What the gateway and a provider say to each other. */
  tapOf(name: ProviderName): Tap {
    return this.#upstream(name).tap;
  }

  /** Instead of the faults that were set; none ends them. */
  setFaults(rules: readonly FaultRuleInput[], names: readonly ProviderName[] = PROVIDER_NAMES): void {
    for (const name of names) this.#upstream(name).simulator.setFaults([...rules]);
  }

  #upstream(name: ProviderName): Upstream {
    const found = this.#upstreams.get(name);
    if (found === undefined) throw new Error(`${name} has not been started`);
    return found;
  }

  /** @throws when a provider still has a call under way */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway[Symbol.asyncDispose]();
    for (const [name, { simulator, served, tap }] of this.#upstreams) {
      const { active } = simulator.counts();
      await tap[Symbol.asyncDispose]();
      await served.close();
      if (active > 0) throw new Error(`${name} still has ${active} calls under way`);
    }
  }
}
