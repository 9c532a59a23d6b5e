import { rmSync } from 'node:fs';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Program, ServedGateway, temporaryDir } from './served-gateway.ts';

/** Conversations that the gateway keeps, over providers of each dialect, with the gateway killed in their middle. */

/** Where the simulated provider serves each dialect, and who speaks nothing else. */
const PROVIDERS = {
  chat: { dialect: 'openai-chat', path: '/v1' },
  messages: { dialect: 'anthropic-messages', path: '/v1' },
  responses: { dialect: 'openai-responses', path: '/v1' },
  gemini: { dialect: 'gemini', path: '/v1beta' },
} as const;

let simulator: Program;
let simulatorUrl: string;
let dataDir: string;

beforeAll(async () => {
  dataDir = temporaryDir();
  simulator = new Program(['sim', '--port', '0']);
  const endMs = performance.now() + 20_000;
  while (!simulator.stdout.includes('\n')) {
    if (performance.now() > endMs) throw new Error(`the simulator does not start: ${simulator.stderr}`);
    await new Promise((done) => setTimeout(done, 20));
  }
  simulatorUrl = simulator.stdout.trim().replace(/\/v1$/, '');
}, 30_000);

afterAll(async () => {
  simulator.child.kill('SIGTERM');
  await simulator.ended;
  rmSync(dataDir, { recursive: true });
});

function configuration(): string {
  const providers = Object.entries(PROVIDERS).map(([name, { dialect, path }]) => [
    name,
    { preset: 'openai-compatible', base_url: `${simulatorUrl}${path}`, api_key: 'sk-sim', dialect },
  ]);
  return JSON.stringify({ providers: Object.fromEntries(providers) });
}

const sdk = ({ key, baseURL }: ServedGateway) => new OpenAI({ apiKey: key, baseURL, maxRetries: 0 });

/** One turn, streamed at every second one. */
async function turn(client: OpenAI, n: number, model: string, previous: string | undefined) {
  const asked = {
    model,
    input: `Turn ${n}: tell me more about the harbour.`,
    max_output_tokens: 60,
    ...(previous === undefined ? {} : { previous_response_id: previous }),
  };
  return n % 2 === 0 ? client.responses.stream(asked).finalResponse() : client.responses.create(asked);
}

test('five turns go on over each provider though the gateway is killed in between', { timeout: 60_000 }, async () => {
  const names = Object.keys(PROVIDERS);
  const last = new Map<string, { readonly id: string; readonly tokens: number }>();
  const go = async (gateway: ServedGateway, turns: readonly number[]) => {
    for (const n of turns) {
      for (const name of names) {
        const before = last.get(name);
        const answer = await turn(sdk(gateway), n, `${name}/sim-small`, before?.id);
        const tokens = answer.usage?.input_tokens ?? 0;
        expect(answer.output_text, `${name}, turn ${n}`).not.toBe('');
        expect(tokens, `${name}, turn ${n}: the provider reads all turns`).toBeGreaterThan((before?.tokens ?? 0) + 9);
        last.set(name, { id: answer.id, tokens });
      }
    }
  };
  const first = await ServedGateway.start({ config: configuration(), dataDir });
  await go(first, [1, 2, 3]);
  first.signal('SIGKILL');
  await first.program.ended;
  await using second = await ServedGateway.start({ config: configuration(), dataDir });
  await go(second, [4, 5]);
  for (const { id } of last.values()) {
    const kept = await sdk(second).responses.retrieve(id);
    expect(kept.status).toMatch(/^(?:completed|incomplete)$/);
  }
});

test('a conversation changes its provider at every turn', { timeout: 60_000 }, async () => {
  await using gateway = await ServedGateway.start({ config: configuration(), dataDir });
  let before: { readonly id: string; readonly tokens: number } | undefined;
  for (const [at, name] of ['chat', 'responses', 'messages', 'gemini', 'responses', 'chat'].entries()) {
    const answer = await turn(sdk(gateway), at + 1, `${name}/sim-small`, before?.id);
    const tokens = answer.usage?.input_tokens ?? 0;
    expect(tokens, `turn ${at + 1}, ${name}`).toBeGreaterThan((before?.tokens ?? 0) + 9);
    before = { id: answer.id, tokens };
  }
});
