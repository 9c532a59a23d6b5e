import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, Scene, Tokens, ToldCall, ToldTurn, TurnOptions } from './agent.ts';
import { type Ended, runToItsEnd } from './programs.ts';

/** They begin conversations of their own, of which nobody knows when they end. */
const HARD_TO_FORETELL = ['Agent', 'Workflow', 'ScheduleWakeup', 'Monitor'];

/** Which models it may ask for by itself: all of them are the one that there is. */
const MODEL_VARIABLES = ['SMALL_FAST', 'DEFAULT_HAIKU', 'DEFAULT_SONNET', 'DEFAULT_OPUS'].map(
  (which) => `ANTHROPIC_${which}_MODEL`,
);

const FOUR_TOOLS: Omit<Scene, 'over' | 'title'> = {
  // They change nothing on this machine, whatever arguments a simulated model makes up.
  prompt: 'Create a task, and use Glob, Grep and Read on harbour.txt.',
  tools: ['Glob', 'Grep', 'Read', 'TaskCreate'],
};

/** Anthropic's, which is proprietary. */
export const CLAUDE: Agent = {
  name: 'Claude Code',
  package: '@anthropic-ai/claude-code@2',
  command: 'claude',
  dialect: 'anthropic-messages',
  model: 'claude-haiku-4-5',
  scenes: [
    { title: 'over Chat Completions, with four tools', over: 'openai-chat', ...FOUR_TOOLS },
    {
      title: 'over Chat Completions, with all its tools',
      over: 'openai-chat',
      prompt: 'Look around in the harbour.',
      tools: undefined,
    },
    { title: 'over Gemini, with four tools', over: 'gemini', ...FOUR_TOOLS },
    { title: 'over Responses, with four tools', over: 'openai-responses', ...FOUR_TOOLS },
  ],
  takeTurn,
};

async function takeTurn(options: TurnOptions): Promise<ToldTurn> {
  const home = join(options.scratch, 'home');
  const work = join(options.scratch, 'work');
  for (const folder of [home, work]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(work, 'harbour.txt'), 'Ships lie in the lee of the breakwater.\n');
  const env = {
    HOME: home,
    ANTHROPIC_BASE_URL: options.gatewayUrl,
    ANTHROPIC_API_KEY: options.key,
    ...Object.fromEntries(MODEL_VARIABLES.map((name) => [name, options.model])),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_AUTOUPDATER: '1',
  };
  return toldTurn(await runToItsEnd(options.program, turnArguments(options), { cwd: work, env }));
}

function turnArguments({ prompt, model, tools }: TurnOptions): string[] {
  return [
    ...['-p', prompt, '--model', model, '--output-format', 'stream-json', '--verbose'],
    ...(tools === undefined
      ? ['--disallowedTools', HARD_TO_FORETELL.join(',')]
      : ['--tools', tools.join(','), '--allowedTools', tools.join(',')]),
    ...['--no-session-persistence', '--strict-mcp-config'],
  ];
}

type Json = Record<string, unknown>;

/** Reads the lines that Claude Code tells of itself with `--output-format stream-json`. */
function toldTurn({ end, told, said }: Ended): ToldTurn {
  const toolCalls = new Map<string, ToldCall>();
  let thoughtChars = 0;
  for (const block of told.flatMap(blocksOf)) {
    if (block['type'] === 'thinking') thoughtChars += String(block['thinking']).length;
    if (block['type'] === 'tool_use') toolCalls.set(String(block['id']), { name: String(block['name']) });
    const call = toolCalls.get(String(block['tool_use_id']));
    if (block['type'] !== 'tool_result' || call === undefined) continue;
    call.isError = block['is_error'] === true;
    call.result = resultText(block['content']);
  }
  const result = told.findLast((line) => line['type'] === 'result') ?? {};
  return {
    succeeded: end === 0 && result['subtype'] === 'success' && result['is_error'] === false,
    text: typeof result['result'] === 'string' ? result['result'] : '',
    toolCalls,
    thoughtChars,
    tokens: tokensOf(result),
    said,
  };
}

function resultText(content: unknown): string {
  if (!Array.isArray(content)) return String(content ?? '');
  return (content as Json[]).map(({ text }) => text ?? '').join('\n');
}

/** A sub-agent's own lines are of another conversation. */
function blocksOf(line: Json): Json[] {
  if (typeof line['parent_tool_use_id'] === 'string') return [];
  const content = (line['message'] as Json | undefined)?.['content'];
  return Array.isArray(content) ? (content as Json[]) : [];
}

function tokensOf(result: Json): Tokens {
  const perModel = Object.values((result['modelUsage'] ?? {}) as Record<string, Json>);
  const sum = (name: string) => perModel.reduce((total, usage) => total + Number(usage[name] ?? 0), 0);
  const cached = sum('cacheReadInputTokens');
  return {
    input: sum('inputTokens') + cached + sum('cacheCreationInputTokens'),
    cached,
    output: sum('outputTokens'),
  };
}
