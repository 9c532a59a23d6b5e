import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, Scene, Tokens, ToldCall, ToldTurn, TurnOptions } from './agent.ts';
import { HARBOUR, HARBOUR_PROMPT, HARBOUR_TOOLS } from './harbour-tools.ts';
import { type Ended, runToItsEnd } from './programs.ts';

const named = (tool: string) => `mcp_harbour_${tool}`;
const HARBOUR_SCENE: Omit<Scene, 'over' | 'title'> = { prompt: HARBOUR_PROMPT, tools: HARBOUR_TOOLS.map(named) };

/** Google's, under the Apache License 2.0. */
export const GEMINI_CLI: Agent = {
  name: 'Gemini CLI',
  package: '@google/gemini-cli@0.61',
  command: 'gemini',
  dialect: 'gemini',
  model: 'gemini-2.5-flash',
  scenes: [
    { title: 'over Chat Completions', over: 'openai-chat', ...HARBOUR_SCENE },
    { title: 'over Messages', over: 'anthropic-messages', ...HARBOUR_SCENE },
    // It asks for a temperature, which a model of OpenAI's that thinks refuses.
    { title: 'over Responses', over: 'openai-responses', simulated: 'sim-small', ...HARBOUR_SCENE },
  ],
  takeTurn,
};

async function takeTurn(options: TurnOptions): Promise<ToldTurn> {
  const home = join(options.scratch, 'home');
  const work = join(options.scratch, 'work');
  for (const folder of [join(home, '.gemini'), work]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(home, '.gemini', 'settings.json'), JSON.stringify(settingsFor(options)));
  const env = { HOME: home, GEMINI_API_KEY: options.key, GOOGLE_GEMINI_BASE_URL: options.gatewayUrl, NO_COLOR: '1' };
  const { model, prompt } = options;
  const args = ['-m', model, '--skip-trust', '--output-format', 'stream-json', '-p', prompt];
  return toldTurn(await runToItsEnd(options.program, args, { cwd: work, env }));
}

function settingsFor({ tools }: TurnOptions): object {
  return {
    security: { auth: { selectedType: 'gemini-api-key' } },
    general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    mcpServers: { harbour: { ...HARBOUR, trust: true } },
    ...(tools === undefined ? {} : { tools: { core: tools } }),
  };
}

type Json = Record<string, unknown>;

/** Reads the lines that Gemini CLI tells of itself with `--output-format stream-json`. It never shows thoughts. */
function toldTurn({ end, told, said }: Ended): ToldTurn {
  const toolCalls = new Map<string, ToldCall>();
  const texts: string[] = [];
  for (const line of told) {
    const id = String(line['tool_id']);
    if (line['type'] === 'message' && line['role'] === 'assistant') texts.push(String(line['content']));
    if (line['type'] === 'tool_use') toolCalls.set(id, { name: String(line['tool_name']) });
    const call = toolCalls.get(id);
    if (line['type'] !== 'tool_result' || call === undefined) continue;
    call.isError = line['status'] !== 'success';
    call.result = String(line['output'] ?? '');
  }
  const result = told.findLast((line) => line['type'] === 'result') ?? {};
  return {
    succeeded: end === 0 && result['status'] === 'success',
    text: texts.join(''),
    toolCalls,
    tokens: tokensOf((result['stats'] ?? {}) as Json),
    said,
  };
}

/** Its count of output leaves out the thoughts, which only its total has. */
function tokensOf({ input_tokens: input = 0, cached = 0, total_tokens: total = 0 }: Json): Tokens {
  return { input: Number(input), cached: Number(cached), output: Number(total) - Number(input) };
}
