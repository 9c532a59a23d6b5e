import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askJson } from '../../../faults/harness/http-json.ts';
import { Program } from '../../../faults/harness/processes.ts';
import { comesTrue } from '../../../faults/harness/waiting.ts';
import { makeKey } from '../../../src/access/key-format.ts';
import { seededRandom } from '../../../src/kernel/random.ts';
import type { Dialect } from '../../../src/protocol/operation.ts';
import type { Tokens } from './agent.ts';

const ENDED_MS = 5_000;

/** One call as the gateway has it on record. */
export interface CallOnRecord {
  readonly dialect: string;
  readonly state: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly stream: boolean;
  readonly provider: string | null;
  readonly usage: {
    readonly input_tokens: number;
    readonly cached_input_tokens: number;
    readonly output_tokens: number;
  } | null;
  readonly attempts: readonly {
    readonly outcome: string;
    readonly usage_source: string;
    readonly error_message: string | null;
  }[];
}

/** What a house is to be like. */
export interface HouseOptions {
  readonly scratch: string;
  /** What the agent calls its model, which leads to the provider's. */
  readonly model: string;
  /** The only dialect that the provider speaks. */
  readonly over: Dialect;
  readonly simulated?: string | undefined;
  readonly sabotage?: string | undefined;
}

/** A served gateway in front of a provider that speaks one dialect alone: the simulator. */
export class House implements AsyncDisposable {
  readonly url: string;
  readonly key: string;
  readonly #sim: Program;
  readonly #gateway: Program;
  readonly #simUrl: string;
  readonly #adminToken: string;

  private constructor(parts: {
    sim: Program;
    gateway: Program;
    url: string;
    simUrl: string;
    key: string;
    adminToken: string;
  }) {
    this.#sim = parts.sim;
    this.#gateway = parts.gateway;
    this.#simUrl = parts.simUrl;
    this.#adminToken = parts.adminToken;
    this.url = parts.url;
    this.key = parts.key;
  }

  static async start({ scratch, model, over, simulated = 'sim-reasoner', sabotage }: HouseOptions): Promise<House> {
    const { program: sim, said } = await Program.start({
      name: 'leeward sim',
      args: ['bin/leeward.mjs', 'sim', '--port', '0'],
      ready: (line) => /http:\/\/[^\s/]+\/v1/.exec(line)?.[0],
    });
    const data = join(scratch, 'data');
    mkdirSync(data, { recursive: true });
    const key = makeKey(seededRandom(11));
    const config = join(scratch, 'leeward.yaml');
    writeFileSync(config, configText({ simUrl: said, over, model, simulated, key }));
    const hooks = sabotage === undefined ? [] : ['--import', './test/support/sabotage/preload.ts'];
    try {
      const { program: gateway, said: listening } = await Program.start({
        name: 'leeward serve',
        args: [...hooks, 'bin/leeward.mjs', 'serve', '--port', '0', '--data', data, '--config', config],
        env: { UP_KEY: 'sk-agents-0123456789', ...(sabotage === undefined ? {} : { LEEWARD_SABOTAGE: sabotage }) },
        ready: (line) => (line.includes('"leeward is listening"') ? line : undefined),
      });
      const { url } = JSON.parse(listening) as { url: string };
      const adminToken = readFileSync(join(data, 'admin-token'), 'utf8').trim();
      return new House({ sim, gateway, url, simUrl: said, key, adminToken });
    } catch (error) {
      await sim.stop();
      throw error;
    }
  }

  /** All calls so far, once none of them runs any more. */
  async calls(): Promise<readonly CallOnRecord[]> {
    let calls: readonly CallOnRecord[] = [];
    await comesTrue(async () => {
      const answer = await askJson(`${this.url}/admin/calls?limit=100`, { bearer: this.#adminToken });
      calls = answer['data'] as readonly CallOnRecord[];
      return calls.every(({ state }) => state === 'ended');
    }, ENDED_MS);
    return calls;
  }

  /** What the provider's own books say of all calls. */
  async sold(): Promise<Tokens> {
    const counts = await askJson(`${new URL(this.#simUrl).origin}/sim/counts`);
    const { promptTokens, cachedTokens, completionTokens } = counts;
    return { input: Number(promptTokens), cached: Number(cachedTokens), output: Number(completionTokens) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateway.stop(20_000);
    await this.#sim.stop();
  }
}

/** What the gateway's record says of the tokens of these calls. */
export function recordedTokens(calls: readonly CallOnRecord[]): Tokens {
  const sum = (of: (usage: NonNullable<CallOnRecord['usage']>) => number | null) =>
    calls.reduce((total, { usage }) => total + (usage === null ? 0 : (of(usage) ?? 0)), 0);
  return {
    input: sum((usage) => usage.input_tokens),
    cached: sum((usage) => usage.cached_input_tokens),
    output: sum((usage) => usage.output_tokens),
  };
}

interface ConfigFacts {
  readonly simUrl: string;
  readonly over: Dialect;
  readonly model: string;
  readonly simulated: string;
  readonly key: string;
}

function configText({ simUrl, over, model, simulated, key }: ConfigFacts): string {
  const hash = createHash('sha256').update(key).digest('hex');
  // Anthropic wants a header that only its own preset sends.
  const spoken = over === 'anthropic-messages' ? 'preset: anthropic' : `preset: openai-compatible, dialect: [${over}]`;
  return `providers:
  up: { ${spoken}, base_url: "${simUrl}", api_key: "\${env:UP_KEY}" }
aliases: { ${model}: up/${simulated} }
keys:
  agent: { key_hash: "sha256:${hash}" }
`;
}
