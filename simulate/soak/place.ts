import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoAtExit } from '../../faults/harness/at-exit.ts';
import { askJson } from '../../faults/harness/http-json.ts';
import { Program } from '../../faults/harness/processes.ts';
import type { FaultRuleInput } from '../../src/sim/faults/rules.ts';

/** Seldom enough that the gateway serves nearly all, often enough that each has happened a thousand times in the end. */
const FAULTS: readonly FaultRuleInput[] = [
  { match: { probability: 0.02 }, fault: { kind: 'status', code: 500 } },
  { match: { probability: 0.005 }, fault: { kind: 'reset' } },
  { match: { probability: 0.005 }, fault: { kind: 'empty' } },
  { match: { probability: 0.003 }, fault: { kind: 'html', status: 502 } },
  { match: { probability: 0.003, stream: true }, fault: { kind: 'cut', afterEvents: 5 } },
  { match: { probability: 0.003, stream: true }, fault: { kind: 'no-usage' } },
  { match: { probability: 0.001 }, fault: { kind: 'stall' } },
  {
    match: { probability: 0.0005 },
    fault: { kind: 'status', code: 429, retryAfter: { ms: 500, as: 'milliseconds' } },
  },
];

/** A gateway and two providers at fault, each a process of its own, all policies on. */
export class SoakPlace implements AsyncDisposable {
  readonly gateway: Program;
  readonly url: string;
  readonly key: string;
  readonly dataDir: string;
  readonly #sims: readonly Program[];
  readonly #removeScratch: () => void;

  private constructor(parts: Pick<SoakPlace, 'gateway' | 'url' | 'key' | 'dataDir'> & PrivateParts) {
    this.gateway = parts.gateway;
    this.url = parts.url;
    this.key = parts.key;
    this.dataDir = parts.dataDir;
    this.#sims = parts.sims;
    this.#removeScratch = parts.removeScratch;
  }

  static async start(): Promise<SoakPlace> {
    const scratch = mkdtempSync(join(tmpdir(), 'leeward-soak-'));
    const removeScratch = undoAtExit(() => rmSync(scratch, { recursive: true, force: true }));
    const sims = await Promise.all([1, 2].map((seed) => startSim(seed)));
    const dataDir = join(scratch, 'data');
    mkdirSync(dataDir);
    const config = join(scratch, 'leeward.yaml');
    writeFileSync(config, JSON.stringify(configOf(sims.map(({ url }) => url))));
    const { program: gateway, said } = await Program.start({
      name: 'leeward serve',
      args: [
        '--expose-gc',
        '--import',
        './simulate/soak/gauge-hook.ts',
        'bin/leeward.mjs',
        'serve',
        '--port',
        '0',
        '--data',
        dataDir,
        '--config',
        config,
      ],
      ready: (line) => (line.includes('"leeward is listening"') ? line : undefined),
    });
    const { url } = JSON.parse(said) as { url: string };
    const bearer = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim();
    const made = await askJson(`${url}/admin/keys`, { bearer, body: { name: 'soak' } });
    if (typeof made['key'] !== 'string') throw new Error('POST /admin/keys gave no key');
    return new SoakPlace({
      gateway,
      url,
      key: made['key'],
      dataDir,
      sims: sims.map(({ program }) => program),
      removeScratch,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.stop();
    await Promise.all(this.#sims.map((sim) => sim.stop(3_000)));
    this.#removeScratch();
  }
}

interface PrivateParts {
  readonly sims: readonly Program[];
  readonly removeScratch: () => void;
}

async function startSim(seed: number): Promise<{ program: Program; url: string }> {
  const { program, said: url } = await Program.start({
    name: `leeward sim ${seed}`,
    args: ['bin/leeward.mjs', 'sim', '--port', '0'],
    ready: (line) => /^(http:\/\/.*)\/v1$/.exec(line)?.[1],
  });
  await askJson(`${url}/sim/faults`, { body: FAULTS });
  return { program, url };
}

function configOf(urls: readonly string[]): unknown {
  const price = { input_usd_per_million: '0.15', output_usd_per_million: '0.60' };
  const timeouts = { connect: '1s', first_byte: '3s', first_token: '3s', idle: '3s' };
  const providers = urls.map((url, index) => [
    `p${index + 1}`,
    {
      preset: 'openai-compatible',
      base_url: `${url}/v1`,
      api_key: 'sk-soak',
      on_client_gone: 'abort',
      timeouts,
      prices: { 'sim-small': price },
    },
  ]);
  return {
    providers: Object.fromEntries(providers),
    routes: { main: { targets: ['p1/sim-small', 'p2/sim-small'] } },
  };
}
