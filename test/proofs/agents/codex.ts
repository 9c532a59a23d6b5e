import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, Scene, ToldCall, ToldTurn, TurnOptions } from './agent.ts';
import { HARBOUR, HARBOUR_PROMPT, HARBOUR_TOOLS } from './harbour-tools.ts';
import { type Ended, runToItsEnd } from './programs.ts';

const HARBOUR_SCENE: Omit<Scene, 'over' | 'title'> = { prompt: HARBOUR_PROMPT, tools: HARBOUR_TOOLS };

/** OpenAI's, under the Apache License 2.0. Its own tools run commands; it is given some that only answer. */
export const CODEX: Agent = {
  name: 'Codex',
  package: '@openai/codex@0.169',
  command: 'codex',
  dialect: 'openai-responses',
  model: 'gpt-5',
  scenes: [
    { title: 'over Messages', over: 'anthropic-messages', ...HARBOUR_SCENE },
    { title: 'over Gemini', over: 'gemini', ...HARBOUR_SCENE },
    { title: 'over Chat Completions', over: 'openai-chat', ...HARBOUR_SCENE },
  ],
  takeTurn,
};

async function takeTurn(options: TurnOptions): Promise<ToldTurn> {
  const home = join(options.scratch, 'home');
  const work = join(options.scratch, 'work');
  for (const folder of [home, work]) mkdirSync(folder, { recursive: true });
  const env = { HOME: home, CODEX_HOME: home, LEEWARD_KEY: options.key };
  return toldTurn(await runToItsEnd(options.program, turnArguments(options), { cwd: work, env }));
}

function turnArguments({ gatewayUrl, model, prompt }: TurnOptions): string[] {
  const provider = { name: 'Leeward', base_url: `${gatewayUrl}/v1`, env_key: 'LEEWARD_KEY', wire_api: 'responses' };
  const settings = {
    model_provider: 'leeward',
    'model_providers.leeward': provider,
    'mcp_servers.harbour': { ...HARBOUR, default_tools_approval_mode: 'approve' },
    model_reasoning_effort: 'high',
    model_reasoning_summary: 'detailed',
    // They begin conversations of their own, of which nobody knows when they end.
    'features.multi_agent': false,
    'features.goals': false,
  };
  return [
    ...['exec', '--json', '--skip-git-repo-check', '--sandbox', 'read-only', '--model', model],
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${toml(value)}`]),
    prompt,
  ];
}

/** Inline, as an argument has it. */
function toml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toml).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${name}=${toml(member)}`);
  return `{${members.join(',')}}`;
}

type Json = Record<string, unknown>;

/** Reads the lines that Codex tells of itself with `--json`. */
function toldTurn({ end, told, said }: Ended): ToldTurn {
  const items = told.flatMap((line) => (line['type'] === 'item.completed' ? [line['item'] as Json] : []));
  const texts = (type: string) => items.filter((item) => item['type'] === type).map(({ text }) => String(text));
  const usage = (told.findLast((line) => line['type'] === 'turn.completed')?.['usage'] ?? {}) as Json;
  const calls = items.filter((item) => item['type'] === 'mcp_tool_call');
  return {
    succeeded: end === 0 && usage['output_tokens'] !== undefined,
    text: texts('agent_message').join('\n'),
    toolCalls: new Map(calls.map((item) => [String(item['id']), toldCall(item)])),
    thoughtChars: texts('reasoning').join('').length,
    tokens: {
      input: Number(usage['input_tokens'] ?? 0),
      cached: Number(usage['cached_input_tokens'] ?? 0),
      output: Number(usage['output_tokens'] ?? 0),
    },
    said,
  };
}

function toldCall({ tool, result, error, status }: Json): ToldCall {
  const content = (result as { content?: Json[] } | null)?.content?.map(({ text }) => text ?? '').join('\n');
  const text = content ?? (error as { message?: string } | null)?.message;
  return {
    name: String(tool),
    isError: status !== 'completed',
    ...(text === undefined ? {} : { result: text }),
  };
}
