import { stringify } from 'yaml';
import { systemClock } from '../../../src/kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from '../../../src/sim/server.ts';
import { Simulator } from '../../../src/sim/simulator.ts';
import type { ProbedProvider } from '../../../tools/fidelity/explained-checks.ts';
import { ServedGateway } from '../../e2e/served-gateway.ts';

/** By which models llmprobe asks, and so which lane its calls take. */
export const SUBJECTS: readonly { readonly over: ProbedProvider; readonly model: string }[] = [
  { over: 'every dialect', model: 'sim/sim-small' },
  { over: 'Chat Completions', model: 'chat/sim-small' },
  { over: 'Messages', model: 'messages/sim-small' },
  { over: 'Responses', model: 'responses/sim-small' },
  { over: 'Gemini', model: 'gemini/sim-small' },
];

const SABOTAGE_PRELOAD = new URL('../../support/sabotage/preload.ts', import.meta.url).href;
const PRICE = { input_usd_per_million: '0.15', output_usd_per_million: '0.60' };

/** Leeward as it is served, over simulated providers that speak all dialects or one alone. */
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
    const base_url = `http://127.0.0.1:${upstream.port}/v1`;
    const common = { base_url, api_key: 'sk-upstream-0123456789', prices: { 'sim-small': PRICE } };
    const providers = {
      chat: { ...common, preset: 'openai-compatible' },
      messages: { ...common, preset: 'anthropic' },
      responses: { ...common, preset: 'openai', dialect: 'openai-responses' },
      gemini: { ...common, preset: 'gemini', base_url: `${base_url}beta` },
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
