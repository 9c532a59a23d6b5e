import { stringify } from 'yaml';
import { systemClock } from '../../../src/kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from '../../../src/sim/server.ts';
import { Simulator } from '../../../src/sim/simulator.ts';
import { ServedGateway } from '../../e2e/served-gateway.ts';

/** By which models llmprobe asks, and so which lane its calls take. */
export const SUBJECTS: readonly { readonly title: string; readonly model: string; readonly translated: boolean }[] = [
  { title: 'both dialects natively', model: 'sim/sim-small', translated: false },
  { title: 'Messages translated into Chat Completions', model: 'chat/sim-small', translated: true },
  { title: 'Chat Completions translated into Messages', model: 'messages/sim-small', translated: true },
];

const SABOTAGE_PRELOAD = new URL('../../support/sabotage/preload.ts', import.meta.url).href;
const PRICE = { input_usd_per_million: '0.15', output_usd_per_million: '0.60' };

/** Leeward as it is served, over simulated providers that speak both dialects or one alone. */
export class House implements AsyncDisposable {
  readonly #upstream: ServedSimulator;
  readonly #gateway: ServedGateway;

  private constructor(upstream: ServedSimulator, gateway: ServedGateway) {
    this.#upstream = upstream;
    this.#gateway = gateway;
  }

  /** @param sabotage the fault that the gateway has */
  static async start(sabotage?: string): Promise<House> {
    const simulator = new Simulator({ seed: 1, clock: systemClock });
    const upstream = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
    const at = {
      base_url: `http://127.0.0.1:${upstream.port}/v1`,
      api_key: 'sk-upstream-0123456789',
      prices: { 'sim-small': PRICE },
    };
    const providers = {
      chat: { ...at, preset: 'openai-compatible' },
      messages: { ...at, preset: 'anthropic' },
    };
    try {
      const env =
        sabotage === undefined ? {} : { LEEWARD_SABOTAGE: sabotage, NODE_OPTIONS: `--import=${SABOTAGE_PRELOAD}` };
      return new House(upstream, await ServedGateway.start({ mode: 'dev', config: stringify({ providers }), env }));
    } catch (error) {
      await upstream.close();
      throw error;
    }
  }

  get baseUrl(): string {
    return this.#gateway.baseURL;
  }

  get key(): string {
    return this.#gateway.key;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#gateway[Symbol.asyncDispose]();
    } finally {
      await this.#upstream.close();
    }
  }
}
