import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import { askServer } from '../ask-server.ts';
import { parsed } from '../call/chat-reader.ts';
import { send, textOf } from '../call/send.ts';
import { createdKey } from '../keyring.ts';

export const PROVIDERS = ['northwind', 'southwind'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

export interface StageOptions {
  readonly clock: Clock;
  /** How fast the simulated providers talk. */
  readonly firstTokenMs: number;
  readonly perTokenMs: number;
}

/** A real gateway in a temporary directory, two simulated providers on ports of their own, and a key. */
export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly key: string;
  /** Sets what a provider does wrong from now on, through its own endpoint; none is health. */
  setFaults(provider: ProviderName, faults: readonly unknown[]): Promise<void>;
}

/** Brings everything up; whatever fails, nothing stays behind. */
export async function openStage(options: StageOptions, signal: AbortSignal): Promise<Stage> {
  await using parts = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'leeward-demo-'));
  parts.defer(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  const urls = new Map<ProviderName, string>();
  for (const [index, name] of PROVIDERS.entries()) {
    const simulator = await serveProvider(index + 1, options);
    parts.defer(() => simulator.close());
    urls.set(name, `http://127.0.0.1:${simulator.port}`);
  }
  const configPath = join(directory, 'leeward.yaml');
  writeFileSync(configPath, configText(urls));
  signal.throwIfAborted();
  const { startGateway } = await import('../../compose.ts');
  const dataDir = join(directory, 'data');
  const gateway = await startGateway({
    mode: 'serve',
    host: '127.0.0.1',
    port: 0,
    dataDir,
    configPath,
    env: {},
    say: () => undefined,
  });
  parts.defer(() => gateway.stop());
  const url = gateway.baseUrl;
  const token = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim();
  const { key } = await askServer(
    { url, token },
    { schema: createdKey, method: 'POST', path: '/admin/keys', body: { name: 'demo' } },
    options.clock,
  );
  const open = parts.move();
  return {
    url,
    key,
    setFaults: (provider, faults) => setFaults(`${urls.get(provider)}/sim/faults`, faults, signal),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

async function serveProvider(seed: number, { clock, firstTokenMs, perTokenMs }: StageOptions) {
  const [{ Simulator }, { serveSimulator }, { SIM_MODELS }] = await Promise.all([
    import('../../sim/simulator.ts'),
    import('../../sim/server.ts'),
    import('../../sim/models.ts'),
  ]);
  const [model] = SIM_MODELS;
  if (model === undefined) throw new Error('the simulated provider has no models');
  const simulator = new Simulator({
    seed,
    clock,
    models: [{ ...model, id: 'story' }],
    latency: {
      firstToken: { kind: 'constant', ms: firstTokenMs },
      perToken: { kind: 'constant', ms: perTokenMs },
    },
  });
  return serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock });
}

function configText(urls: ReadonlyMap<ProviderName, string>): string {
  const prices = '{ story: { input_usd_per_million: "0.15", output_usd_per_million: "0.60" } }';
  return [
    'log: { level: silent }',
    'providers:',
    ...[...urls].map(
      ([name, url]) => `  ${name}: { preset: openai-compatible, base_url: "${url}/v1", prices: ${prices} }`,
    ),
    'routes:',
    `  writer: { targets: [${[...urls.keys()].map((name) => `${name}/story`).join(', ')}] }`,
    '',
  ].join('\n');
}

async function setFaults(url: string, faults: readonly unknown[], signal: AbortSignal): Promise<void> {
  const body = JSON.stringify(faults.map((fault) => ({ fault })));
  const answer = await send({ method: 'POST', url, key: 'demo', body, signal });
  z.object({ rules: z.array(z.unknown()).length(faults.length) }).parse(parsed(await textOf(answer)));
}
